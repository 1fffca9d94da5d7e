"""The files that an input names: put beside the attempt, the right bytes, to be read only."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest

from services.generator.assets.inputs import InputFiles
from services.generator.errors import InputMissingError, InputsTooLargeError
from services.generator.models import Brief
from services.generator.runtime.framing import input_as_dict, input_from_dict
from services.generator.service.admission import job_of
from shared.errors import InvalidInputError
from shared.events import InputAsset, decode, encode
from shared.generators import GeneratorContext, InputFile
from shared.storage import AssetStore, in_memory
from shared.testing import a_media_requested, an_event

PNG = b"\x89PNG\r\n\x1a\n and so on"
ID = "019ab7f0-0000-7000-8000-000000000001"


@pytest.fixture
def store() -> AssetStore:
    return in_memory()


def an_input(content: bytes = PNG, **changes: object) -> InputAsset:
    """A picture of somebody."""
    told = {"sha256": hashlib.sha256(content).hexdigest(), "media_type": "image/png"}
    return InputAsset.model_validate({**told, "size": len(content), **changes})


async def fetched(
    store: AssetStore, folder: Path, largest: int = 1000, **named: InputAsset
) -> dict[str, InputFile]:
    return await InputFiles(store, largest).fetch(named, folder / "inputs")


async def test_the_files_are_there_and_can_only_be_read(store: AssetStore, tmp_path: Path) -> None:
    await store.put_bytes(PNG)

    files = await fetched(store, tmp_path, picture=an_input(width=3, height=2))

    path = files["picture"].path
    assert path == tmp_path / "inputs" / "0.png"
    assert path.read_bytes() == PNG
    assert path.stat().st_mode & 0o777 == 0o400
    assert (files["picture"].width, files["picture"].height) == (3, 2)


async def test_a_file_that_is_named_twice_is_there_once(store: AssetStore, tmp_path: Path) -> None:
    await store.put_bytes(PNG)

    files = await fetched(store, tmp_path, one=an_input(), other=an_input())

    assert files["one"].path == files["other"].path


async def test_bytes_that_are_gone_are_named(store: AssetStore, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="asset picture"):
        await fetched(store, tmp_path, picture=an_input())


async def test_more_than_is_allowed_is_refused_before_it_is_fetched(
    store: AssetStore, tmp_path: Path
) -> None:
    with pytest.raises(InputsTooLargeError, match="1,200"):
        await fetched(store, tmp_path, a=an_input(b"a", size=600), b=an_input(b"b", size=600))


def test_what_an_input_names_survives_the_message_and_the_row() -> None:
    named = {ID: an_input(width=3, height=2), f"{ID}/1": an_input(b"x", duration=1.5)}

    event = decode(encode(an_event(a_media_requested(inputs=named))))
    job = job_of(event)

    assert job is not None
    assert job.brief.inputs == named
    assert Brief.from_dict(job.brief.as_dict()) == job.brief


def test_a_request_without_files_says_nothing_of_them() -> None:
    event = an_event(a_media_requested())
    job = job_of(event)

    assert job is not None
    assert b"inputs" not in encode(event)
    assert "inputs" not in job.brief.as_dict()


def test_a_file_goes_through_the_pipe(tmp_path: Path) -> None:
    file = InputFile(tmp_path / "0.png", "image/png", "ab" * 32, 7, 3, 2, None)

    assert input_from_dict(input_as_dict(file)) == file


def test_an_asset_that_was_not_given_is_the_inputs_fault(tmp_path: Path) -> None:
    context = GeneratorContext(UUID(int=1), 7, tmp_path)

    with pytest.raises(InvalidInputError, match=ID):
        context.input_file(ID)
