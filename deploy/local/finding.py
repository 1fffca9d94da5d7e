"""What `doctor` and its neighbours find."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing looked at; ``remedy`` says how to get what is missing.

    ``off``: it is not there, and nothing else needs it.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    off: bool = False

    @property
    def word(self) -> str:
        return "off" if self.off else "ok" if self.ok else "MISSING"
