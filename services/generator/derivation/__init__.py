"""What is made of every visual result by itself: a thumbnail, and what to show before it.

Results come from plug-ins and providers too, so they are a stranger's bytes: everything here runs
in child processes only. Neighbours: runtime/ calls it after a generator; the generator `rendition`
opens its sources with the same care. Nothing heavy is imported before there is something to do.
"""

from services.generator.derivation.deriving import LARGEST, MOST_FILES, derive, without_thumbnail
from services.generator.derivation.visuals import any_visual

__all__ = ["LARGEST", "MOST_FILES", "any_visual", "derive", "without_thumbnail"]
