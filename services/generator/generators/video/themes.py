"""The looks a video can have: what is written in which colour, on which veil."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Theme:
    """`veil` lies between background and lettering, as strong as legibility asks for.

    `ground` is the gradient of scenes with a colour of the theme, from the top left; `palette` the
    one that art is painted with unless a scene says otherwise.
    """

    title: str
    text: str
    accent: str
    veil: str
    box: str
    box_text: str
    ground: tuple[str, ...]
    palette: str


THEMES: Final[dict[str, Theme]] = {
    "midnight": Theme(
        title="#ffffff",
        text="#e9ebfb",
        accent="#9d8cff",
        veil="#070a1c",
        box="#0a0d1ee0",
        box_text="#ffffff",
        ground=("#0a0f2b", "#17195a", "#3a2a86"),
        palette="dusk",
    ),
    "lagoon": Theme(
        title="#ffffff",
        text="#e3f4f3",
        accent="#5fe0cf",
        veil="#04161f",
        box="#06181fe0",
        box_text="#ffffff",
        ground=("#052233", "#0a4a5e", "#178a8a"),
        palette="lagoon",
    ),
    "ember": Theme(
        title="#fffaf3",
        text="#fdeadb",
        accent="#ffb454",
        veil="#1a0806",
        box="#180a08e0",
        box_text="#fffaf3",
        ground=("#2a0a12", "#7a1d1d", "#c2491f"),
        palette="ember",
    ),
    "forest": Theme(
        title="#fbfff4",
        text="#e6f2df",
        accent="#c4ec5a",
        veil="#06140d",
        box="#08160fe0",
        box_text="#fbfff4",
        ground=("#06241b", "#12503a", "#4c8a4a"),
        palette="moss",
    ),
    "paper": Theme(
        title="#17140f",
        text="#39332a",
        accent="#d9481f",
        veil="#fbf6ec",
        box="#fffdf8f0",
        box_text="#17140f",
        ground=("#fdf9f1", "#f6eee0", "#ecdcc6"),
        palette="terracotta",
    ),
    "mono": Theme(
        title="#ffffff",
        text="#dcdcdf",
        accent="#ffffff",
        veil="#08080a",
        box="#0b0b0de0",
        box_text="#ffffff",
        ground=("#0c0c0f", "#1e1e23", "#3a3a42"),
        palette="graphite",
    ),
}
