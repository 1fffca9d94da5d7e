"""Who was ready when: every service process is asked several times a second, from outside."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import httpx

from tests.chaos.system import System

LOOK_EVERY = 0.25
_ANSWERS_WITHIN = 1.0
_LONGEST_REASON = 100


@dataclass(frozen=True, slots=True)
class Look:
    """One look at all processes: asked from `began` on, answered by `ended`."""

    began: float
    ended: float
    not_ready: Mapping[str, str]
    """Processes that were not, and what they said."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which one process was not ready, and what it said, each once."""

    name: str
    began: float
    ended: float
    why: tuple[str, ...]


class Watch:
    """Looks until it is stopped; times count from the beginning of the load."""

    def __init__(self, system: System, now: Callable[[], float]) -> None:
        self._system = system
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self.looks: list[Look] = []

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="watch")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN) as http:
            while True:
                began = self._now()
                why = await self._system.why_not_ready(http)
                self.looks.append(Look(began, self._now(), why))
                await asyncio.sleep(LOOK_EVERY)


def ready_after(looks: Iterable[Look], moment: float) -> float | None:
    """When everybody was ready for the first time after that moment; None: never."""
    for look in looks:
        if look.began >= moment and not look.not_ready:
            return look.ended
    return None


def longest_away(looks: Sequence[Look], names: Sequence[str]) -> float:
    """The longest time, in seconds, in which none of these was ready."""
    longest, since = 0.0, None
    for look in looks:
        if all(name in look.not_ready for name in names):
            since = look.began if since is None else since
            longest = max(longest, look.ended - since)
        else:
            since = None
    return longest


def spells(looks: Iterable[Look]) -> list[Spell]:
    """Who was not ready from when to when, and why, in the order of their beginning."""
    found: list[Spell] = []
    lasting: dict[str, Spell] = {}
    for look in looks:
        for name in lasting.keys() - look.not_ready.keys():
            found.append(lasting.pop(name))
        for name, why in look.not_ready.items():
            spell = lasting.get(name) or Spell(name, look.began, look.ended, ())
            reason = gist(why)[:_LONGEST_REASON]
            reasons = spell.why if reason in spell.why else (*spell.why, reason)
            lasting[name] = replace(spell, ended=look.ended, why=reasons)
    return sorted([*found, *lasting.values()], key=lambda spell: (spell.began, spell.name))


def gist(why: str) -> str:
    """What is wrong, out of an answer of /health/ready; anything else as it is."""
    try:
        checks = json.loads(why)["checks"]
    except (ValueError, KeyError, TypeError):
        return why
    return "; ".join(f"{name}: {said}" for name, said in checks.items() if said != "ok")
