"""`python -m tests.crash_points`: the table of all points, as Markdown."""

from tests.crash_points.points import POINTS


def main() -> None:
    """Print it."""
    print("| crash point | what has happened, and what has not | while |")
    print("|---|---|---|")
    for point in POINTS:
        print(f"| `{point.name}` | {point.says} | {point.story} |")


if __name__ == "__main__":
    main()
