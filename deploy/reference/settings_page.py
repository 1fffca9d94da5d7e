"""docs/reference/settings.md."""

from collections.abc import Iterator

from deploy.reference.markdown import code, table
from deploy.reference.variables import Variable, readers

_HEAD = """\
# Settings

Environment variables, read when a process starts. An empty variable counts as not set. The same
list with values to copy is [.env.example](../../.env.example).
"""


def settings_page() -> str:
    """The page's text."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for reader in readers():
        yield f"## {reader.title}\n"
        yield table(("variable", "default", "meaning"), map(_row, reader.variables))


def _row(variable: Variable) -> tuple[str, str, str]:
    default = "required" if variable.required else code(variable.default)
    return code(variable.name), default, variable.description
