"""Where jobs wait: whose they are, for which generator, in which lane."""

from typing import NamedTuple


class Place(NamedTuple):
    """What fair share is about: one tenant's part of one generator's queue in one lane."""

    tenant: str
    generator: str
    lane: str

    @property
    def queue(self) -> tuple[str, str]:
        """What it has in common with the other tenants."""
        return self.generator, self.lane


class Waiting(NamedTuple):
    """How many jobs wait in a place, and how many of them in the overflow."""

    jobs: int
    overflow: int = 0


class Missing(NamedTuple):
    """So many jobs of a place should come out of the overflow now; 0: it may go on as it is."""

    place: Place
    jobs: int
