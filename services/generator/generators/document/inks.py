"""The colours of a document, made of one."""

from collections.abc import Sequence


def inks(accent: str) -> dict[str, str]:
    """Colours by their use: `accent` for lines and areas, `strong` for text of that colour."""
    channels = [int(accent[at : at + 2], 16) for at in (1, 3, 5)]
    strong = next(
        mix for mix in (_mixed(channels, 0, step / 20) for step in range(21)) if _dark(mix)
    )
    return {
        "accent": accent,
        "strong": _hex(strong),
        "tint": _hex(_mixed(channels, 255, 0.92)),
        "soft": _hex(_mixed(channels, 255, 0.72)),
        "over": "#ffffff" if _dark(channels, 3.2) else "#14161a",
        "text": "#1c2128",
        "muted": "#5b6470",
        "line": "#d5dae0",
    }


def _mixed(channels: Sequence[int], end: int, share: float) -> list[int]:
    return [round(channel + (end - channel) * share) for channel in channels]


def _hex(channels: Sequence[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _dark(channels: Sequence[int], wanted: float = 4.5) -> bool:
    """Whether text of that colour has the wanted contrast to white paper (WCAG 2.1)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in channels)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05) >= wanted
