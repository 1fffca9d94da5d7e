"""Postgres behind a network that can be cut or frozen, wherever its server listens."""

from pathlib import Path

from sqlalchemy import make_url

from tests.network import Dial, Proxy, to_port, to_socket


class PostgresProxy(Proxy):
    """Forwards to the server of `url`, be it at a port or at a socket in a folder."""

    def __init__(self, url: str) -> None:
        self._there = make_url(url)
        super().__init__(self._way())

    @property
    def url(self) -> str:
        """The same database through the proxy."""
        here = self._there.set(host="127.0.0.1", port=self.port, query={})
        return here.render_as_string(hide_password=False)

    def _way(self) -> Dial:
        folder = self._there.query.get("host")
        if isinstance(folder, str):
            return to_socket(Path(folder) / ".s.PGSQL.5432")
        assert self._there.host is not None
        return to_port(self._there.host, self._there.port or 5432)
