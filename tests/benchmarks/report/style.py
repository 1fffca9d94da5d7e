"""How plots look: one family of colours, no frames, direct labels.

Matplotlib is of the dependency group `bench`, and imported only when something is drawn.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INK, SOFT, LINE = "#1d2733", "#66727f", "#dfe4ea"
ACCENT, QUIET, FLOOR = "#e4572e", "#a9b6c4", "#2e7d6b"
PARTS = {
    "api": "#e4572e",
    "generator": "#f3a712",
    "worker": "#f3a712",
    "notifier": "#a8327d",
    "rabbitmq": "#3d7ea6",
    "postgres": "#2f4b6e",
}
NAMES = {"generator": "worker", "rabbitmq": "RabbitMQ", "postgres": "Postgres"}
"""Of parts, where they are not called as they are known."""
_SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Inter", "DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "grid.color": LINE,
    "figure.facecolor": "white",
    "legend.frameon": False,
}


@contextmanager
def drawing(
    path: Path, size: tuple[float, float], columns: int = 1, heights: Sequence[float] = (1,)
) -> Iterator[Any]:
    """Axes to draw on (an array when there are several); saved as PNG at the end."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_SETTINGS):
        figure, axes = plt.subplots(
            len(heights), columns, figsize=size, height_ratios=heights, layout="constrained"
        )
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15, wspace=0.06, hspace=0.08)
        try:
            yield axes
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=150)
        finally:
            plt.close(figure)


def color_of(system: str) -> str:
    """Ours, the floor's, everybody else's."""
    if system.startswith("darkroom"):
        return ACCENT
    return FLOOR if system.startswith("floor") else QUIET


def label_bars(axis: Any, values: list[float], digits: int = 0) -> None:
    """Each horizontal bar's value beside its end."""
    room = max(values) * 0.015
    for position, value in enumerate(values):
        axis.text(value + room, position, f"{value:,.{digits}f}", va="center", fontsize=9)
    axis.set_xlim(0, max(values) * 1.14)


def legend_below(axis: Any) -> None:
    """In one line under the whole figure: inside it would cover a bar sooner or later."""
    handles, labels = axis.get_legend_handles_labels()
    axis.figure.legend(
        handles, labels, loc="outside lower center", ncol=len(labels), fontsize=9, handlelength=1.2
    )
