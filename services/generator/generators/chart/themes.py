"""The looks a chart can have: colours only."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one look.

    `series` are told apart also by the colour-blind, in their order; `ramp` runs from little to
    much, `rift` from the lowest through the middle to the highest.
    """

    ground: str
    title: str
    text: str
    muted: str
    grid: str
    axis: str
    accent: str
    rest: str
    land: str
    series: tuple[str, ...]
    ramp: tuple[str, ...]
    rift: tuple[str, ...]


THEMES: Final[dict[str, Theme]] = {
    "light": Theme(
        ground="#ffffff",
        title="#14161a",
        text="#2b2f36",
        muted="#626a75",
        grid="#e3e6ea",
        axis="#3a3f47",
        accent="#e3120b",
        rest="#c3c9d1",
        land="#eceef1",
        series=(
            "#1d6fb8",
            "#e4632d",
            "#14a098",
            "#8e4bb0",
            "#d9a400",
            "#c2255c",
            "#6b7a8f",
            "#5f9e2f",
        ),
        ramp=("#c3ddf2", "#92c3e6", "#5aa3d3", "#2171b5", "#0a3a73"),
        rift=("#b2381f", "#eb9b77", "#f4efe9", "#7db3d8", "#1b5f9e"),
    ),
    "dark": Theme(
        ground="#12151f",
        title="#ffffff",
        text="#dfe3ee",
        muted="#98a1b5",
        grid="#2a3042",
        axis="#8b94a9",
        accent="#8f7bff",
        rest="#4a5267",
        land="#2a3042",
        series=(
            "#5cb8ff",
            "#ff9861",
            "#4fd8c4",
            "#c497ff",
            "#ffd166",
            "#ff7ba5",
            "#9fb0c9",
            "#a6de6b",
        ),
        ramp=("#24507f", "#2670a8", "#3a94d2", "#6cbcf0", "#d2efff"),
        rift=("#ff8a65", "#a8543f", "#33384a", "#2f7cab", "#6fd0ff"),
    ),
    "paper": Theme(
        ground="#fff3e8",
        title="#1d1712",
        text="#38302a",
        muted="#6f635a",
        grid="#eaddd0",
        axis="#55493f",
        accent="#990f3d",
        rest="#cfc1b4",
        land="#eddfd1",
        series=(
            "#0f5499",
            "#c4302b",
            "#0d7680",
            "#96682c",
            "#593380",
            "#d0743c",
            "#7b7068",
            "#4c7a34",
        ),
        ramp=("#f5c3a4", "#ec9f83", "#d96c63", "#a8324f", "#5c0c38"),
        rift=("#0f5499", "#86aed0", "#f6e8da", "#e39a80", "#a3232b"),
    ),
    "ocean": Theme(
        ground="#07273b",
        title="#f6fbff",
        text="#dcebf4",
        muted="#94b3c5",
        grid="#17405a",
        axis="#86a8bc",
        accent="#2fd3c0",
        rest="#3e6680",
        land="#153d56",
        series=(
            "#2fd3c0",
            "#ffb454",
            "#7fc3ff",
            "#ff8a8a",
            "#d6e36b",
            "#c9a7ff",
            "#a9c2d1",
            "#5fe08b",
        ),
        ramp=("#176474", "#1a8488", "#27ada4", "#6fd6ac", "#e6fbc8"),
        rift=("#ffb454", "#9a7647", "#1d4760", "#2a93a8", "#6ff0e0"),
    ),
    "mono": Theme(
        ground="#fbfbfa",
        title="#0c0c0c",
        text="#262626",
        muted="#666666",
        grid="#e4e4e2",
        axis="#333333",
        accent="#0c0c0c",
        rest="#cdcdca",
        land="#efefed",
        series=(
            "#1a1a1a",
            "#d1401f",
            "#8a8a88",
            "#555553",
            "#b0b0ad",
            "#e59078",
            "#3a3a38",
            "#717170",
        ),
        ramp=("#cdcdca", "#a8a8a5", "#858583", "#4c4c4a", "#141414"),
        rift=("#b5341a", "#e59f8b", "#efefed", "#9a9a97", "#262626"),
    ),
}
