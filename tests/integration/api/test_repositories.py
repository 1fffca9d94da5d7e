"""What every implementation of the api's database promises: the one in memory, and Postgres."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.api.errors import MediaRequestNotFoundError, UploadNotFoundError
from services.api.models import (
    EarlierUse,
    Job,
    JobFilter,
    Json,
    KeyUse,
    NewRequest,
    Status,
    Upload,
)
from services.api.repository.projection import LoggedEvent
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.events import Action
from tests.unit.api.builders import (
    a_job,
    a_new_request,
    an_announced_generator,
)

NOW = datetime.now(UTC)
SOON = NOW + timedelta(days=1)


async def accept(unit_of_work: OpenUnitOfWork, *requests: NewRequest) -> set[UUID]:
    async with unit_of_work() as work:
        return await work.acceptance.add(requests)


async def stored(unit_of_work: OpenUnitOfWork, **changes: Any) -> Job:
    request = a_new_request(created_at=NOW, updated_at=NOW, **changes)
    await accept(unit_of_work, request)
    return request.job


async def changed(unit_of_work: OpenUnitOfWork, *jobs: Job) -> None:
    async with unit_of_work() as work:
        await work.projection.lock([job.id for job in jobs])
        await work.projection.update(jobs)


async def test_an_accepted_job_comes_back_as_it_was(unit_of_work: OpenUnitOfWork) -> None:
    job = await stored(
        unit_of_work,
        input={"title": "Ünïcödé 🎴", "n": [1, 2.5, None, True]},
        metadata={"a": {"b": "c"}},
        webhook={"url": "https://a.example", "events": None},
        deadline_at=SOON,
        attempt_timeout_seconds=30,
        total_timeout_seconds=600,
        finish_by=SOON,
        expires_in=60,
        retried_from=uuid7(),
    )

    async with unit_of_work() as work:
        assert await work.jobs.get(job.tenant, job.id) == job


async def test_others_jobs_are_not_there(unit_of_work: OpenUnitOfWork) -> None:
    job = await stored(unit_of_work, tenant="acme")

    async with unit_of_work() as work:
        assert await work.jobs.find("default", job.id) is None
        with pytest.raises(MediaRequestNotFoundError):
            await work.jobs.get("default", job.id)


async def test_a_key_is_used_once(unit_of_work: OpenUnitOfWork) -> None:
    first = a_new_request("k", "one", SOON)
    second = a_new_request("k", "two", SOON)
    keyless, elsewhere = a_new_request(), a_new_request("k", "three", SOON, tenant="acme")

    assert await accept(unit_of_work, first) == {first.job.id}
    assert await accept(unit_of_work, second, keyless, elsewhere) == {
        keyless.job.id,
        elsewhere.job.id,
    }
    async with unit_of_work() as work:
        earlier = await work.acceptance.find_earlier([("default", "k"), ("default", "other")])
        assert await work.jobs.find("default", second.job.id) is None
    assert earlier.keys() == {("default", "k")}
    assert earlier["default", "k"].fingerprint == "one"
    assert earlier["default", "k"].job == first.job


async def test_a_key_can_be_remembered_for_a_job_that_is_there(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await stored(unit_of_work)
    over = NOW - timedelta(seconds=1)

    async with unit_of_work() as work:
        for key, expires_at in (("k", over), ("k", SOON), ("l", over)):
            await work.acceptance.remember(job, KeyUse(key, "", expires_at))

    async with unit_of_work() as work:
        known = await work.acceptance.find_earlier([("default", "k"), ("default", "l")])
    assert known == {("default", "k"): EarlierUse("", job)}


async def test_an_expired_key_tells_nothing(unit_of_work: OpenUnitOfWork) -> None:
    await accept(unit_of_work, a_new_request("k", "one", NOW - timedelta(seconds=1)))

    async with unit_of_work() as work:
        assert await work.acceptance.find_earlier([("default", "k")]) == {}


async def test_an_expired_key_is_free_again(unit_of_work: OpenUnitOfWork) -> None:
    old = a_new_request("k", "one", NOW - timedelta(seconds=1))
    new = a_new_request("k", "two", SOON)

    await accept(unit_of_work, old)

    assert await accept(unit_of_work, new) == {new.job.id}


async def test_expired_keys_are_forgotten(unit_of_work: OpenUnitOfWork) -> None:
    await accept(unit_of_work, a_new_request("k", "one", NOW - timedelta(seconds=1)))
    await accept(unit_of_work, a_new_request("l", "two", SOON))

    async with unit_of_work() as work:
        assert await work.acceptance.forget_expired() == 1
        assert (await work.acceptance.find_earlier([("default", "l")])).keys() == {("default", "l")}


async def test_a_failed_unit_of_work_leaves_nothing(unit_of_work: OpenUnitOfWork) -> None:
    request = a_new_request("k", "one", SOON)

    async def write_and_fail() -> None:
        async with unit_of_work() as work:
            await work.acceptance.add([request])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()

    assert await accept(unit_of_work, request) == {request.job.id}


async def test_a_changed_job_comes_back_changed(unit_of_work: OpenUnitOfWork) -> None:
    job = await stored(unit_of_work)
    attempt: Json = {"number": 1, "failure": {"message": "it broke"}}
    new = a_job(
        id=job.id,
        created_at=NOW,
        status=Status.FAILED,
        version=1_000_000_000,
        updated_at=SOON,
        started_at=NOW,
        finished_at=SOON,
        attempts=(attempt,),
        assets=({"sha256": "ab" * 32},),
        failure={"code": "failed"},
    )

    await changed(unit_of_work, new)

    async with unit_of_work() as work:
        assert await work.jobs.get("default", job.id) == new


async def test_only_jobs_that_exist_are_locked(unit_of_work: OpenUnitOfWork) -> None:
    job = await stored(unit_of_work)

    async with unit_of_work() as work:
        assert await work.projection.lock([uuid7(), job.id]) == {job.id: job}
        await work.projection.update([])
        await work.projection.log([])


async def test_an_event_is_logged_once(unit_of_work: OpenUnitOfWork) -> None:
    line = LoggedEvent("e-1", uuid7(), "default", "darkroom.media.ready.v1", 1, NOW, '{"a":1}')

    for _ in range(2):
        async with unit_of_work() as work:
            await work.projection.log([line, line])


async def test_jobs_are_listed_newest_first_in_pages(unit_of_work: OpenUnitOfWork) -> None:
    jobs = [await stored(unit_of_work) for _ in range(3)]
    await stored(unit_of_work, tenant="acme")

    async with unit_of_work() as work:
        first = await work.jobs.list_by_tenant(JobFilter("default", 2))
        rest = await work.jobs.list_by_tenant(JobFilter("default", 2, before=first[-1].id))

    assert [job.id for job in first + rest] == [job.id for job in reversed(jobs)]


async def test_jobs_are_filtered(unit_of_work: OpenUnitOfWork) -> None:
    card = await stored(unit_of_work)
    art = await stored(unit_of_work, generator="art")
    await changed(unit_of_work, a_job(id=art.id, generator="art", status=Status.READY))

    async def listed(**filters: Any) -> list[UUID]:
        async with unit_of_work() as work:
            return [
                job.id for job in await work.jobs.list_by_tenant(JobFilter("default", 9, **filters))
            ]

    assert await listed(status=(Status.READY,)) == [art.id]
    assert await listed(status=(Status.READY, Status.QUEUED)) == [art.id, card.id]
    assert await listed(generator=("card",)) == [card.id]
    assert await listed(generator=("card", "art", "none")) == [art.id, card.id]
    assert await listed(oldest_first=True) == [card.id, art.id]
    assert await listed(oldest_first=True, after=card.id) == [art.id]
    just_before = NOW - timedelta(seconds=1)
    assert await listed(created_after=just_before, generator=("card",)) == [card.id]
    assert await listed(created_after=NOW) == []
    assert await listed(created_before=SOON, status=(Status.QUEUED,)) == [card.id]


async def test_jobs_are_found_by_their_metadata(unit_of_work: OpenUnitOfWork) -> None:
    metadata = {"order": 7, "who": "ümläut", "paid": True, "": "nameless"}
    job = await stored(unit_of_work, metadata=metadata)
    await stored(unit_of_work, metadata={"order": 8, "who": "ümläut"})
    await stored(unit_of_work)

    async def found(**metadata: str) -> int:
        async with unit_of_work() as work:
            jobs = await work.jobs.list_by_tenant(JobFilter("default", 9, metadata=metadata))
        return len(jobs) if job.id in {one.id for one in jobs} else -len(jobs)

    assert await found(order="7") == 1
    assert await found(who="ümläut") == 2
    assert await found(who="ümläut", order="7", paid="true") == 1
    assert await found(who="ümläut", order="8") == -1
    assert await found(missing="7") == 0


async def test_the_place_in_the_queue_counts_older_jobs_of_the_same_queue(
    unit_of_work: OpenUnitOfWork,
) -> None:
    ready, *_ = [await stored(unit_of_work) for _ in range(3)]
    await stored(unit_of_work, lane="batch")
    last = await stored(unit_of_work)
    await stored(unit_of_work)
    await changed(unit_of_work, a_job(id=ready.id, status=Status.READY))

    async with unit_of_work() as work:
        assert await work.jobs.get_placed("default", last.id, among_own=False) == (last, 2)
        assert (await work.jobs.get_placed("default", ready.id, among_own=True))[1] is None
        with pytest.raises(MediaRequestNotFoundError):
            await work.jobs.get_placed("acme", last.id, among_own=True)


async def test_a_jobs_place_among_those_of_its_tenant(unit_of_work: OpenUnitOfWork) -> None:
    for tenant in ("default", "other", "other"):
        await stored(unit_of_work, tenant=tenant)
    last = await stored(unit_of_work)

    async with unit_of_work() as work:
        assert (await work.jobs.get_placed("default", last.id, among_own=True))[1] == 1
        assert (await work.jobs.get_placed("default", last.id, among_own=False))[1] == 3


async def test_what_waits_is_counted_by_tenant_generator_and_lane(
    unit_of_work: OpenUnitOfWork,
) -> None:
    for generator in ("card", "card", "art"):
        await stored(unit_of_work, generator=generator, tenant=f"of-{generator}")
    await stored(unit_of_work, lane="batch")
    ready = await stored(unit_of_work)
    await changed(unit_of_work, a_job(id=ready.id, status=Status.READY))

    async with unit_of_work() as work:
        assert await work.jobs.count_queued() == {
            ("of-card", "card", "interactive"): (2, 0),
            ("of-art", "art", "interactive"): (1, 0),
            ("default", "card", "batch"): (1, 0),
        }


async def test_jobs_are_listed_by_what_they_repeat(unit_of_work: OpenUnitOfWork) -> None:
    first = await stored(unit_of_work)
    again = await stored(unit_of_work, retried_from=first.id)

    async with unit_of_work() as work:
        found = await work.jobs.list_by_tenant(JobFilter("default", 9, retried_from=first.id))
    assert [job.id for job in found] == [again.id]


async def test_no_two_wishes_have_the_same_moment_and_the_last_is_the_latest(
    unit_of_work: OpenUnitOfWork,
) -> None:
    async def wished(generator: str | None, now: datetime) -> datetime:
        async with unit_of_work() as work:
            return (await work.generators.wish(Action.PAUSE, generator, now)).requested_at

    tick = timedelta(microseconds=1)
    assert await wished("card", NOW) == NOW
    assert await wished(None, NOW) == NOW + tick
    assert await wished("card", NOW - timedelta(hours=1)) == NOW + 2 * tick
    assert await wished("card", SOON) == SOON


async def test_the_newest_announcement_of_a_generator_is_kept(
    unit_of_work: OpenUnitOfWork,
) -> None:
    new = an_announced_generator(version="2", announced_at=SOON)
    old = an_announced_generator(version="1", announced_at=NOW)
    art = an_announced_generator(name="art", paused=True)

    for announced in ([new], [old, art]):
        async with unit_of_work() as work:
            await work.generators.add(announced)

    async with unit_of_work() as work:
        assert await work.generators.list_all() == [art, new]


async def test_a_schema_keeps_the_order_of_its_fields(unit_of_work: OpenUnitOfWork) -> None:
    schema = {"properties": {"zoom": {}, "a": {}, "title": {}}, "type": "object"}

    async with unit_of_work() as work:
        await work.generators.add([an_announced_generator(input_schema=schema)])
    async with unit_of_work() as work:
        [found] = await work.generators.list_all()

    assert list(found.input_schema["properties"]) == ["zoom", "a", "title"]


def an_upload(**changes: Any) -> Upload:
    values = {"sha256": "ab" * 32, "media_type": "image/png", "size": 2**33, "created_at": NOW}
    return Upload(**{"id": uuid7(), "tenant": "default", **values, **changes})


async def uploaded(unit_of_work: OpenUnitOfWork, **changes: Any) -> Upload:
    async with unit_of_work() as work:
        await work.uploads.add(upload := an_upload(**changes))
    return upload


async def test_an_upload_comes_back_as_it_was(unit_of_work: OpenUnitOfWork) -> None:
    plain = await uploaded(unit_of_work)
    full = await uploaded(
        unit_of_work, width=3, height=2, duration=1.5, filename="日本.png", declared_type="a/b"
    )

    async with unit_of_work() as work:
        assert await work.uploads.get("default", plain.id) == plain
        assert await work.uploads.get("default", full.id) == full


async def test_uploads_are_their_tenants_alone(unit_of_work: OpenUnitOfWork) -> None:
    theirs, mine = await uploaded(unit_of_work, tenant="acme"), await uploaded(unit_of_work)

    async with unit_of_work() as work:
        found = await work.uploads.list_by_ids("default", [theirs.id, mine.id, uuid7()])
        assert found == [mine] == await work.uploads.list_by_tenant("default", 10)
        with pytest.raises(UploadNotFoundError):
            await work.uploads.delete("default", theirs.id)


async def test_uploads_are_listed_newest_first_from_where_the_last_page_ended(
    unit_of_work: OpenUnitOfWork,
) -> None:
    one, two, three = [await uploaded(unit_of_work) for _ in range(3)]

    async with unit_of_work() as work:
        assert await work.uploads.list_by_tenant("default", 2) == [three, two]
        assert await work.uploads.list_by_tenant("default", 2, before=two.id) == [one]


async def test_a_deleted_upload_is_gone(unit_of_work: OpenUnitOfWork) -> None:
    upload = await uploaded(unit_of_work)

    async with unit_of_work() as work:
        await work.uploads.delete("default", upload.id)
        with pytest.raises(UploadNotFoundError):
            await work.uploads.get("default", upload.id)


async def test_several_jobs_of_one_tenant_are_found_at_once(unit_of_work: OpenUnitOfWork) -> None:
    one, other = await stored(unit_of_work), await stored(unit_of_work)
    theirs = await stored(unit_of_work, tenant="acme")

    async with unit_of_work() as work:
        found = await work.jobs.list_by_ids("default", [one.id, other.id, theirs.id, uuid7()])

    assert {job.id for job in found} == {one.id, other.id}
