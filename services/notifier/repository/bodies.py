"""Events as rows keep them."""

from shared.database.jsonb import without_nul


def storable(body: bytes) -> bytes:
    """The encoded event with U+FFFD for U+0000, which neither text nor jsonb can hold.

    What is kept is what is said, and a wish that was kept can be carried out.
    """
    return without_nul(body.decode()).encode() if b"\\u0000" in body else body
