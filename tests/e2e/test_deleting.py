"""What is deleted is erased by every service that had a part of it."""

import httpx

from deploy.local.stack import StackInfo
from shared.testing import eventually_sync
from tests.backends.databases import query

SECRET = "Nobody shall read this any more"
PLACES = {
    "api": ("SELECT input::text FROM job", "SELECT body FROM job_event"),
    "generator": ("SELECT input::text FROM job", "SELECT request::text FROM job"),
    "notifier": ("SELECT body FROM verdict",),
}


def kept(info: StackInfo) -> list[str]:
    """Where the secret can be read."""
    return [
        f"{service}: {statement}"
        for service, statements in PLACES.items()
        for statement in statements
        for row in query(info.databases[service], statement)
        if SECRET in str([*row.values()])
    ]


def test_what_is_deleted_is_erased_everywhere(info: StackInfo, http: httpx.Client) -> None:
    ask = {"generator": "card", "input": {"title": SECRET}, "metadata": {"note": SECRET}}
    job = http.post("/v1/media", json=ask, headers={"Prefer": "wait=30"}).json()
    assert job["status"] == "ready", job
    eventually_sync(lambda: _is_in_all_places(info))

    deleted = http.delete(job["urls"]["self"])

    assert deleted.status_code == 204, deleted.text
    assert http.get(job["urls"]["self"]).json()["reason"] == "requested"
    assert http.get(job["urls"]["content"]).status_code == 410
    eventually_sync(lambda: _is_nowhere(info))
    assets = "SELECT count(*) AS n FROM asset WHERE job_id = '{}'".format(job["id"])
    assert query(info.databases["generator"], assets)[0]["n"] == 0


def test_a_store_in_use_has_no_garbage(http: httpx.Client) -> None:
    found = http.post("/v1/store/collect", params={"dry_run": True})

    assert found.status_code == 200, found.text
    assert found.json()["garbage_objects"] == 0


def _is_in_all_places(info: StackInfo) -> None:
    assert {place.split(":")[0] for place in kept(info)} == set(PLACES)


def _is_nowhere(info: StackInfo) -> None:
    assert kept(info) == []
