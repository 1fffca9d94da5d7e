"""Files that are brought along: sent as they are read, and again from their beginning."""

from pathlib import Path

import pytest

from shared.client import ApiNotFoundError, DarkroomClient
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.test_transport import busy

LARGE = bytes(range(256)) * 4096


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "日本 photo.png"
    path.write_bytes(LARGE)
    return path


async def test_a_file_arrives_under_its_name(
    api: FakeApi, darkroom: DarkroomClient, photo: Path
) -> None:
    one = await darkroom.upload(photo)
    other = await darkroom.upload(photo, "me.png")

    assert api.uploads[str(one.id)] == ("日本 photo.png", LARGE)
    assert other.filename == "me.png"
    assert (one.media_type, one.size, one.width) == ("image/png", len(LARGE), 1200)


async def test_a_file_is_sent_again_from_its_beginning(
    api: FakeApi, darkroom: DarkroomClient, photo: Path
) -> None:
    api.refusals = [busy(503, "unavailable", "0")]

    upload = await darkroom.upload(photo)

    assert api.calls["upload"] == 2
    assert api.uploads[str(upload.id)][1] == LARGE


async def test_uploads_are_listed_and_forgotten(
    api: FakeApi, darkroom: DarkroomClient, photo: Path
) -> None:
    upload = await darkroom.upload(photo)

    assert [one.id for one in (await darkroom.uploads(limit=5)).items] == [upload.id]
    await darkroom.delete_upload(upload.id)
    with pytest.raises(ApiNotFoundError):
        await darkroom.delete_upload(upload.id)


async def test_a_file_that_is_not_there_is_no_upload(
    api: FakeApi, darkroom: DarkroomClient, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await darkroom.upload(tmp_path / "nothing.png")
    assert not api.uploads
