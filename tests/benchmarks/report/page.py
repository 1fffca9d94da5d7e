"""The parts of docs/performance/README.md that the suite fills: between two markers."""

import re
from pathlib import Path


def fill(page: Path, name: str, content: str) -> bool:
    """Replace what stands between the markers of that name; False when they are not there."""
    text = page.read_text()
    pattern = re.compile(
        rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL
    )
    filled, found = pattern.subn(lambda match: f"{match[1]}{content}\n{match[2]}", text)
    if filled != text:
        page.write_text(filled)
    return bool(found)
