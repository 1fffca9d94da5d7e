"""Broker URLs with the settings that the rest relies on."""

from datetime import timedelta

from yarl import URL

HEARTBEAT = timedelta(seconds=10)
"""A frozen network is noticed in about twice this."""
_NOBODY = "guest"
"""As whom the client library logs in where the URL names nobody."""


def connection_url(url: str, *, name: str) -> str:
    """The URL with `heartbeat=10`, where it does not say another, and a name for ops to see."""
    parsed = URL(url)
    seconds = parsed.query.get("heartbeat", str(int(HEARTBEAT.total_seconds())))
    return str(parsed.update_query(heartbeat=seconds, name=name))


def user_of(url: str) -> str:
    """As whom the broker knows whoever connects with this URL."""
    return URL(url).user or _NOBODY
