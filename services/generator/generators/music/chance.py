"""Chance that anybody can repeat."""

from random import Random


def chance_of(*names: object) -> Random:
    """The dice of one part of one piece; others' dice do not hang on how often these are cast."""
    return Random("/".join(map(str, names)))  # noqa: S311
