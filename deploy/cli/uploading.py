"""`darkroom upload`, and `@file` in what `darkroom make` is given: files that inputs name by id."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.values import Schema, resolve
from deploy.cli.wording import print_json
from shared.client import DarkroomClient, Upload
from shared.generators.inputs import FORMAT

EXAMPLE = "Example: darkroom make rendition source=$(darkroom upload photo.jpg) width=640 -o ."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("upload", rich_help_panel="Media", epilog=EXAMPLE)(upload)


def upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture, a sound, a video, …")],
    *,
    name: Annotated[str | None, typer.Option(help="Call it this.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The upload as JSON.")] = False,
) -> None:
    """Bring a file along, and print the id that inputs name it by."""
    here = surroundings(context)
    stored = asyncio.run(_upload(here, file, name))
    if as_json:
        print_json(here.out, stored)
        return
    here.err.print(Text(_described(stored), "dim"), soft_wrap=True)
    here.out.print(str(stored.id))


async def _upload(here: Surroundings, file: Path, name: str | None) -> Upload:
    async with here.client() as client:
        return await _put(client, file, name)


async def _put(client: DarkroomClient, file: Path, name: str | None = None) -> Upload:
    try:
        return await client.upload(file, name)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


def _described(stored: Upload) -> str:
    dimensions = f" {stored.width}x{stored.height}" if stored.width and stored.height else ""
    return f"{stored.filename or 'upload'}: {stored.media_type}{dimensions}, {decimal(stored.size)}"


class FileUploads:
    """Puts ids in the place of `@file`, wherever the schema expects an asset id there.

    A file that is named twice is sent once. Ids never begin with `@`, other texts may.
    """

    def __init__(self, client: DarkroomClient, schema: Schema) -> None:
        self._client = client
        self._schema = schema
        self._ids: dict[str, str] = {}

    async def replaced(self, value: Any, field: Schema | None = None) -> Any:
        """`value`, which `field` (the whole schema, at first) describes, with ids for files."""
        shapes = list(_shapes(self._schema if field is None else field, self._schema))
        match value:
            case str() if value.startswith("@") and any(s.get("format") == FORMAT for s in shapes):
                return await self._id_of(value[1:])
            case list():
                items = _either(shape["items"] for shape in shapes if "items" in shape)
                return [await self.replaced(item, items) for item in value]
            case dict():
                return {
                    key: await self.replaced(item, _member(shapes, key))
                    for key, item in value.items()
                }
        return value

    async def _id_of(self, name: str) -> str:
        if name not in self._ids:
            self._ids[name] = str((await _put(self._client, Path(name))).id)
        return self._ids[name]


def _shapes(field: Schema, schema: Schema) -> Iterator[Schema]:
    """The field itself, and all that it may be instead."""
    if reference := field.get("$ref"):
        yield from _shapes(resolve(reference, schema), schema)
    yield field
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in field.get(key, ()):
            yield from _shapes(branch, schema)


def _member(shapes: list[Schema], key: str) -> Schema:
    named = [shape["properties"][key] for shape in shapes if key in shape.get("properties", ())]
    others = (shape.get("additionalProperties") for shape in shapes)
    return _either(named or [other for other in others if isinstance(other, Mapping)])


def _either(fields: Any) -> Schema:
    return {"anyOf": list(fields)}
