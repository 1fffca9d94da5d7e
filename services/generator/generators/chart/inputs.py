"""What one can ask of the chart generator. Imported to announce it: keep it light.

The data are structured; there is no way to say how something is drawn, only what it is.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from services.generator.generators.chart.coherence import check
from services.generator.generators.typography.text import cleaned, something_left

Kind = Literal["line", "area", "bar", "pie", "donut", "scatter", "heatmap", "choropleth"]
NumberFormat = Literal["number", "percent", "currency"]
Currency = Literal[
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN", "BRL"
]
Locale = Literal["en", "de", "fr", "es"]

_LARGEST: Final = 1e15


Line = Annotated[str, AfterValidator(cleaned)]
Text = Annotated[Line, AfterValidator(something_left)]
Label = Annotated[Line, Field(max_length=200)]
Number = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False)]
NumberOrNone = Annotated[
    Number | None,
    WithJsonSchema({"type": ["number", "null"], "minimum": -_LARGEST, "maximum": _LARGEST}),
]

# Which data a kind needs; as JSON Schema, so that who validates by the schema alone says it too.
_DATA: Final[dict[str, Any]] = {
    "if": {"properties": {"kind": {"const": "scatter"}}, "required": ["kind"]},
    "then": {"required": ["points"]},
    "else": {"required": ["labels", "series"]},
}


class Series(BaseModel):
    """One line, one colour of bars, or one row of a heatmap."""

    model_config = ConfigDict(extra="forbid")

    name: Label = Field(
        default="",
        description="What the values are; written beside them where there are several series.",
        examples=["Solar"],
    )
    values: list[NumberOrNone] = Field(
        min_length=1,
        max_length=5000,
        description="One value a label, in the same order; null where there is none.",
        examples=[[12.4, 13.1, None, 15.8]],
    )


class Point(BaseModel):
    """One dot of a scatter chart."""

    model_config = ConfigDict(extra="forbid")

    x: float = Field(
        ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False, description="Across.", examples=[42.5]
    )
    y: float = Field(
        ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False, description="Up.", examples=[78.1]
    )
    size: float | None = Field(
        default=None,
        ge=0,
        le=_LARGEST,
        allow_inf_nan=False,
        description="What the area of the dot stands for.",
        examples=[83.2],
    )
    group: Label = Field(
        default="", description="Dots of a group share a colour.", examples=["Europe"]
    )
    label: Label = Field(
        default="",
        description="Written beside the dot where there is room.",
        examples=["Germany"],
    )


class Reference(BaseModel):
    """A line across the chart that says: here is the target, the average, the event."""

    model_config = ConfigDict(extra="forbid")

    y: float | None = Field(
        default=None,
        ge=-_LARGEST,
        le=_LARGEST,
        allow_inf_nan=False,
        description="A value: the line goes along the labels.",
        examples=[1.5],
    )
    x: str | None = Field(
        default=None,
        max_length=200,
        description="A label, a date or a number on the other axis.",
        examples=["2020-03-11"],
    )
    label: Label = Field(
        default="", description="Written at the line.", examples=["Paris target: 1.5 °C"]
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Reference":
        if (self.x is None) == (self.y is None):
            raise ValueError("a reference needs either x or y, and not both")
        return self


class ChartInput(BaseModel):
    """A chart of one kind. `scatter` is drawn from `points`, all others from labels and series."""

    model_config = ConfigDict(extra="forbid", title="Chart", json_schema_extra=_DATA)

    kind: Kind = Field(
        description="line, area, bar, pie, donut, scatter, heatmap, or choropleth (a world map).",
        examples=["line"],
    )
    title: Text = Field(
        min_length=1,
        max_length=160,
        pattern=r"\S",
        description="The headline: best what the chart shows, not what it is made of.",
        examples=["Solar power has become the cheapest source of electricity"],
    )
    subtitle: Line = Field(
        default="",
        max_length=300,
        description="What is measured, where, in which unit.",
        examples=["Cost of electricity from new plants, world average, $ per MWh"],
    )
    source: Line = Field(
        default="",
        max_length=200,
        description="Where the data come from; at the foot.",
        examples=["Source: IRENA, 2025"],
    )
    labels: list[Label] = Field(
        default=[],
        max_length=5000,
        description=(
            "What the values belong to: names, ISO dates (2024-05-31, 2024-05, 2024) or numbers; "
            "for a choropleth countries, as ISO 3166 codes or names."
        ),
        examples=[["2019", "2020", "2021", "2022"]],
    )
    series: list[Series] = Field(
        default=[],
        max_length=40,
        description="The values; 20 series at most, 40 rows in a heatmap, one in pie and map.",
        examples=[[{"name": "Solar", "values": [12.4, 13.1, None, 15.8]}]],
    )
    points: list[Point] = Field(
        default=[],
        max_length=10_000,
        description="The dots of a scatter chart.",
        examples=[[{"x": 42.5, "y": 78.1, "size": 83.2, "group": "Europe", "label": "Germany"}]],
    )
    references: list[Reference] = Field(
        default=[],
        max_length=6,
        description="Lines across a line, area, bar or scatter chart, with a label.",
        examples=[[{"y": 1.5, "label": "Paris target: 1.5 °C"}]],
    )
    highlight: list[Label] = Field(
        default=[],
        max_length=20,
        description="Series, labels or groups that keep their colour; the rest turns grey.",
        examples=[["Solar"]],
    )
    x_axis: Literal["auto", "category", "date", "number"] = Field(
        default="auto",
        description="What the labels of a line or area chart are; auto looks at them.",
        examples=["date"],
    )
    x_label: Line = Field(
        default="", max_length=120, description="What goes across.", examples=["Income per head"]
    )
    y_label: Line = Field(
        default="", max_length=120, description="What goes up.", examples=["Life expectancy"]
    )
    date_format: Literal["auto", "year", "month", "day", "iso"] = Field(
        default="auto",
        description="How dates under a line or area chart are written; auto: as short as they can.",
        examples=["month"],
    )
    x_scale: Literal["linear", "log"] = Field(
        default="linear",
        description="Of a scatter chart, across: log is for values above 0 of very different size.",
        examples=["log"],
    )
    y_scale: Literal["linear", "log"] = Field(
        default="linear",
        description="Of a line or scatter chart, upwards: log is for values above 0.",
        examples=["log"],
    )
    y_min: float | None = Field(
        default=None,
        ge=-_LARGEST,
        le=_LARGEST,
        allow_inf_nan=False,
        description="Where the value axis of a line or scatter chart begins, at the latest.",
        examples=[0],
    )
    y_max: float | None = Field(
        default=None,
        ge=-_LARGEST,
        le=_LARGEST,
        allow_inf_nan=False,
        description="Where the value axis of a line or scatter chart ends, at the earliest.",
        examples=[100],
    )
    stacking: Literal["auto", "none", "total", "share"] = Field(
        default="auto",
        description=(
            "Several series of bars or areas: side by side (none), on top of each other (total), "
            "or as parts of 100 % (share). auto: bars side by side, areas on top of each other."
        ),
        examples=["total"],
    )
    direction: Literal["auto", "vertical", "horizontal"] = Field(
        default="auto",
        description="Which way bars go; auto lays them down when their labels are long or many.",
        examples=["horizontal"],
    )
    sort: Literal["none", "ascending", "descending"] = Field(
        default="none",
        description="The order of bars and slices, by the sum of their values.",
        examples=["descending"],
    )
    number_format: NumberFormat = Field(
        default="number",
        description="What values are; percent takes fractions: 0.12 is shown as 12 %.",
        examples=["percent"],
    )
    currency: Currency = Field(
        default="EUR", description="The currency of number_format currency.", examples=["USD"]
    )
    unit: Line = Field(
        default="", max_length=16, description="Written after each number.", examples=["TWh"]
    )
    decimals: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description="Decimal places; as many as are needed where it is not given.",
        examples=[1],
    )
    locale: Locale = Field(
        default="en",
        description="How numbers and dates are written.",
        examples=["de"],
    )
    values_shown: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="Whether bars, slices and cells carry their value; auto: where there is room.",
        examples=["always"],
    )
    classes: Literal["even", "quantiles"] = Field(
        default="quantiles",
        description="How a choropleth cuts values into colours: even steps, or as many in each.",
        examples=["even"],
    )
    theme: Literal["light", "dark", "paper", "ocean", "mono"] = Field(
        default="light",
        description="The look: light, paper and mono are bright, dark and ocean are deep.",
        examples=["paper"],
    )
    width: int = Field(
        default=1200, ge=320, le=2000, description="Width in pixels.", examples=[1200]
    )
    height: int = Field(
        default=675, ge=240, le=2000, description="Height in pixels.", examples=[675]
    )
    scale: Literal[1, 2] = Field(
        default=1,
        description="Pixels of the PNG for each pixel of width and height: 2 for fine screens.",
        examples=[2],
    )
    format: Literal["png", "svg", "pdf"] = Field(
        default="png",
        description="The kind of file; svg and pdf come with a PNG as preview.",
        examples=["svg"],
    )

    @model_validator(mode="after")
    def _coherent(self) -> "ChartInput":
        check(self)
        return self

    def series_values(self) -> list[list[float | None]]:
        """The values alone, one list a series."""
        return [series.values for series in self.series]
