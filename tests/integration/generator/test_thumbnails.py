"""Thumbnails are made in children, and a child that dies of one takes nothing with it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from services.generator.runtime import process
from services.generator.runtime.derived import DerivedRuntime
from services.generator.runtime.loop import LoopRuntime
from services.generator.runtime.pool import ChildPool
from services.generator.runtime.task import GenerationTask, Runtime
from shared.generators import AssetFile, Role
from shared.generators.context import unreported
from shared.media import sniff
from tests.integration.generator.painting import PaintingGenerator, WaitingPainter


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    pool = ChildPool(idle_limit=2, folder=tmp_path)
    yield pool
    await pool.stop()


async def made(runtime: Runtime, folder: Path, after: str = "nothing") -> list[AssetFile]:
    kind = PaintingGenerator if isinstance(runtime, ChildPool) else WaitingPainter
    task = GenerationTask(
        generator=kind,
        job_id=UUID(int=1),
        attempt=1,
        seed=7,
        input={"after": after},
        scratch=lambda: _there(folder),
        limits=kind.limits,
    )
    return await runtime.generate(task, unreported)


def _there(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


async def test_what_a_child_paints_comes_with_a_thumbnail(pool: ChildPool, tmp_path: Path) -> None:
    primary, thumbnail = await made(pool, tmp_path / "1")

    assert primary.placeholder
    assert thumbnail.role is Role.THUMBNAIL
    assert sniff(thumbnail.path) == "image/webp"
    assert len(await made(pool, tmp_path / "2")) == 2, "the child is used again"
    assert len(pool.idle_pids) == 1


async def test_what_comes_from_elsewhere_is_looked_at_in_a_child(
    pool: ChildPool, tmp_path: Path
) -> None:
    primary, thumbnail = await made(DerivedRuntime(LoopRuntime(), pool), tmp_path / "1")

    assert primary.content is not None
    assert primary.placeholder
    assert sniff(thumbnail.path) == "image/webp"


async def test_a_picture_that_kills_whoever_looks_at_it_is_a_result_all_the_same(
    pool: ChildPool, tmp_path: Path
) -> None:
    [primary] = await made(pool, tmp_path / "1", after="die")

    assert "killed the process" in primary.provenance["not_decoded"]
    assert sniff(primary.path) == "image/png"
    assert not pool.idle_pids


async def test_a_picture_that_takes_too_long_is_a_result_all_the_same(
    pool: ChildPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "DERIVING_SECONDS", 0.2)

    [primary] = await made(pool, tmp_path / "1", after="hang")

    assert "too long" in primary.provenance["not_decoded"]
    assert not pool.idle_pids
