"""Results of the event loop on their way through a child that looks at them."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.generator.derivation.looking import Look, MadeFiles
from services.generator.errors import ChildDiedError
from services.generator.generators.flaky import picture
from services.generator.generators.noop import NoopGenerator
from services.generator.runtime.derived import AT_ONCE, DerivedRuntime
from services.generator.runtime.task import GenerationTask
from shared.generators import AssetFile, GeneratorContext, Role
from shared.generators.context import Report, unreported


class Makes:
    """A runtime that makes the same for everybody."""

    def __init__(self, *files: AssetFile) -> None:
        self.files = list(files)

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        return self.files


class Children:
    """Children that look, and find a placeholder in everything and a thumbnail beside it."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.seen: list[MadeFiles] = []
        self.at_once = self.most_at_once = 0
        self.together = 1
        """The first look begins when so many are there."""
        self.all_there = asyncio.Event()

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        assert task.generator is Look
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        if self.at_once == self.together:
            self.all_there.set()
        await self.all_there.wait()
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        told = MadeFiles.model_validate(task.input)
        assert all(file.path.is_file() for file in told.files)
        self.seen.append(told)
        back = await Look().generate(told, GeneratorContext(task.job_id, 1, task.scratch))
        found: dict[str, Any] = {"looked": True}
        found_files = [AssetFile(f.path, f.role, None, found, placeholder="hash") for f in back]
        return [*found_files, AssetFile(Path("thumbnail.webp"), Role.THUMBNAIL)]


def a_task(folder: Path) -> GenerationTask:
    folder.mkdir(exist_ok=True)
    return GenerationTask(
        generator=NoopGenerator,
        job_id=UUID(int=1),
        attempt=1,
        seed=7,
        input={},
        scratch=lambda: folder,
        limits=NoopGenerator.limits,
    )


@pytest.fixture
def children() -> Children:
    return Children()


async def test_what_cannot_be_seen_is_not_looked_at(children: Children, tmp_path: Path) -> None:
    text = AssetFile.of_bytes(b"ok", "ok.txt")

    made = await DerivedRuntime(Makes(text), children).generate(a_task(tmp_path), unreported)

    assert made == [text]
    assert not children.seen


async def test_pictures_come_back_with_all_that_was_known_of_them(
    children: Children, tmp_path: Path
) -> None:
    on_disk = tmp_path / "b.png"
    on_disk.write_bytes(picture(2))
    first = AssetFile.of_bytes(picture(1), "a.png", provenance={"seed": 1})
    runtime = DerivedRuntime(Makes(first, AssetFile(on_disk, Role.PREVIEW)), children)

    one, other, thumbnail = await runtime.generate(a_task(tmp_path), unreported)

    assert (one.content, one.filename, one.placeholder) == (picture(1), "a.png", "hash")
    assert one.provenance == {"seed": 1, "looked": True}
    assert (other.path, other.role, other.placeholder) == (on_disk, Role.PREVIEW, "hash")
    assert thumbnail.role is Role.THUMBNAIL


async def test_a_result_that_kills_who_looks_is_a_result_all_the_same(
    children: Children, tmp_path: Path
) -> None:
    children.error = ChildDiedError("worker child died (signal 11)")
    runtime = DerivedRuntime(Makes(AssetFile.of_bytes(picture(1), "a.png")), children)

    [made] = await runtime.generate(a_task(tmp_path), unreported)

    assert made.content == picture(1)
    assert "signal 11" in made.provenance["not_decoded"]


async def test_a_few_are_looked_at_at_a_time(children: Children, tmp_path: Path) -> None:
    children.together = AT_ONCE
    runtime = DerivedRuntime(Makes(AssetFile.of_bytes(picture(1), "a.png")), children)

    tasks = [runtime.generate(a_task(tmp_path / str(n)), unreported) for n in range(10)]
    await asyncio.gather(*tasks)

    assert children.most_at_once == AT_ONCE
