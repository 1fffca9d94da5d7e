"""What the models of the protocol understand, and how a wish is said to them.

Source: OpenAI's API reference, images (create, edit).
"""

from collections.abc import Iterator
from typing import Any, Final

from services.generator.generators.openai_images.inputs import OpenAiImagesInput
from services.generator.generators.openai_images.settings import Dialect, OpenAiImagesBackend

_SIZES: Final[dict[Dialect, frozenset[str]]] = {
    "gpt-image": frozenset({"auto", "1024x1024", "1536x1024", "1024x1536"}),
    "dall-e": frozenset({"auto", "1024x1024", "1792x1024", "1024x1792"}),
    "plain": frozenset({"auto", "256x256", "512x512", "1024x1024"}),
}


def shortcoming(wish: OpenAiImagesInput, told: OpenAiImagesBackend) -> str | None:
    """The field that this server cannot do, and why; None: it can do all."""
    return next(_shortcomings(wish, told), None)


def _shortcomings(wish: OpenAiImagesInput, told: OpenAiImagesBackend) -> Iterator[str]:
    sizes = _SIZES[told.dialect] if told.sizes is None else {"auto", *told.sizes}
    dall_e, gpt_image = told.dialect == "dall-e", told.dialect == "gpt-image"
    if wish.model not in {None, told.model}:
        yield f"model: {told.name} has {told.model}"
    if wish.size not in sizes:
        yield f"size: {told.name} makes {', '.join(sorted(sizes))}"
    if wish.images and (not told.edits or dall_e):
        yield f"images: {told.name} cannot change pictures"
    if wish.background == "transparent" and not gpt_image:
        yield f"background: {told.name} cannot make it transparent"
    if wish.format not in {"auto", "png"} and not gpt_image:
        yield f"format: {told.name} makes png"
    if wish.count > 1 and dall_e:
        yield f"count: {told.name} makes 1 at a time"


def said(wish: OpenAiImagesInput, told: OpenAiImagesBackend) -> dict[str, Any]:
    """The fields of the request. What is `auto` is left to the server."""
    fields: dict[str, Any] = {"model": told.model, "prompt": wish.prompt, "n": wish.count}
    if wish.size != "auto":
        fields["size"] = wish.size
    match told.dialect:
        case "gpt-image":
            fields |= _gpt_image(wish, told)
        case "dall-e":
            fields |= {"response_format": "b64_json"}
            if wish.quality != "auto":
                fields["quality"] = "hd" if wish.quality == "high" else "standard"
        case "plain":
            fields |= {"response_format": "b64_json"}
    return fields


def streams(wish: OpenAiImagesInput, told: OpenAiImagesBackend) -> bool:
    """Whether the picture is to be seen while it is made: one at a time only."""
    return told.dialect == "gpt-image" and told.partial_images > 0 and wish.count == 1


def _gpt_image(wish: OpenAiImagesInput, told: OpenAiImagesBackend) -> dict[str, Any]:
    wanted = {
        "quality": wish.quality,
        "background": wish.background,
        "output_format": wish.format,
    }
    fields: dict[str, Any] = {name: value for name, value in wanted.items() if value != "auto"}
    if streams(wish, told):
        fields |= {"stream": True, "partial_images": told.partial_images}
    return fields
