"""The client for programs without an event loop.

    with SyncDarkroomClient("http://127.0.0.1:8000") as darkroom:
        job = darkroom.make("card", {"title": "Hello"})
        darkroom.download(job, Path("hello.png"))

It is the asynchronous client, working in a thread of its own: one implementation, one set of tests.
"""

from datetime import timedelta
from types import TracebackType
from typing import Self, TypedDict, Unpack

import httpx

from shared.client.blocking import Blocking, blocking, blocking_iterator
from shared.client.budgets import Budgets
from shared.client.client import DarkroomClient
from shared.client.dead_letters import DeadLetters
from shared.client.keys import Keys
from shared.client.limits import TenantLimits
from shared.client.loop_thread import LoopThread
from shared.client.transport import OnPause
from shared.client.webhooks import Webhooks


class ClientOptions(TypedDict, total=False):
    """What `DarkroomClient` may be told beside the URL."""

    api_key: str | None
    tenant: str | None
    transport: httpx.AsyncBaseTransport | None
    tries: int
    patience: timedelta
    on_pause: OnPause


class SyncDeadLetters(Blocking[DeadLetters]):
    """`DeadLetters`, without `await`."""

    list = blocking(DeadLetters.list)
    groups = blocking(DeadLetters.groups)
    get = blocking(DeadLetters.get)
    replay = blocking(DeadLetters.replay)
    replay_all = blocking(DeadLetters.replay_all)
    remove = blocking(DeadLetters.remove)
    purge = blocking(DeadLetters.purge)


class SyncBudgets(Blocking[Budgets]):
    """`Budgets`, without `await`."""

    get = blocking(Budgets.get)
    limit = blocking(Budgets.limit)
    lift = blocking(Budgets.lift)


class SyncWebhooks(Blocking[Webhooks]):
    """`Webhooks`, without `await`."""

    add = blocking(Webhooks.add)
    list = blocking(Webhooks.list)
    get = blocking(Webhooks.get)
    update = blocking(Webhooks.update)
    remove = blocking(Webhooks.remove)
    secret = blocking(Webhooks.secret)
    rotate_secret = blocking(Webhooks.rotate_secret)
    test = blocking(Webhooks.test)
    deliveries = blocking(Webhooks.deliveries)
    delivery = blocking(Webhooks.delivery)
    replay = blocking(Webhooks.replay)
    replay_many = blocking(Webhooks.replay_many)


class SyncKeys(Blocking[Keys]):
    """`Keys`, without `await`."""

    create = blocking(Keys.create)
    list = blocking(Keys.list)
    get = blocking(Keys.get)
    revoke = blocking(Keys.revoke)


class SyncTenantLimits(Blocking[TenantLimits]):
    """`TenantLimits`, without `await`."""

    get = blocking(TenantLimits.get)
    change = blocking(TenantLimits.change)
    reset = blocking(TenantLimits.reset)
    tenants = blocking(TenantLimits.tenants)


class SyncDarkroomClient(Blocking[DarkroomClient]):
    """`DarkroomClient`, without `await`: see there what each method does and raises.

    Any number of threads may share one; a thread that runs an event loop may use it too, and holds
    that loop up meanwhile.
    """

    def __init__(self, url: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(DarkroomClient(url, **options), LoopThread())
        self.dead_letters = SyncDeadLetters(self._inner.dead_letters, self._thread)
        self.budget = SyncBudgets(self._inner.budget, self._thread)
        self.webhooks = SyncWebhooks(self._inner.webhooks, self._thread)
        self.keys = SyncKeys(self._inner.keys, self._thread)
        self.limits = SyncTenantLimits(self._inner.limits, self._thread)

    make = blocking(DarkroomClient.make)
    request = blocking(DarkroomClient.request)
    request_many = blocking(DarkroomClient.request_many)
    get = blocking(DarkroomClient.get)
    wait = blocking(DarkroomClient.wait)
    follow = blocking_iterator(DarkroomClient.follow)
    events = blocking_iterator(DarkroomClient.events)
    download = blocking(DarkroomClient.download)
    cancel = blocking(DarkroomClient.cancel)
    retry = blocking(DarkroomClient.retry)
    reconcile = blocking(DarkroomClient.reconcile)
    delete = blocking(DarkroomClient.delete)
    list = blocking(DarkroomClient.list)
    upload = blocking(DarkroomClient.upload)
    uploads = blocking(DarkroomClient.uploads)
    delete_upload = blocking(DarkroomClient.delete_upload)
    generators = blocking(DarkroomClient.generators)
    generator = blocking(DarkroomClient.generator)
    pause = blocking(DarkroomClient.pause)
    resume = blocking(DarkroomClient.resume)
    collect = blocking(DarkroomClient.collect)

    def close(self) -> None:
        """Let go the connections and the thread; calls that still run are canceled."""
        self._thread.stop(self._inner.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
