"""Users of the broker for other services: with these rights, keys mean something on the broker too.

A service that sends commands may publish to ``media.commands``, and be answered directly or in a
queue that the broker names for it (``amq.gen-…``). Queues that last, whose names begin with its
own, an operator makes for it: whoever may declare exchanges, or queues with dead letters of their
own, gets past the routing keys that are allowed. It may not write to the default exchange, which
leads into every queue, nor publish events. What is told of a job stands on ``media.events`` for
whoever may read there, of whichever tenant: that is for services that may know all.
"""

import re

from deploy.rabbitmq.definitions import Rights, User

REQUESTS = r"^media\.(request|cancel)$"
REQUESTS_AND_CONTROL = r"^media\.(request|cancel|control)(\.[a-z0-9-]+)?$"
_TEMPORARY = r"amq\.gen-"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_TAKEN = frozenset({"amq", "api", "generator", "live", "media", "notifier"})


def client_rights(name: str, *, listens: bool = False, operates: bool = False) -> Rights:
    """What the user of another service may.

    ``listens``: hear all events, of all tenants; ``operates``: pause and resume generators. Raises
    `ValueError` for a name that our own queues begin with.
    """
    if name in _TAKEN or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for the user of another service")
    own = rf"{re.escape(name)}\.|{_TEMPORARY}"
    heard = r"|media\.(events|live)$" if listens else ""
    return Rights(
        configure=f"^{_TEMPORARY}",
        write=rf"^(media\.commands$|{own})",
        read=f"^({own}{heard})",
        commands=REQUESTS_AND_CONTROL if operates else REQUESTS,
    )


def client_user(name: str, password: str, *, listens: bool = False, operates: bool = False) -> User:
    """The user of another service, for the definitions; it has no tags."""
    return User(name, password, may=client_rights(name, listens=listens, operates=operates))
