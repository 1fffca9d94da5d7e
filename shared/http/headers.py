"""What headers may hold that a client chooses freely: keys, and ids to be known by."""

import re
from typing import Final

PLAIN: Final = "has to be 1 to 255 printable ASCII characters"
"""What is said of values that are not."""

_PLAIN: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


def is_plain(value: str) -> bool:
    """Whether it keeps to `PLAIN`, without spaces around it."""
    return _PLAIN.fullmatch(value) is not None
