"""Card and art keep the promises of every generator; and the suite sees who does not."""

import os
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field

from services.generator.generators.art import ArtGenerator
from services.generator.generators.card import CardGenerator
from shared.generators import AssetFile, Generator, GeneratorContext
from shared.testing.generator_conformance import GeneratorConformance


class TestCard(GeneratorConformance):
    generator = CardGenerator
    inputs = (
        {"title": "Small", "width": 300, "height": 300},
        {"title": "Under way 🚀 日本", "theme": "paper", "width": 400, "height": 300},
        {"title": "שלום", "layout": "split", "theme": "noir", "width": 320, "height": 300},
        {
            "title": "Poster",
            "layout": "poster",
            "accent": "#00aa88",
            "format": "webp",
            "width": 300,
            "height": 400,
        },
    )
    hostile = (
        {},
        {"title": ""},
        {"title": "   "},
        {"title": "\u200b\u202e\u0007"},
        {"title": "x" * 141},
        {"title": "x", "theme": "../../etc/passwd"},
        {"title": "x", "width": 100_000, "height": 100_000},
        {"title": "x", "width": 2161, "height": 2161},
        {"title": "x", "image": "https://example.com/a.png"},
        {"title": "x", "image": "/etc/passwd"},
        {"title": "x", "logo": "00000000-0000-0000-0000-000000000000"},
        {"title": "x", "accent": "red"},
        {"title": "x", "accent": "#12345g"},
        {"title": "x", "art": "photo"},
        {"title": "x", "format": "svg"},
        {"title": "x", "width": 0},
        {"title": "x", "seed": -1},
        {"title": "x", "template": '#read("/etc/passwd")'},
        {"title": ["x"]},
    )


class TestArt(GeneratorConformance):
    generator = ArtGenerator
    inputs = (
        {"style": "flow", "width": 96, "height": 64},
        {"style": "warp", "width": 64, "height": 96, "palette": "ember"},
        {"style": "mesh", "width": 80, "height": 80, "detail": 1, "format": "webp"},
        {"style": "attractor", "width": 64, "height": 64, "detail": 0, "format": "jpeg"},
        {"style": "labyrinth", "width": 64, "height": 64, "palette": "citrus"},
    )
    hostile = (
        {"width": 5121},
        {"width": 63},
        {"width": 4096, "height": 4096},
        {"width": 2881, "height": 2881},
        {"format": "svg"},
        {"detail": float("nan")},
        {"detail": 1e9},
        {"style": "photo"},
        {"prompt": "a cat"},
        {"seed": 2**32},
    )


class _Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    text: str = Field(default="", description="Any text.", examples=["x"])


class _Careless(Generator[_Loose]):
    """Answers other bytes each time, of another kind than it says, with an open schema."""

    name: ClassVar[str] = "careless"
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "Breaks every promise."
    input_model: ClassVar[type[BaseModel]] = _Loose
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {}

    async def generate(self, input: _Loose, context: GeneratorContext) -> list[AssetFile]:
        path = context.scratch.parent / "escaped.gif"
        path.write_bytes(b"GIF89a" + os.urandom(64))
        return [AssetFile(path)]


class _CarelessSuite(GeneratorConformance):
    generator = _Careless
    inputs = ({},)
    hostile = ({"surprise": 1},)


@pytest.mark.parametrize(
    "promise",
    [
        "test_schema_is_valid_and_closed",
        "test_schema_alone_bounds_every_field",
        "test_hostile_inputs_are_refused_with_a_reason",
        "test_files_stay_in_scratch_and_within_limits",
        "test_answers_with_a_primary_file_of_a_declared_type",
        "test_same_input_and_seed_give_the_same_bytes",
    ],
)
def test_the_suite_catches_a_careless_generator(promise: str, tmp_path: Path) -> None:
    check = getattr(_CarelessSuite(), promise)
    (tmp_path / "scratch").mkdir()
    wants_folder = "tmp_path" in check.__func__.__code__.co_varnames
    with pytest.raises(AssertionError):
        check(tmp_path / "scratch") if wants_folder else check()
