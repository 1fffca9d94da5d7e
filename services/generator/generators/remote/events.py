"""Reads Server-Sent Events as JSON. Source: WHATWG HTML, section 9.2 (only `data` is looked at)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from services.generator.generators.remote.errors import AnswerLostError


async def events_of(response: httpx.Response, largest: int) -> AsyncIterator[dict[str, Any]]:
    """Each event; `[DONE]` is none. Raises `AnswerLostError` for more than `largest` bytes."""
    data: list[str] = []
    size = 0
    async for line in response.aiter_lines():
        size += len(line)
        if size > largest:
            raise AnswerLostError(f"The provider answered more than {largest} bytes.")
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            event, data = "\n".join(data), []
            if event != "[DONE]":
                yield _parsed(event)


def _parsed(event: str) -> dict[str, Any]:
    try:
        parsed = json.loads(event)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise AnswerLostError("The provider sent an event that is no JSON object.")
    return parsed
