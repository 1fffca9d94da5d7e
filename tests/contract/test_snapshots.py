"""The committed snapshots say what the code does."""

import pytest

from shared.contracts import schema_file_name
from shared.events import CATALOG
from tests.contract.snapshots import SCHEMAS, Snapshot, snapshots


@pytest.mark.parametrize("snapshot", list(snapshots()), ids=lambda snapshot: snapshot.name)
def test_the_snapshot_is_current(snapshot: Snapshot) -> None:
    assert snapshot.is_current(), "run `make contracts` and review the difference"


def test_a_type_that_was_published_stays() -> None:
    known = {schema_file_name(message) for message in CATALOG.values()} | {"cloudevent.json"}
    assert {path.name for path in SCHEMAS.glob("*.json")} <= known
