"""Breaks the running system in every way that a seeded plan finds, and checks what was promised.

`make chaos`, or `python -m tests.chaos run`. Follow one run through its files: `options` (what was
asked for) > `plan` and `orders` (what will be broken, what will be ordered; the same for the same
seed) > `system` (the real services as processes, behind a network that can be broken) > `clients`
and `observer` (people and services that use it and remember what they were told) > `injecting`
(the faults) > `gathering` (evidence, from outside) > `invariants` (what must hold) > `report`.
"""
