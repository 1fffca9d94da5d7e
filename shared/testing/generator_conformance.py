"""What every generator must do, as tests that ship: ours and plug-ins run the same ones.

Subclass `GeneratorConformance` in a test module, say which generator and which inputs:

    class TestCard(GeneratorConformance):
        generator = CardGenerator
        inputs = ({"title": "Hello"},)
        hostile = ({"title": ""}, {"title": "Hello", "path": "/etc/passwd"})

An input that names assets needs their bytes: `assets = {ID: Path("photo.jpg").read_bytes()}`.

Each input runs three times: twice in this process, and once in a child that has the generator's
declared limits and no network; one more child is killed in the middle of the first input. Needs
pytest, jsonschema and what `darkroom[generator]` brings, nothing of a running Darkroom.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import jsonschema
from pydantic import ValidationError

from shared.errors import PermanentError
from shared.generators import Execution, Generator, Role
from shared.testing.generator_children import ChildReport, run_in_child, survivors_of_a_kill
from shared.testing.generator_runs import (
    NO_ASSETS,
    Assets,
    Input,
    Made,
    context_in,
    digests,
    generate,
    made,
    run_once,
)
from shared.testing.hostile_inputs import impossible, nasty

__all__ = ["GeneratorConformance", "Input", "digests", "made"]

Kept = TypeVar("Kept")
_SILENCE = 1.0
"""Seconds that a generator may work without a word."""
_STOPS_WITHIN = 5.0
_BOUNDS = {
    "string": ({"maxLength"}, {"enum"}, {"const"}, {"format"}),
    "integer": ({"minimum", "maximum"}, {"enum"}, {"const"}),
    "number": ({"minimum", "maximum"}, {"enum"}, {"const"}),
    "array": ({"maxItems"},),
}


class GeneratorConformance:
    """Set `generator`; `inputs` should be quick ones; each of `hostile` must be refused.

    `heaviest` are those that need the most memory or time that an input can ask for: they run once,
    in a child, to see whether the declared limits are true.
    """

    generator: ClassVar[type[Generator[Any]]]
    inputs: ClassVar[Sequence[Input]] = ()
    hostile: ClassVar[Sequence[Input]] = ()
    heaviest: ClassVar[Sequence[Input]] = ()
    assets: ClassVar[Assets] = NO_ASSETS

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
            reason = self._refusal(asked, tmp_path)
            assert reason, f"accepted: {str(asked)[:200]}"
            assert len(reason) > 10, f"unclear: {reason}"

    def test_impossible_values_are_refused_when_they_are_read(self) -> None:
        """Unknown fields, wrong types, values past their bounds, numbers that are none."""
        schema = self.generator.input_model.model_json_schema()
        for good in (self.generator.example, *self.inputs):
            for what, asked in impossible(schema, good):
                try:
                    self.generator.input_model.model_validate(asked)
                except ValidationError:
                    continue
                except Exception as error:
                    raise AssertionError(f"{what} is no bad input but a {error!r}") from error
                raise AssertionError(f"accepted: {what}")

    def test_nasty_text_is_refused_or_harmless(self) -> None:
        """Paths, addresses, controls, turned writing and templates in every text at once."""
        if self._nasty() is not None:
            outcome = self._in_child().outcomes[len(self.inputs)]
            assert "failed" not in outcome, f"no reason, but: {outcome['failed']}"
        broken = self._in_child().broken
        assert not broken, f"it reached for what is not its own: {broken}"

    def test_files_stay_in_scratch_and_within_limits(self) -> None:
        for run in self._runs():
            assert all(file.inside for file in run.files), "a file outside of the scratch folder"
            size = sum(file.size for file in run.files)
            assert 0 < size <= self.generator.limits.output_bytes, f"{size:,} bytes (output_bytes)"

    def test_answers_with_a_primary_file_of_a_declared_type(self) -> None:
        for run in self._runs():
            primary = next(file for file in run.files if file.role == Role.PRIMARY)
            assert primary.media_type in self.generator.media_types, primary.media_type

    def test_provenance_is_json_and_says_how_long_each_stage_took(self) -> None:
        for run in self._runs():
            assert all(json.dumps(file.provenance, allow_nan=False) for file in run.files)
            primary = next(file for file in run.files if file.role == Role.PRIMARY)
            stages = primary.provenance.get("stages")
            if stages is None and self.generator.execution is Execution.LOOP:
                continue
            assert isinstance(stages, Mapping), "provenance has no `stages`: seconds by name"
            assert all(isinstance(s, int | float) and s >= 0 for s in stages.values()), stages

    def test_progress_only_grows_and_is_heard_of(self) -> None:
        for run in self._runs():
            percents = [percent for percent, _ in run.told if percent is not None]
            assert all(0 <= percent <= 100 for percent in percents), percents
            assert percents == sorted(percents), f"it goes back: {percents}"
            assert run.told or run.seconds < _SILENCE, f"{run.seconds:.1f} s without a word"

    def test_same_input_and_seed_give_the_same_bytes(self) -> None:
        for run, asked in zip(self._runs(), self.inputs, strict=True):
            again = run_once(self.generator, asked, assets=self.assets)
            assert again.digests == run.digests, "other bytes than the first time"

    def test_a_child_process_within_its_limits_gives_the_same_bytes(self) -> None:
        """In a process of its own, with the declared limits, and no network."""
        if self.generator.execution is Execution.LOOP or not self.inputs:
            return
        report = self._in_child()
        _check_limits(report, self.generator, len(self.inputs))
        for run, outcome in zip(self._runs(), report.outcomes, strict=False):
            assert outcome["digests"] == run.digests, "other bytes than in this process"

    def test_the_heaviest_inputs_stay_within_the_limits(self) -> None:
        if self.heaviest:
            report = run_in_child(self.generator, self.heaviest, assets=self.assets)
            _check_limits(report, self.generator, len(self.heaviest))

    def test_nothing_goes_on_when_it_is_stopped(self, tmp_path: Path) -> None:
        """A child is killed with all it has started; in the loop an attempt is canceled."""
        if not self.inputs:
            return
        if self.generator.execution is Execution.LOOP:
            asyncio.run(_canceled(self.generator, self.inputs[0], tmp_path, self.assets))
        else:
            left = survivors_of_a_kill(self.generator, self.inputs[0], assets=self.assets)
            assert not left, f"still running: {left}"

    def _runs(self) -> list[Made]:
        """What came of the first run of each input; it is made once for all tests of a class."""
        return _kept(type(self), "runs", lambda: [*self._each_once()])

    def _each_once(self) -> Iterator[Made]:
        for asked in self.inputs:
            yield run_once(self.generator, asked, assets=self.assets)

    def _in_child(self) -> ChildReport:
        """What a child said of every input, and of nasty text."""
        return _kept(type(self), "child", self._ask_child)

    def _ask_child(self) -> ChildReport:
        if self.generator.execution is Execution.LOOP:
            return ChildReport(outcomes=[{}] * (len(self.inputs) + 1))
        nasty_one = self._nasty()
        inputs = [*self.inputs, *([] if nasty_one is None else [nasty_one])]
        return run_in_child(self.generator, inputs, assets=self.assets) if inputs else ChildReport()

    def _nasty(self) -> Input | None:
        model = self.generator.input_model
        good = self.inputs[0] if self.inputs else self.generator.example
        return nasty(model, model.model_json_schema(), good)

    def _refusal(self, asked: Input, scratch: Path) -> str:
        try:
            made(self.generator, asked, scratch, assets=self.assets)
        except (ValidationError, PermanentError) as error:
            return str(error)
        return ""


_KEPT: dict[tuple[type, str], Any] = {}


def _kept(suite: type, what: str, make: Callable[[], Kept]) -> Kept:
    """What the tests of one class share."""
    key = (suite, what)
    if key not in _KEPT:
        _KEPT[key] = make()
    kept: Kept = _KEPT[key]
    return kept


def _check_limits(report: ChildReport, kind: type[Generator[Any]], runs: int) -> None:
    """The first `runs` of the child were made, in time, within the memory that is declared."""
    assert report.exit == 0, f"it died ({report.exit}): {report.printed[-2000:]}"
    for outcome in report.outcomes[:runs]:
        assert "digests" in outcome, outcome
        assert outcome["seconds"] <= kind.limits.wall_clock.total_seconds(), "out of time"
    most = kind.limits.resident_bytes
    assert report.peak <= most, f"kept {report.peak:,} bytes, not {most:,} (resident_bytes)"


async def _canceled(
    kind: type[Generator[Any]], input: Input, scratch: Path, assets: Assets
) -> None:
    """Cancel an attempt in the middle; nothing that it began may go on."""
    before = asyncio.all_tasks()
    attempt = asyncio.create_task(generate(kind, input, context_in(scratch, assets=assets)))
    await asyncio.sleep(0.05)
    attempt.cancel()
    ended = await asyncio.wait([attempt], timeout=_STOPS_WITHIN)
    assert not ended[1], "it does not stop"
    left = asyncio.all_tasks() - before
    assert not left, f"still running: {left}"


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
