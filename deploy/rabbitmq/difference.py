"""Compares a broker with what `shared.messaging.topology` says: two definitions documents.

What others have on the same broker is theirs and not looked at: queues and exchanges with names
that are not Darkroom's, and bindings to such queues.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Entry = dict[str, Any]
Document = dict[str, Any]

_OURS = re.compile(r"(media|api|generator|notifier)\.|dead-letters$")
_WORK_QUEUE = re.compile(r"generator\.([a-z][a-z0-9-]*)\.(?:interactive|batch)")


class Kind(StrEnum):
    """In which way the broker differs."""

    MISSING = "missing"
    DIFFERENT = "different"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing on the broker that is not as it should be."""

    kind: Kind
    what: str
    detail: str = ""


def differences(wanted: Document, live: Document) -> list[Difference]:
    """Everything in which `live` differs from `wanted`; empty when it is as it should be."""
    found = [
        *_compare("exchange", _named(wanted, "exchanges"), _named(live, "exchanges")),
        *_compare("queue", _named(wanted, "queues"), _named(live, "queues")),
        *_compare("policy", _named(wanted, "policies"), _policies(wanted, live)),
        *_compare("binding", _bindings(wanted), _bindings(live)),
        *_overruled(wanted, live),
    ]
    return sorted(found, key=lambda difference: list(Kind).index(difference.kind))


def generators_of(live: Document) -> set[str]:
    """The generators whose queues the broker has."""
    matches = (_WORK_QUEUE.fullmatch(queue["name"]) for queue in live["queues"])
    return {match[1] for match in matches if match}


def _compare(noun: str, wanted: dict[str, Entry], live: dict[str, Entry]) -> Iterator[Difference]:
    for name, entry in wanted.items():
        if name not in live:
            yield Difference(Kind.MISSING, f"{noun} {name}")
            continue
        for key, value in entry.items():
            if live[name].get(key) != value:
                detail = f"{key} is {live[name].get(key)!r}, should be {value!r}"
                yield Difference(Kind.DIFFERENT, f"{noun} {name}", detail)
    for name in live.keys() - wanted.keys():
        yield Difference(Kind.EXTRA, f"{noun} {name}")


def _named(document: Document, kind: str) -> dict[str, Entry]:
    return {
        entry["name"]: {key: value for key, value in entry.items() if key != "vhost"}
        for entry in document[kind]
        if kind == "policies" or _OURS.match(entry["name"])
    }


def _policies(wanted: Document, live: Document) -> dict[str, Entry]:
    """Policies of other names are ops' own, as long as they do not overrule ours."""
    names = {policy["name"] for policy in wanted["policies"]}
    return {name: entry for name, entry in _named(live, "policies").items() if name in names}


def _bindings(document: Document) -> dict[str, Entry]:
    return {
        f"{entry['source']} --{entry['routing_key']}--> {entry['destination']}": {}
        for entry in document["bindings"]
        if entry["source"] and _OURS.match(entry["destination"])
    }


def _overruled(wanted: Document, live: Document) -> Iterator[Difference]:
    """RabbitMQ applies one policy to a queue: the matching one of the highest priority."""
    for queue in wanted["queues"]:
        due, rules = _rules(wanted, queue["name"]), _rules(live, queue["name"])
        if due and rules and due["name"] != rules["name"]:
            detail = f"policy {rules['name']} overrules {due['name']}"
            yield Difference(Kind.DIFFERENT, f"queue {queue['name']}", detail)


def _rules(document: Document, queue: str) -> Entry | None:
    matching: list[Entry] = [
        policy
        for policy in document["policies"]
        if policy.get("apply-to") in ("queues", "quorum_queues", "all")
        and re.search(policy["pattern"], queue)
    ]
    return max(matching, key=lambda policy: int(policy.get("priority", 0)), default=None)
