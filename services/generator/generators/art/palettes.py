"""Named sets of colours that go together."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """`ramp` runs from the deepest to the brightest; `ground` is what ribbons lie on."""

    ground: str
    ramp: tuple[str, ...]
    ribbons: tuple[str, ...]


PALETTES: Final[dict[str, Palette]] = {
    "dusk": Palette(
        ground="#17122e",
        ramp=("#0e0b26", "#2b1a5c", "#6a2c8f", "#c8467f", "#f58a6a", "#ffd9a8"),
        ribbons=("#f58a6a", "#ffd9a8", "#c8467f", "#7a3aa8", "#3d2a7d", "#f4c3c9"),
    ),
    "ember": Palette(
        ground="#1a0f0d",
        ramp=("#120a0a", "#4a1213", "#a32219", "#e4572a", "#f6a63c", "#fdeccb"),
        ribbons=("#6a1a1a", "#a32219", "#e4572a", "#f6a63c", "#fdeccb", "#d98c6a"),
    ),
    "lagoon": Palette(
        ground="#f2eee2",
        ramp=("#061826", "#0b3c5d", "#12738a", "#3fb5a8", "#a9dfc6", "#f7efd8"),
        ribbons=("#0b3c5d", "#12738a", "#3fb5a8", "#8fd3c0", "#e8b15a", "#e0674c"),
    ),
    "moss": Palette(
        ground="#ece9db",
        ramp=("#10180f", "#2a3d22", "#566b34", "#94a35a", "#cfcf94", "#f5f0dc"),
        ribbons=("#2a3d22", "#566b34", "#94a35a", "#c9b458", "#7c5b3b", "#1d2a1f"),
    ),
    "aurora": Palette(
        ground="#08111f",
        ramp=("#050a18", "#0c2447", "#0f5c6e", "#1fae84", "#8be5a8", "#f0ffe0"),
        ribbons=("#1fae84", "#8be5a8", "#4f6de0", "#8a5be8", "#0f5c6e", "#e6f7d2"),
    ),
    "terracotta": Palette(
        ground="#f4ebdd",
        ramp=("#24303c", "#5b4a4a", "#a5533a", "#d98455", "#edbf8b", "#fbf1e0"),
        ribbons=("#c2593a", "#d98455", "#e9b44c", "#24303c", "#4d7c8a", "#8c3b2b"),
    ),
    "porcelain": Palette(
        ground="#f5f3ee",
        ramp=("#14245c", "#2b4bb0", "#7d9be0", "#c8d6f2", "#f3eee6", "#fffaf2"),
        ribbons=("#14245c", "#2b4bb0", "#7d9be0", "#b7c8ee", "#d9a441", "#e8d9c4"),
    ),
    "graphite": Palette(
        ground="#efece6",
        ramp=("#0d0d0f", "#29292d", "#55555b", "#8f8d8c", "#c9c6c0", "#f6f3ec"),
        ribbons=("#111114", "#2e2e33", "#55555b", "#8f8d8c", "#bdb9b1", "#a8442f"),
    ),
    "sakura": Palette(
        ground="#fbf1ef",
        ramp=("#2b1630", "#6b2a55", "#b94a77", "#e58fa6", "#f6c9cf", "#fdf3ee"),
        ribbons=("#b94a77", "#e58fa6", "#6b2a55", "#f3b5a0", "#7f9172", "#f1cf9d"),
    ),
    "citrus": Palette(
        ground="#fdf6e3",
        ramp=("#23310f", "#5c7a1c", "#a9bf2f", "#f4d03f", "#f79d3c", "#fff0c9"),
        ribbons=("#f4b52e", "#ef7d32", "#a9bf2f", "#4f7a2a", "#e2506b", "#f7d774"),
    ),
    "neon": Palette(
        ground="#0b0a1a",
        ramp=("#07061a", "#2a0f6b", "#7a19c9", "#f02ea0", "#ff8a5c", "#fff3b0"),
        ribbons=("#f02ea0", "#7a19c9", "#25d3f2", "#ff8a5c", "#3d5afe", "#f9f871"),
    ),
    "glacier": Palette(
        ground="#eef4f6",
        ramp=("#0b1e2d", "#1f4a63", "#4887a3", "#8fbfd0", "#cfe4ea", "#f7fbfb"),
        ribbons=("#1f4a63", "#4887a3", "#8fbfd0", "#b9d6dd", "#f0a58f", "#0b1e2d"),
    ),
    "desert": Palette(
        ground="#f6e7d3",
        ramp=("#2d1a2a", "#6e2f3c", "#b8553f", "#e39155", "#f3c98a", "#fdf0d9"),
        ribbons=("#b8553f", "#e39155", "#6e2f3c", "#f0b661", "#3d6b73", "#d9c3a0"),
    ),
    "orchid": Palette(
        ground="#1c1029",
        ramp=("#120a1f", "#3a1a5e", "#7c3aa6", "#c56bd0", "#f2a8d5", "#fde9f1"),
        ribbons=("#c56bd0", "#7c3aa6", "#f2a8d5", "#5b6ee1", "#f7c873", "#fde9f1"),
    ),
    "bauhaus": Palette(
        ground="#f2ead8",
        ramp=("#14181f", "#1f4e8c", "#c8372d", "#e8872b", "#f2b632", "#f7f0df"),
        ribbons=("#d13a2c", "#1f4e8c", "#f2b632", "#1a1a1c", "#e9dcc0", "#3f8f86"),
    ),
    "midnight": Palette(
        ground="#0a1020",
        ramp=("#060a16", "#10234a", "#1f4b8f", "#4d8fd1", "#a7cdf0", "#f4f8ff"),
        ribbons=("#4d8fd1", "#a7cdf0", "#1f4b8f", "#f2c46d", "#e8744f", "#f4f8ff"),
    ),
}
