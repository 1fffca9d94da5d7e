"""What every generator must do, as tests that ship: ours and plug-ins run the same ones.

Subclass `GeneratorConformance` in a test module, say which generator and which inputs:

    class TestCard(GeneratorConformance):
        generator = CardGenerator
        inputs = ({"title": "Hello"},)
        hostile = ({"title": ""}, {"title": "Hello", "path": "/etc/passwd"})

Needs pytest, jsonschema and puremagic, nothing of a running Darkroom.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import UUID

import jsonschema
import puremagic
from pydantic import ValidationError

from shared.errors import PermanentError
from shared.generators import AssetFile, Generator, GeneratorContext, Role

Input = Mapping[str, Any]

_JOB = UUID(int=0)
_BOUNDS = {
    "string": ({"maxLength"}, {"enum"}, {"const"}, {"format"}),
    "integer": ({"minimum", "maximum"}, {"enum"}, {"const"}),
    "number": ({"minimum", "maximum"}, {"enum"}, {"const"}),
    "array": ({"maxItems"},),
}


def made(
    generator: type[Generator[Any]], input: Input, scratch: Path, *, seed: int = 7
) -> list[AssetFile]:
    """Run `generator` once, in this process."""
    parsed = generator.input_model.model_validate(dict(input))
    context = GeneratorContext(job_id=_JOB, seed=seed, scratch=scratch)
    return asyncio.run(generator().generate(parsed, context))


def digests(generator: type[Generator[Any]], input: Input, seed: int) -> list[str]:
    """SHA-256 of each file that `generator` makes, in order."""
    with TemporaryDirectory() as folder:
        files = made(generator, input, Path(folder), seed=seed)
        return [hashlib.sha256(file.path.read_bytes()).hexdigest() for file in files]


class GeneratorConformance:
    """Set `generator`; `inputs` should be quick ones; each of `hostile` must be refused."""

    generator: ClassVar[type[Generator[Any]]]
    inputs: ClassVar[Sequence[Input]] = ()
    hostile: ClassVar[Sequence[Input]] = ()

    def test_is_described(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,62}", self.generator.name)
        assert self.generator.version
        assert self.generator.description
        assert self.generator.media_types

    def test_schema_is_valid_and_closed(self) -> None:
        schema = self.generator.input_model.model_json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        for name, part in _objects(schema):
            assert part.get("additionalProperties") is False, f"{name} takes unknown fields"

    def test_every_field_is_described_with_examples(self) -> None:
        schema = self.generator.input_model.model_json_schema()
        for name, field in _fields(schema):
            assert field.get("description"), f"{name} has no description"
            assert field.get("examples"), f"{name} has no examples"

    def test_schema_alone_bounds_every_field(self) -> None:
        schema = self.generator.input_model.model_json_schema()
        for name, field in _fields(schema):
            for option in field.get("anyOf", [field]):
                ways = _BOUNDS.get(option.get("type", ""), (set(),))
                assert any(way <= option.keys() for way in ways), f"{name} is not bounded"

    def test_examples_parse_and_fit_the_schema(self) -> None:
        schema = self.generator.input_model.model_json_schema()
        for asked in (self.generator.example, *self.inputs):
            self.generator.input_model.model_validate(dict(asked))
            jsonschema.Draft202012Validator(schema).validate(dict(asked))

    def test_hostile_inputs_are_refused_with_a_reason(self, tmp_path: Path) -> None:
        for asked in self.hostile:
            reason = _refusal(self.generator, asked, tmp_path)
            assert reason, f"accepted: {str(asked)[:200]}"
            assert len(reason) > 10, f"unclear: {reason}"

    def test_files_stay_in_scratch_and_within_limits(self, tmp_path: Path) -> None:
        for number, asked in enumerate(self.inputs):
            scratch = tmp_path / str(number)
            scratch.mkdir()
            files = made(self.generator, asked, scratch)
            assert all(f.path.resolve().is_relative_to(scratch.resolve()) for f in files)
            size = sum(file.path.stat().st_size for file in files)
            assert 0 < size <= self.generator.limits.output_bytes

    def test_answers_with_a_primary_file_of_a_declared_type(self, tmp_path: Path) -> None:
        for asked in self.inputs:
            files = made(self.generator, asked, tmp_path)
            primary = next(file for file in files if file.role is Role.PRIMARY)
            sniffed = puremagic.from_file(str(primary.path), mime=True)
            assert sniffed in self.generator.media_types
            assert all(json.dumps(file.provenance) for file in files)

    def test_same_input_and_seed_give_the_same_bytes(self) -> None:
        for asked in self.inputs:
            first = digests(self.generator, asked, seed=7)
            assert digests(self.generator, asked, seed=7) == first

    def test_a_fresh_process_gives_the_same_bytes(self) -> None:
        here = [digests(self.generator, asked, seed=7) for asked in self.inputs]
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
            tasks = [
                processes.submit(digests, self.generator, dict(asked), 7) for asked in self.inputs
            ]
            assert [task.result(timeout=60) for task in tasks] == here


def _objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the schema, the outer one first, by name."""
    yield "the input", schema
    for name, part in schema.get("$defs", {}).items():
        if part.get("type") == "object":
            yield name, part


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in _objects(schema):
        for field, description in part.get("properties", {}).items():
            yield f"{name}.{field}", description


def _refusal(generator: type[Generator[Any]], input: Input, scratch: Path) -> str:
    try:
        made(generator, input, scratch)
    except (ValidationError, PermanentError) as error:
        return str(error)
    return ""
