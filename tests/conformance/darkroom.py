"""What a client sees of any Darkroom: the real one, and the one in memory that users test with."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.client import (
    ApiConflictError,
    ApiGoneError,
    ApiNotFoundError,
    InvalidRequestError,
    NotMadeError,
    SyncDarkroomClient,
)

CARD = {"title": "Pictures that arrive", "seed": 7}
FAILING = {"permanent_rate": 1.0}
PASSING = {"media.started", "media.progressed"}
"""Told only where an attempt lasts."""
NOBODY = "019ab7f0-0000-7000-8000-00000000dead"


class DarkroomConformance:
    """Subclasses give the fixture `client`; requests for `FAILING` of `flaky` fail there."""

    def test_what_is_made_is_downloaded(self, client: SyncDarkroomClient, tmp_path: Path) -> None:
        job = client.make("card", CARD, metadata={"product": 7}, priority="batch")

        assert (job.status, job.is_final, job.priority) == ("ready", True, "batch")
        assert (job.generator, job.input, job.metadata) == ("card", CARD, {"product": 7})
        assert job.primary is not None
        assert job.primary.media_type == "image/png"
        assert [attempt.outcome for attempt in job.attempts] == ["succeeded"]
        made = client.download(job, tmp_path / "card.png").read_bytes()
        assert made.startswith(b"\x89PNG")
        assert len(made) == job.primary.size

    def test_a_request_is_queued_and_comes_to_its_end(self, client: SyncDarkroomClient) -> None:
        job = client.request("card", CARD)

        assert (job.status, job.assets, job.finished_at) == ("queued", (), None)
        assert client.wait(job.id).status == "ready"
        assert [step.status for step in client.follow(job.id)] == ["ready"]

    def test_the_same_key_finds_the_same_job(self, client: SyncDarkroomClient) -> None:
        key = str(uuid.uuid4())

        first = client.make("card", CARD, idempotency_key=key)
        again = client.request("card", CARD, idempotency_key=key)

        assert (again.id, again.status) == (first.id, "queued")
        with pytest.raises(InvalidRequestError) as caught:
            client.request("card", {"title": "Another"}, idempotency_key=key)
        assert caught.value.problem.code == "idempotency_key_reused"

    def test_an_unknown_generator_is_refused(self, client: SyncDarkroomClient) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            client.request("crad", CARD)

        assert caught.value.problem.code == "unknown_generator"
        assert [error.pointer for error in caught.value.problem.errors] == ["/generator"]

    def test_a_field_that_does_not_fit_is_named(self, client: SyncDarkroomClient) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            client.request("card", {"title": 7})

        assert caught.value.problem.code == "invalid_input"
        assert [error.pointer for error in caught.value.problem.errors] == ["/input/title"]

    def test_a_request_that_is_none_is_refused(self, client: SyncDarkroomClient) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            client.request("card", CARD, priority="yesterday")

        assert [error.pointer for error in caught.value.problem.errors] == ["/priority"]

    def test_what_is_not_there_is_not_found(self, client: SyncDarkroomClient) -> None:
        for call in (client.get, client.cancel, client.retry, client.delete):
            with pytest.raises(ApiNotFoundError):
                call(NOBODY)
        with pytest.raises(ApiNotFoundError):
            client.generator("crad")
        with pytest.raises(ApiNotFoundError):
            client.delete_upload(NOBODY)

    def test_what_is_ready_can_only_be_deleted(self, client: SyncDarkroomClient) -> None:
        job = client.make("card", CARD)

        with pytest.raises(ApiConflictError, match="cannot be canceled") as canceling:
            client.cancel(job.id)
        with pytest.raises(ApiConflictError) as retrying:
            client.retry(job.id)
        client.delete(job.id)
        client.delete(job.id)

        assert canceling.value.problem.code == "already_final"
        assert retrying.value.problem.code == "already_ready"
        with pytest.raises(ApiGoneError):
            client.get(job.id)

    def test_what_failed_says_why_and_is_tried_again(self, client: SyncDarkroomClient) -> None:
        with pytest.raises(NotMadeError) as caught:
            client.make("flaky", FAILING, max_attempts=1)
        failed = client.get(caught.value.job_id)

        again = client.retry(failed.id)

        assert (failed.status, failed.assets) == ("failed", ())
        assert failed.error is not None
        assert failed.error.message in str(caught.value)
        assert [attempt.outcome for attempt in failed.attempts] == ["failed"]
        assert (again.retried_from, again.input) == (failed.id, failed.input)
        assert client.wait(again.id).is_final

    def test_many_are_answered_one_by_one(self, client: SyncDarkroomClient) -> None:
        asked = [{"generator": "card", "input": CARD}, {"generator": "crad", "input": {}}]

        good, bad = client.request_many(asked)

        assert (good.status, bad.status) == (202, 422)
        assert good.job is not None
        assert good.job.status == "queued"
        assert bad.problem is not None
        assert bad.problem.code == "unknown_generator"

    def test_jobs_are_listed_newest_first_and_by_their_metadata(
        self, client: SyncDarkroomClient
    ) -> None:
        order = str(uuid.uuid4())
        jobs = [client.request("card", CARD, metadata={"order": order}) for _ in range(3)]
        for job in jobs:
            client.wait(job.id)
        ids = [job.id for job in jobs]

        first = client.list(metadata={"order": order}, status=["ready", "failed"], limit=2)
        rest = client.list(metadata={"order": order}, limit=2, cursor=first.next_cursor)

        assert [job.id for job in (*first.items, *rest.items)] == ids[::-1]
        assert rest.next_cursor is None
        oldest = client.list(metadata={"order": order}, generator="card", oldest_first=True)
        assert [job.id for job in oldest.items] == ids

    def test_a_jobs_events_are_heard_to_its_end(self, client: SyncDarkroomClient) -> None:
        job = client.make("card", CARD)

        heard = list(client.events(job.id))
        rest = list(client.events(job.id, since=heard[0].position))

        assert (heard[0].type, heard[-1].type) == ("media.requested", "media.ready")
        assert [event.body["subject"] for event in heard] == [str(job.id)] * len(heard)
        assert rest == heard[1:]

    def test_what_is_known_of_a_quick_job_is_that_it_was_asked_for_and_is_ready(
        self, client: SyncDarkroomClient
    ) -> None:
        job = client.make("card", CARD)

        heard = [event.type for event in client.events(job.id)]

        assert [one for one in heard if one not in PASSING] == ["media.requested", "media.ready"]
        assert "media.generated" not in heard

    def test_events_from_a_moment_on_are_heard_and_none_before(
        self, client: SyncDarkroomClient
    ) -> None:
        job = client.make("card", CARD)
        heard = [one for one in client.events(job.id) if one.type not in PASSING]
        moment = datetime.fromisoformat(heard[-1].body["time"])

        later = [one for one in client.events(job.id, since=moment) if one.type not in PASSING]

        assert later == heard[-1:]
        assert list(client.events(job.id, since=moment + timedelta(hours=1))) == []

    def test_all_events_are_heard_of_one_kind_from_a_position_on(
        self, client: SyncDarkroomClient
    ) -> None:
        first, second = client.make("card", CARD), client.make("card", CARD)
        [asked, *_] = client.events(first.id)

        stream = client.events(since=asked.position, types=["media.ready"], generators=["card"])
        subjects: list[str] = []
        while str(second.id) not in subjects:
            event = next(stream)
            assert event.type == "media.ready"
            subjects.append(str(event.body["subject"]))
        stream.close()

        assert subjects[0] == str(first.id)

    def test_a_failed_jobs_events_say_why(self, client: SyncDarkroomClient) -> None:
        failed = client.wait(client.request("flaky", FAILING, max_attempts=1).id)

        *_, last = client.events(failed.id)

        assert failed.error is not None
        assert (last.type, last.is_final) == ("media.failed", True)
        assert last.body["data"]["failure"]["message"] == failed.error.message

    def test_who_listens_where_nothing_is_is_told_so(self, client: SyncDarkroomClient) -> None:
        deleted = client.make("card", CARD)
        client.delete(deleted.id)

        with pytest.raises(ApiNotFoundError):
            next(iter(client.events(NOBODY)))
        with pytest.raises(ApiGoneError):
            next(iter(client.events(deleted.id)))
        with pytest.raises(InvalidRequestError) as caught:
            next(iter(client.events(since="nonsense")))
        assert caught.value.problem.code == "unknown_position"

    def test_what_is_deleted_is_told_and_nothing_else_of_it(
        self, client: SyncDarkroomClient
    ) -> None:
        known = client.make("card", CARD)
        [asked, *_] = client.events(known.id)
        deleted = client.make("card", CARD)
        client.delete(deleted.id)

        stream = client.events(since=asked.position, generators=["card"])
        heard: list[str] = []
        while "media.deleted" not in heard:
            event = next(stream)
            if event.body["subject"] == str(deleted.id):
                heard.append(event.type)
        stream.close()

        assert heard == ["media.deleted"]

    def test_files_are_brought_along(self, client: SyncDarkroomClient, tmp_path: Path) -> None:
        table = tmp_path / "table.csv"
        table.write_text("a,b\n1,2\n3,4\n")

        upload = client.upload(table)
        listed = client.uploads(limit=1).items
        client.delete_upload(upload.id)

        assert (upload.size, upload.filename, upload.media_type) == (12, "table.csv", "text/csv")
        assert [one.id for one in listed] == [upload.id]

    def test_generators_say_what_they_take(self, client: SyncDarkroomClient) -> None:
        card = client.generator("card")

        assert card.input_schema["properties"]["title"]
        assert "card" in [generator.name for generator in client.generators()]
