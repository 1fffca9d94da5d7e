"""How Postgres is to plan the statements of this service.

They are prepared once and asked for ever. A plan that is made while a table is small reads all of
it, and is kept while the table grows: so tables are read by their indexes from the start.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def by_index(url: str) -> str:
    """The URL of the same database, for connections that read whole tables only if they must."""
    parts = urlsplit(url)
    asked = [*parse_qsl(parts.query), ("enable_seqscan", "off")]
    return urlunsplit(parts._replace(query=urlencode(asked)))
