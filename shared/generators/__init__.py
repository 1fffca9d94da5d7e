"""What a generator is: the seam between Darkroom and whoever makes media.

Built-in generators live in services/generator/generators; others are installed as plug-ins under
the entry-point group `darkroom.generators`.
"""

from shared.generators.asset import AssetFile, Role
from shared.generators.bill import Bill
from shared.generators.context import GeneratorContext
from shared.generators.generator import Execution, Generator, Limits
from shared.generators.inputs import AssetId, InputFile
from shared.generators.providers import InMemoryProviderJobs, ProviderJob, ProviderJobs

__all__ = [
    "AssetFile",
    "AssetId",
    "Bill",
    "Execution",
    "Generator",
    "GeneratorContext",
    "InMemoryProviderJobs",
    "InputFile",
    "Limits",
    "ProviderJob",
    "ProviderJobs",
    "Role",
]
