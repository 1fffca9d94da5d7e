"""What is done to dead letters: count first, ask, then act, and say what is left.

Of many, only those are meant that were there when they were counted: what dies again while it is
replayed is left for the next look, so that no replay goes round.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import typer
from rich.text import Text

from deploy.cli.dead_wording import print_groups
from deploy.cli.surroundings import Surroundings
from deploy.cli.wording import print_json
from shared.client import ApiProblemError, DarkroomClient, DeadLetterFilter, DeadLetterGroup
from shared.errors import RetryableError

_AT_ONCE = 1_000
_INSTANT = timedelta(microseconds=1)


@dataclass
class Tally:
    """What has become of them so far; `failed` says why, by id."""

    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    left: int = 0


@dataclass(frozen=True)
class Turn:
    """What one call to the API did."""

    done: int
    failed: dict[str, str]
    left: int


One = Callable[[DarkroomClient, str], Awaitable[object]]
Some = Callable[[DarkroomClient, DeadLetterFilter, datetime, int], Awaitable[Turn]]


@dataclass(frozen=True)
class Deed:
    """Something to do with dead letters."""

    verb: str
    past: str
    ask_for_ids: bool
    one: One
    some: Some


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    ids: list[str]
    wanted: DeadLetterFilter
    limit: int | None
    yes: bool
    dry_run: bool
    as_json: bool


def act(here: Surroundings, deed: Deed, order: Order) -> None:
    """Do it, and report. Leaves with 1 when something could not be done."""
    tally = Tally()
    act_on = _act_on_ids if order.ids else _act_on_groups
    try:
        acted = asyncio.run(act_on(here, deed, order, tally))
    except RetryableError:
        if tally.done:
            _report(here, deed, order, tally)
        raise
    if acted:
        _report(here, deed, order, tally)
    if tally.failed:
        raise typer.Exit(1)


async def _act_on_ids(here: Surroundings, deed: Deed, order: Order, tally: Tally) -> bool:
    if not _agreed(here, deed, order, len(order.ids), certain=not deed.ask_for_ids):
        return False
    async with here.client() as client:
        for letter_id in order.ids:
            try:
                await deed.one(client, letter_id)
                tally.done += 1
            except ApiProblemError as error:
                tally.failed[letter_id] = error.detail
    return True


async def _act_on_groups(here: Surroundings, deed: Deed, order: Order, tally: Tally) -> bool:
    """Each by itself, so that a queue that is gone holds up no other."""
    async with here.client() as client:
        groups = await client.dead_letters.groups(order.wanted)
        count = sum(group.count for group in groups)
        if order.as_json and order.dry_run:
            print_json(here.out, groups)
            return False
        if groups:
            print_groups(here.err if order.as_json else here.out, groups)
            count = min(count, order.limit or count)
            if not _agreed(here, deed, order, count, certain=False):
                return False
        for group in groups:
            await _act_on_group(client, deed, order, group, tally)
    return True


async def _act_on_group(
    client: DarkroomClient, deed: Deed, order: Order, group: DeadLetterGroup, tally: Tally
) -> None:
    """Call after call, until none is left or nothing more can be done."""
    wanted = order.wanted.of_group(group)
    before = group.last_received_at + _INSTANT  # by the API's clock
    turn = Turn(done=0, failed={}, left=group.count)
    while room := _AT_ONCE if order.limit is None else min(_AT_ONCE, order.limit - tally.done):
        turn = await deed.some(client, wanted, before, room)
        tally.done += turn.done
        tally.failed |= turn.failed
        if not turn.done or not turn.left:
            break
    tally.left += turn.left


def _agreed(here: Surroundings, deed: Deed, order: Order, count: int, *, certain: bool) -> bool:
    """Whether to go on: somebody has said so, or need not be asked."""
    if order.dry_run:
        here.out.print(f"{_letters(count)} would be {deed.past}")
        return False
    if certain or order.yes or here.ask(f"{deed.verb} {_letters(count)}?"):
        return True
    here.err.print("nothing was done")
    return False


def _report(here: Surroundings, deed: Deed, order: Order, tally: Tally) -> None:
    if order.as_json:
        failed = [{"id": letter_id, "reason": why} for letter_id, why in tally.failed.items()]
        figures = {deed.past: tally.done, "failed": failed, "remaining": tally.left}
        return print_json(here.out, figures)
    if not (tally.done or tally.failed):
        return here.out.print("There are none of these.")
    if tally.done:
        here.out.print(Text.assemble((deed.past, "green"), f"  {_letters(tally.done)}"))
    for letter_id, why in tally.failed.items():
        here.out.print(Text.assemble(("failed", "red"), f"  {letter_id}  {why}"), soft_wrap=True)
    if tally.left:
        here.out.print(f"left  {_letters(tally.left)}")
    return None


def _letters(count: int) -> str:
    return f"{count:,} dead letter{'' if count == 1 else 's'}"


async def _replay_some(
    client: DarkroomClient, wanted: DeadLetterFilter, before: datetime, limit: int
) -> Turn:
    done = await client.dead_letters.replay_all(wanted, received_before=before, limit=limit)
    failed = {str(one.id): one.reason for one in done.failed}
    return Turn(done=done.replayed, failed=failed, left=done.remaining)


async def _purge_some(
    client: DarkroomClient, wanted: DeadLetterFilter, before: datetime, limit: int
) -> Turn:
    done = await client.dead_letters.purge(wanted, received_before=before, limit=limit)
    return Turn(done=done.purged, failed={}, left=done.remaining)


REPLAY = Deed(
    verb="Replay",
    past="replayed",
    ask_for_ids=False,
    one=lambda client, letter_id: client.dead_letters.replay(letter_id),
    some=_replay_some,
)
PURGE = Deed(
    verb="Remove for good",
    past="purged",
    ask_for_ids=True,
    one=lambda client, letter_id: client.dead_letters.remove(letter_id),
    some=_purge_some,
)
