"""The builders of shared/testing by the message they build."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import shared.testing
from shared.events import CATALOG, Message

BUILDERS: dict[type[Message], Callable[..., Any]] = {
    get_type_hints(builder)["return"]: builder
    for _, builder in inspect.getmembers(shared.testing, inspect.isfunction)
    if get_type_hints(builder).get("return") in CATALOG.values()
}
