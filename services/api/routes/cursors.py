"""Opaque cursors: where the last page ended."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from services.api.service.specification import invalid
from shared.errors import FieldError, InvalidInputError


def cursor_of_id(job_id: UUID) -> str:
    """The cursor behind a job."""
    return urlsafe_b64encode(job_id.bytes).decode().rstrip("=")


def id_of_cursor(cursor: str | None) -> UUID | None:
    """The job that a cursor is behind. Raises `InvalidInputError`."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=_decoded(cursor))
    except ValueError as error:
        raise _not_ours() from error


def cursor_of_seq(seq: int) -> str:
    """The cursor behind a row of a numbered table."""
    return urlsafe_b64encode(seq.to_bytes(8, "big")).decode().rstrip("=")


def seq_of_cursor(cursor: str | None) -> int | None:
    """The row that a cursor is behind. Raises `InvalidInputError`."""
    if cursor is None:
        return None
    try:
        raw = _decoded(cursor)
    except ValueError as error:
        raise _not_ours() from error
    if len(raw) != 8 or raw[0] > 127:
        raise _not_ours()
    return int.from_bytes(raw, "big")


def _decoded(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _not_ours() -> InvalidInputError:
    return invalid([FieldError("/query/cursor", "not a cursor: pass on `next_cursor` unchanged")])
