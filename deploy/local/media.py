"""Making one piece of media through the HTTP API of a running stack, as any client would.

Used by ``first_card`` and ``demo``, which show a new user that it works.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local.errors import LocalStackError

_FINAL = {"ready", "failed", "canceled", "expired"}
_FOR_TESTS = {"flaky", "noop"}
_POLL_EVERY = 0.1
_NOTHING_NEW_FOR = 1.5


@dataclass(frozen=True)
class Made:
    """A finished file, and how long it took from the request to the last byte."""

    generator: str
    path: Path
    media_type: str
    size: int
    seconds: float
    measures: str = ""
    """Its size in pixels, or how long it lasts, or both."""


@dataclass(frozen=True)
class Generator:
    """What the API says of a generator that was announced."""

    name: str
    example: dict[str, Any]


def wait_for_generator(client: httpx.Client, name: str, within: timedelta) -> Generator:
    """The generator of that name, once it was announced."""
    deadline = time.monotonic() + within.total_seconds()
    while time.monotonic() < deadline:
        for generator in _announced(client):
            if generator.name == name:
                return generator
        time.sleep(_POLL_EVERY)
    raise LocalStackError(f"no generator process has announced {name} within {within}")


def wait_for_generators(client: httpx.Client, within: timedelta) -> list[Generator]:
    """Those that make something real, once no new ones come in."""
    deadline = time.monotonic() + within.total_seconds()
    found: list[Generator] = []
    settled_at = deadline
    while time.monotonic() < min(deadline, settled_at):
        now = [each for each in _announced(client) if each.name not in _FOR_TESTS]
        if now and now != found:
            found, settled_at = now, time.monotonic() + _NOTHING_NEW_FOR
        time.sleep(_POLL_EVERY)
    return found


def _announced(client: httpx.Client) -> list[Generator]:
    items = client.get("/v1/generators").raise_for_status().json()["items"]
    found = [Generator(item["name"], item["example"]) for item in items]
    return sorted(found, key=lambda generator: generator.name)


def make(
    client: httpx.Client,
    generator: Generator,
    target: Path,
    *,
    within: timedelta,
    on_progress: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Made:
    """Ask for the generator's example, wait for it, and download it beside ``target``."""
    began = time.monotonic()
    request = {"generator": generator.name, "input": generator.example}
    answer = client.post("/v1/media", json=request)
    if answer.is_error:
        raise LocalStackError(f"{generator.name} was refused: {answer.text}")
    job = answer.json()
    while job["status"] not in _FINAL:
        if time.monotonic() - began > within.total_seconds():
            raise LocalStackError(f"{generator.name} is still {job['status']} after {within}")
        time.sleep(_POLL_EVERY)
        job = client.get(f"/v1/media/{job['id']}").raise_for_status().json()
        on_progress(job)
    if job["status"] != "ready":
        raise LocalStackError(f"{generator.name} {job['status']}: {job.get('error')}")
    asset = job["assets"][0]
    path = target.with_suffix(_suffix(asset["media_type"]))
    size = _download(client, f"/v1/media/{job['id']}/content", path)
    taken = time.monotonic() - began
    return Made(generator.name, path, asset["media_type"], size, taken, _measures(asset))


def _measures(asset: dict[str, Any]) -> str:
    pixels = f"{asset['width']} x {asset['height']}" if asset.get("width") else ""
    seconds = f"{asset['duration']:.1f} s" if asset.get("duration") else ""
    return ", ".join(filter(None, (pixels, seconds)))


def _download(client: httpx.Client, url: str, path: Path) -> int:
    content = client.get(url, follow_redirects=True).raise_for_status().content
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(content)


def _suffix(media_type: str) -> str:
    subtype = media_type.partition("/")[2].partition(";")[0].partition("+")[0]
    known = {"jpeg": ".jpg", "mpeg": ".mp3", "x-wav": ".wav", "wav": ".wav", "plain": ".txt"}
    return known.get(subtype, f".{subtype}")
