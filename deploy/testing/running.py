"""A whole Darkroom for tests: the local stack, in a folder of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from deploy.local.stack import LocalStack, StackInfo
from deploy.testing.tenant import SCOPES, DarkroomTenant, NoKeysError
from shared.client import DarkroomClient, SyncDarkroomClient
from shared.testing.eventually import eventually_sync

VARIABLE: Final = "DARKROOM_TEST_BACKEND"
BACKENDS: Final = {
    "auto": "auto",
    "containers": "containers",
    "native": "embedded",
    "embedded": "embedded",
}
FOR_TESTS: Final = {
    "DARKROOM_ALLOW_FAULTS": "1",  # generators that fail on purpose
    "DARKROOM_WEBHOOK_ALLOW_PRIVATE": "1",  # receivers on this machine
    "DARKROOM_NOTIFIER_GRACE_SECONDS": "3",  # what is canceled ends soon
}
_ANNOUNCED_WITHIN = 60.0


class TestBackendError(ValueError):
    """`DARKROOM_TEST_BACKEND` is none that there is."""

    __test__ = False


class RunningDarkroom:
    """Use it as `with RunningDarkroom(folder) as darkroom`; it takes some ten seconds to start."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, backend: str = "auto"
    ) -> None:
        if backend not in BACKENDS:
            raise TestBackendError(f"{VARIABLE} is one of {', '.join(BACKENDS)}, not {backend!r}")
        chosen = {"DARKROOM_BACKEND": BACKENDS[backend]}
        self.stack = LocalStack(folder, {**FOR_TESTS, **chosen, **(settings or {})})

    def __enter__(self) -> Self:
        self.stack.start()
        try:
            with self.client() as client:
                eventually_sync(lambda: _announced(client), _ANNOUNCED_WITHIN)
        except BaseException:
            self.stack.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stack.stop()

    @property
    def info(self) -> StackInfo:
        """Everything that is known of it: databases, process ids, the management API."""
        return self.stack.info

    @property
    def url(self) -> str:
        """The API."""
        return self.info.api

    @property
    def amqp_url(self) -> str:
        """The broker, for listeners and commands."""
        return self.info.rabbitmq

    @property
    def webhook_secret(self) -> str:
        """What it signs the calls with that come with requests."""
        with self.client() as client:
            return client.webhooks.secret().secret

    @property
    def api_key(self) -> str | None:
        """The operator's, with `DARKROOM_AUTH=keys`; its clients ask with it."""
        return self.info.api_key

    def new_tenant(self, scopes: Sequence[str] = SCOPES) -> DarkroomTenant:
        """Somebody who sees nothing of others. Raises `NoKeysError` without keys."""
        if self.api_key is None:
            raise NoKeysError
        with self.client() as operator:
            return DarkroomTenant.fresh(operator, self.url, scopes)

    def client(self, **options: Any) -> SyncDarkroomClient:
        """A client of it; use it as `with`, or close it."""
        return SyncDarkroomClient(self.url, **{"api_key": self.api_key or "", **options})

    def async_client(self, **options: Any) -> DarkroomClient:
        """The same with `await`."""
        return DarkroomClient(self.url, **{"api_key": self.api_key or "", **options})


def _announced(client: SyncDarkroomClient) -> None:
    assert client.generators(), "no generator has been announced"
