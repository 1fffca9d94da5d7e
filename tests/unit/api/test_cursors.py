"""Cursors lead back to where they were made; anything else is refused politely."""

import pytest

from services.api.routes.cursors import cursor_of_id, cursor_of_seq, id_of_cursor, seq_of_cursor
from shared.clock import uuid7
from shared.errors import InvalidInputError


def test_cursors_lead_back() -> None:
    job_id = uuid7()

    assert id_of_cursor(cursor_of_id(job_id)) == job_id
    assert seq_of_cursor(cursor_of_seq(4711)) == 4711
    assert id_of_cursor(None) is None
    assert seq_of_cursor(None) is None


@pytest.mark.parametrize("cursor", ["", "a", "abc", "ü", "🎴", "=" * 9, "A" * 21, "gAAAAAAAAAA"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    for read in (id_of_cursor, seq_of_cursor):
        with pytest.raises(InvalidInputError):
            read(cursor)
