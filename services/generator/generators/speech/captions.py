"""Cues as caption files: SubRip (.srt) and WebVTT (.vtt, https://www.w3.org/TR/webvtt1/)."""

import html
from collections.abc import Sequence
from typing import Final

from services.generator.generators.speech.cues import Cue

LINE: Final = 42


def srt(cues: Sequence[Cue]) -> str:
    """As SubRip: numbered, with commas in the times."""
    blocks = (
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n{set_in_lines(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue]) -> str:
    """As WebVTT."""
    blocks = (
        f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n"
        f"{html.escape(set_in_lines(cue.text), quote=False)}\n"
        for cue in cues
    )
    return "\n".join(("WEBVTT\n", *blocks))


def set_in_lines(text: str) -> str:
    """On one line where it fits, else on two of like length; a word too long for one is cut."""
    if len(text) <= LINE:
        return text
    spaces = [at for at, char in enumerate(text) if char == " "]
    fitting = [at for at in spaces if at <= LINE and len(text) - at - 1 <= LINE]
    if fitting:
        at = min(fitting, key=lambda at: abs(at - len(text) / 2))
        return f"{text[:at]}\n{text[at + 1 :]}"
    at = max((space for space in spaces if space <= LINE), default=LINE)
    return f"{text[:at].strip()}\n{set_in_lines(text[at:].strip())}"


def _time(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"
