"""The chart generator: laid out in Python, set by Typst."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.chart.inputs import ChartInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role


class ChartGenerator(Generator[ChartInput]):
    """Lines, areas, bars, pies, scatters, heatmaps and world maps, ready to publish."""

    name: ClassVar[str] = "chart"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = (
        "Charts ready to publish: line, area, bar, pie, scatter, heatmap and world map."
    )
    input_model: ClassVar[type[ChartInput]] = ChartInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png", "image/svg+xml", "application/pdf")
    example: ClassVar[dict[str, Any]] = {
        "kind": "line",
        "title": "Solar has become the cheapest source of electricity",
        "subtitle": "Mean cost of a megawatt-hour from a new plant, without subsidies",
        "source": "Source: Lazard, levelised cost of energy",
        "labels": [str(year) for year in range(2009, 2020)],
        "series": [
            {"name": "Nuclear", "values": [123, 96, 95, 96, 104, 112, 117, 117, 148, 151, 155]},
            {"name": "Coal", "values": [111, 111, 111, 102, 105, 112, 108, 102, 102, 102, 109]},
            {"name": "Gas", "values": [83, 82, 83, 75, 74, 74, 65, 63, 60, 58, 56]},
            {"name": "Wind", "values": [135, 124, 71, 72, 70, 59, 55, 47, 45, 42, 41]},
            {"name": "Solar", "values": [359, 248, 157, 125, 98, 79, 64, 55, 50, 43, 40]},
        ],
        "highlight": ["Solar", "Wind"],
        "number_format": "currency",
        "currency": "USD",
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=60),
        memory_bytes=2 * 1024**3,
        output_bytes=64 * 1024**2,
        resident_bytes=384 * 1024**2,
    )

    async def generate(self, input: ChartInput, context: GeneratorContext) -> list[AssetFile]:
        """The chart in its format; with a PNG as preview, where that is another.

        Raises `InvalidInputError` for an unknown country, or text that no font here can draw.
        """
        # Announcing a generator imports this module: what draws is loaded by who draws.
        from services.generator.generators.chart import drawing, wording  # noqa: PLC0415

        await context.progress(5, "Laying out")
        chart, fonts = wording.drawable(input)
        canvas = drawing.laid_out(chart)
        await context.progress(40, "Drawing")
        press = drawing.Press(canvas, fonts, context.scratch)
        answer = press.printed(chart.format, chart.scale)
        preview: bytes | None = None
        if chart.format != "png":
            await context.progress(80, "Drawing the preview")
            preview = press.printed("png")
        provenance = {
            "fonts": fonts.hashes(),
            "omitted_characters": fonts.omitted,
            "stages": press.stages,
        }
        made = _kept(context, f"chart.{chart.format}", answer, Role.PRIMARY, provenance)
        if preview is None:
            return [made]
        shown = _kept(context, "preview.png", preview, Role.PREVIEW, provenance)
        return [replace(made, picture=drawing.picture(preview)), shown]


def _kept(
    context: GeneratorContext, name: str, body: bytes, role: Role, provenance: dict[str, Any]
) -> AssetFile:
    path = context.scratch / name
    path.write_bytes(body)
    return AssetFile(path, role, name, provenance)
