"""Assets that an input names by id: looked up when it is asked for, missing ones told by field."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field

from services.api.models import Job, Status, Upload
from services.api.service import ApiServices, inputs
from services.api.service.asset_places import AssetPlaces
from services.api.service.input_schema import InputSchema
from shared.clock import uuid7
from shared.errors import InvalidInputError
from shared.events import MediaRejected, MediaRequested
from shared.generators import AssetId
from shared.testing import MOMENT, a_media_request, an_asset
from tests.unit.api.builders import a_job, a_submission, an_announced_generator
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_commands import a_command
from tests.unit.api.test_http_requesting import problem


class Scene(BaseModel):
    image: AssetId | None = None
    text: str = Field(default="", max_length=100)


class Film(BaseModel):
    model_config = ConfigDict(extra="forbid")
    logo: AssetId | None = None
    scenes: list[Scene] = Field(default_factory=list, max_length=200)
    by_name: dict[str, AssetId] = Field(default_factory=dict)


@pytest.fixture(autouse=True)
def film(database: FakeDatabase) -> None:
    schema = Film.model_json_schema()
    database.tables.generators["film"] = an_announced_generator(name="film", input_schema=schema)


@pytest.fixture
def photo(database: FakeDatabase) -> Upload:
    """A picture that somebody has uploaded."""
    return keep(database, an_upload())


@pytest.fixture
def job(database: FakeDatabase) -> Job:
    """A card that is ready, with its captions."""
    captions = an_asset(role="captions", sha256="cd" * 32, media_type="text/vtt")
    assets = [asset.model_dump(mode="json") for asset in (captions, an_asset())]
    return keep_job(database, a_job(status=Status.READY, assets=tuple(assets)))


def an_upload(**changes: Any) -> Upload:
    values = {"sha256": "ef" * 32, "media_type": "image/jpeg", "size": 9, "created_at": MOMENT}
    return Upload(**{"id": uuid7(), "tenant": "default", **values, **changes})


def keep(database: FakeDatabase, upload: Upload) -> Upload:
    database.tables.uploads[upload.id] = upload
    return upload


def keep_job(database: FakeDatabase, job: Job) -> Job:
    database.tables.jobs[job.id] = job
    return job


async def accepted(services: ApiServices, database: FakeDatabase, **input: Any) -> MediaRequested:
    """What is said of a request for this film."""
    await services.requests.submit(a_submission(generator="film", input=input))
    said = database.tables.outbox[-1].data
    assert isinstance(said, MediaRequested)
    return said


async def complaints(services: ApiServices, **input: Any) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        await services.requests.submit(a_submission(generator="film", input=input))
    return {error.pointer: error.message for error in refused.value.errors}


async def test_what_is_named_travels_with_the_request(
    services: ApiServices, database: FakeDatabase, photo: Upload, job: Job
) -> None:
    scenes = [{"image": f"{job.id}"}, {"image": f"{job.id}/0"}, {"image": None}, {"text": "x"}]

    said = await accepted(services, database, logo=str(photo.id), scenes=scenes)

    assert said.inputs is not None
    assert {name: file.sha256[:2] for name, file in said.inputs.items()} == {
        str(photo.id): "ef",
        str(job.id): "ab",
        f"{job.id}/0": "cd",
    }
    assert said.inputs[str(job.id)].width == 1200
    assert said.inputs[str(job.id)].filename == "card.png"


async def test_a_request_that_names_nothing_says_nothing_of_it(
    services: ApiServices, database: FakeDatabase
) -> None:
    assert (await accepted(services, database, scenes=[{"text": "x"}])).inputs is None


async def test_an_id_in_a_text_is_a_text(services: ApiServices, database: FakeDatabase) -> None:
    said = await accepted(services, database, scenes=[{"text": str(uuid7())}])

    assert said.inputs is None


async def test_every_field_that_names_what_is_not_there_is_told(
    services: ApiServices, database: FakeDatabase, photo: Upload, job: Job
) -> None:
    others = keep(database, an_upload(tenant="acme"))
    waiting = keep_job(database, a_job())
    failed = keep_job(database, a_job(status=Status.FAILED))
    asked = [uuid7(), others.id, waiting.id, failed.id, f"{job.id}/2", f"{photo.id}/0", photo.id]
    scenes = [{"image": str(one)} for one in asked]

    told = await complaints(
        services, logo=str(uuid7()), scenes=scenes, by_name={"a/b": scenes[0]["image"]}
    )

    unknown = "no such asset: name an upload, a job that is ready, or <job id>/<n>"
    assert told == {
        "/input/logo": unknown,
        "/input/scenes/0/image": unknown,
        "/input/scenes/1/image": unknown,
        "/input/scenes/2/image": f"the job {waiting.id} is not ready yet: it is queued",
        "/input/scenes/3/image": f"the job {failed.id} has ended without assets: it is failed",
        "/input/scenes/4/image": f"the job {job.id} has assets 0 to 1",
        "/input/scenes/5/image": unknown,
        "/input/by_name/a~1b": unknown,
    }


async def test_a_job_without_a_primary_asset_has_to_be_named_with_a_number(
    services: ApiServices, database: FakeDatabase
) -> None:
    only = an_asset(role="captions").model_dump(mode="json")
    job = keep_job(database, a_job(status=Status.READY, assets=(only,)))

    assert "no primary" in (await complaints(services, logo=str(job.id)))["/input/logo"]
    assert (await accepted(services, database, logo=f"{job.id}/0")).inputs is not None


async def test_too_many_assets_and_too_many_bytes_are_refused(
    services: ApiServices, database: FakeDatabase
) -> None:
    many = [{"image": str(uuid7())} for _ in range(inputs.MOST_ASSETS + 1)]
    large = [keep(database, an_upload(size=2**29, sha256=f"{n}" * 64)) for n in range(3)]
    scenes = [{"image": str(one.id)} for one in large]

    assert await complaints(services, scenes=many) == {"/input": "names more than 100 assets"}
    assert "1,610,612,736 bytes" in (await complaints(services, scenes=scenes))["/input"]
    assert await accepted(services, database, scenes=scenes[:2] * 50)


async def test_every_door_looks_them_up(client: httpx.AsyncClient, photo: Upload) -> None:
    good = {"generator": "film", "input": {"logo": str(photo.id)}}
    bad = {"generator": "film", "input": {"logo": str(uuid7())}}

    alone = await client.post("/v1/media", json=bad)
    many = await client.post("/v1/media/batch", json={"requests": [good, bad]})

    assert problem(alone, 422, "invalid_input").errors
    assert [one["status"] for one in many.json()["answers"]] == [202, 422]


async def test_a_command_that_names_nothing_is_rejected_at_the_field(
    services: ApiServices, database: FakeDatabase, photo: Upload
) -> None:
    named = [str(photo.id), str(uuid7())]
    asked = [a_media_request(generator="film", input={"logo": one}) for one in named]

    await services.commands.handle([a_command(one, event_id=one.input["logo"]) for one in asked])

    [accepted, rejected] = sorted(database.tables.outbox, key=lambda event: event.type)[::-1]
    assert isinstance(accepted.data, MediaRequested)
    assert isinstance(rejected.data, MediaRejected)
    assert rejected.data.problem["errors"][0]["pointer"] == "/input/logo"


async def test_a_retry_looks_again(
    client: httpx.AsyncClient, database: FakeDatabase, photo: Upload
) -> None:
    asked = {"generator": "film", "input": {"logo": str(photo.id)}, "status": Status.FAILED}
    job = keep_job(database, a_job(**asked))

    found = await client.post(f"/v1/media/{job.id}/retry")
    await client.delete(f"/v1/uploads/{photo.id}")
    gone = await client.post(f"/v1/media/{job.id}/retry")

    assert found.status_code == 202
    assert problem(gone, 422, "invalid_input").errors


async def test_a_replay_is_answered_when_the_asset_is_gone(
    client: httpx.AsyncClient, photo: Upload
) -> None:
    asked = {"generator": "film", "input": {"logo": str(photo.id)}}
    key = {"Idempotency-Key": "k"}
    first = await client.post("/v1/media", json=asked, headers=key)
    await client.delete(f"/v1/uploads/{photo.id}")

    second = await client.post("/v1/media", json=asked, headers=key)

    assert second.json()["id"] == first.json()["id"]
    assert (await client.post("/v1/media", json=asked)).status_code == 422


async def test_an_asset_says_by_which_id_it_can_be_named(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase, job: Job
) -> None:
    shown = (await client.get(f"/v1/media/{job.id}")).json()["assets"]

    assert [asset["id"] for asset in shown] == [f"{job.id}/0", f"{job.id}/1"]
    assert await accepted(services, database, logo=shown[1]["id"])


def test_most_schemas_know_no_assets() -> None:
    class Card(BaseModel):
        title: str

    assert InputSchema(Card.model_json_schema()).assets is None
    assert InputSchema(Film.model_json_schema()).assets is not None


def test_of_a_union_only_the_branch_that_is_meant_is_told() -> None:
    class Either(BaseModel):
        source: AssetId | list[AssetId]

    places = AssetPlaces(Either.model_json_schema())
    one, other = str(UUID(int=1)), str(UUID(int=2))

    assert places.ids_in({"source": [one, other]}) == {one, other}
    [error] = places.errors({"source": [one, other]}, {other: "gone"})
    assert (error.pointer, error.message) == ("/input/source/1", "gone")
