"""Running a generator once, in this process, and keeping what there is to say about it."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from shared.generators import AssetFile, Generator, GeneratorContext, InputFile
from shared.media import measure_bytes, sniff_bytes

Input = Mapping[str, Any]
Assets = Mapping[str, bytes]
"""The files that inputs name, by asset id."""
NO_ASSETS: Assets = {}

_JOB = UUID(int=0)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that came out; `inside`: of the scratch folder, where files have to be."""

    role: str
    inside: bool
    size: int
    sha256: str
    media_type: str
    provenance: dict[str, Any]


@dataclass(slots=True)
class Made:
    """What came of one run, in how many seconds, and what was told meanwhile."""

    files: tuple[MadeFile, ...] = ()
    seconds: float = 0.0
    told: list[tuple[float | None, str | None]] = field(default_factory=list)

    @property
    def digests(self) -> list[str]:
        """SHA-256 of each file, in order."""
        return [file.sha256 for file in self.files]


def made(
    generator: type[Generator[Any]],
    input: Input,
    scratch: Path,
    *,
    seed: int = 7,
    assets: Assets = NO_ASSETS,
) -> list[AssetFile]:
    """Run `generator` once, in this process."""
    context = context_in(scratch, seed=seed, assets=assets)
    return asyncio.run(generate(generator, input, context))


async def generate(
    generator: type[Generator[Any]], input: Input, context: GeneratorContext
) -> list[AssetFile]:
    """As the platform does it: the input is read, then the generator is asked."""
    parsed = generator.input_model.model_validate(dict(input))
    return await generator().generate(parsed, context)


def context_in(
    scratch: Path,
    *,
    seed: int = 7,
    assets: Assets = NO_ASSETS,
    told: list[tuple[float | None, str | None]] | None = None,
) -> GeneratorContext:
    """The surroundings of a first attempt; `told` gets what is reported."""

    async def report(percent: float | None, message: str | None) -> None:
        if told is not None:
            told.append((percent, message))

    given = inputs_in(scratch / "inputs", assets)
    return GeneratorContext(_JOB, seed, scratch, report=report, inputs=given)


def inputs_in(folder: Path, assets: Assets) -> dict[str, InputFile]:
    """The assets as files, to be read only, as the worker puts them there."""
    if assets:
        folder.mkdir(exist_ok=True)
    return {
        asset_id: _input_file(folder / str(number), content)
        for number, (asset_id, content) in enumerate(assets.items())
    }


def _input_file(path: Path, content: bytes) -> InputFile:
    if not path.exists():
        path.write_bytes(content)
        path.chmod(0o400)
    media_type = sniff_bytes(content, path.name)
    measures = measure_bytes(content, media_type)
    return InputFile(
        path=path,
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        width=measures.width,
        height=measures.height,
        duration=measures.duration,
    )


def run_once(
    generator: type[Generator[Any]], input: Input, *, seed: int = 7, assets: Assets = NO_ASSETS
) -> Made:
    """Run it in a scratch folder of its own, which is gone afterwards."""
    with TemporaryDirectory() as folder:
        scratch, run = Path(folder), Made()
        context = context_in(scratch, seed=seed, assets=assets, told=run.told)
        begun = time.perf_counter()
        files = asyncio.run(generate(generator, input, context))
        run.seconds = time.perf_counter() - begun
        run.files = tuple(described(file, scratch) for file in files)
        return run


def described(file: AssetFile, scratch: Path) -> MadeFile:
    """The file, as the platform takes it in."""
    content = file.path.read_bytes() if file.content is None else file.content
    return MadeFile(
        role=file.role.value,
        inside=file.content is not None or file.path.resolve().is_relative_to(scratch.resolve()),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=sniff_bytes(content, file.path.name),
        provenance=file.provenance,
    )


def digests(
    generator: type[Generator[Any]], input: Input, seed: int, assets: Assets = NO_ASSETS
) -> list[str]:
    """SHA-256 of each file that `generator` makes, in order."""
    return run_once(generator, input, seed=seed, assets=assets).digests
