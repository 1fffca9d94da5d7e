"""Recovery and absence are measured as the report says."""

from tests.chaos.injecting import Injected
from tests.chaos.plan import Fault, Kind
from tests.chaos.recovery import Canary, recoveries
from tests.chaos.watching import Look, Spell, gist, longest_away, ready_after, spells

AWAY = {"api-1": "does not answer"}
BOTH = AWAY | {"api-2": "does not answer"}
LOOKS = [
    Look(0.0, 0.1, {}),
    Look(1.0, 1.1, AWAY),
    Look(2.0, 2.1, BOTH),
    Look(3.0, 3.1, BOTH),
    Look(4.0, 4.1, {}),
]


def test_ready_is_when_everybody_is_in_a_look_that_began_afterwards() -> None:
    assert ready_after(LOOKS, 0.0) == 0.1
    assert ready_after(LOOKS, 0.05) == 4.1
    assert ready_after(LOOKS, 4.05) is None


def test_a_service_is_away_when_all_its_processes_are() -> None:
    assert longest_away(LOOKS, ["api-1", "api-2"]) == 3.1 - 2.0
    assert longest_away(LOOKS, ["api-1"]) == 3.1 - 1.0
    assert longest_away(LOOKS, ["notifier-1"]) == 0.0


def test_a_spell_ends_with_readiness_and_keeps_its_reasons() -> None:
    looks = [*LOOKS[:3], Look(3.0, 3.1, {"api-1": "database: away"}), LOOKS[4]]
    assert spells(looks) == [
        Spell("api-1", 1.0, 3.1, ("does not answer", "database: away")),
        Spell("api-2", 2.0, 2.1, ("does not answer",)),
    ]


def test_of_an_answer_only_what_is_wrong_counts() -> None:
    assert gist('{"checks": {"database": "ok", "broker": "away"}, "since": {}}') == "broker: away"
    assert gist("does not answer") == "does not answer"


def _injected(number: int, began: float, ended: float) -> Injected:
    return Injected(Fault(number, began, Kind.KILL, "api-1"), began, ended)


def test_recovery_counts_from_the_end_of_the_fault() -> None:
    [recovery] = recoveries([_injected(1, 0.5, 1.5)], [Canary(1, 1.5, 3.0)], LOOKS)
    assert recovery.until_ready == 4.1 - 1.5
    assert recovery.until_canary == 1.5
    assert recovery.seconds == recovery.until_ready
    assert not recovery.overlapped


def test_what_another_fault_made_longer_is_said_to_be() -> None:
    faults = [_injected(1, 0.5, 1.5), _injected(2, 2.0, 2.5)]
    first, second = recoveries(faults, [], LOOKS)
    assert first.overlapped
    assert not second.overlapped
    assert second.seconds is None
