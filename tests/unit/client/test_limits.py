"""Limits through the client."""

from pathlib import Path

from shared.client import DarkroomClient, Rate, SyncDarkroomClient
from tests.unit.client.fake_api import FakeApi


async def test_limits_are_shown_changed_and_reset(api: FakeApi, darkroom: DarkroomClient) -> None:
    own = await darkroom.limits.get()
    changed = await darkroom.limits.change(
        "shop", jobs=Rate.parse("5/10s"), uploads=7, streams=None
    )
    tenants = await darkroom.limits.tenants()

    assert own.jobs is not None
    assert (own.tenant, str(own.jobs.rate), own.jobs.left) == ("default", "600/minute", 600)
    assert (own.requests, own.uploads.limit, own.upload_bytes.used) == (None, None, 2_048)
    assert changed.said == {"jobs": Rate(5, 10), "uploads": 7, "streams": None}
    assert tenants == ("shop",)
    await darkroom.limits.reset("shop")
    assert (await darkroom.limits.get("shop")).said == {}
    assert not api.limits.said


def test_the_same_without_an_event_loop(api: FakeApi) -> None:
    with SyncDarkroomClient("http://api.test", transport=api.transport) as darkroom:
        assert darkroom.limits.change("a.b", requests=None).said == {"requests": None}
        assert darkroom.limits.get().exceptions == ()
        assert darkroom.limits.tenants() == ("a.b",)


async def test_an_upload_has_a_key(api: FakeApi, darkroom: DarkroomClient, tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("a,b\n")

    await darkroom.upload(path, idempotency_key="k")
    await darkroom.upload(path)

    assert api.keys[0] == "k"
    assert len(api.keys[1]) == 36
