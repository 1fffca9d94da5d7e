"""Everybody who takes part in a run besides the system itself, and where they meet."""

import time
from collections.abc import Callable

from tests.chaos.audience import Audience, MoodyReceiver
from tests.chaos.clients import HttpClients
from tests.chaos.commands import CommandSender
from tests.chaos.injecting import Injector
from tests.chaos.load import Load
from tests.chaos.observer import Observer
from tests.chaos.options import Options
from tests.chaos.promises import Ledger
from tests.chaos.provider import Decider, Provider
from tests.chaos.recovery import Canaries
from tests.chaos.republishing import Republisher
from tests.chaos.system import System
from tests.chaos.watching import Watch
from tests.chaos.wire import Mouth, Wire


class Scene:
    """Built when the system is up; `now` is the time since the load began."""

    def __init__(
        self,
        system: System,
        ledger: Ledger,
        options: Options,
        say: Callable[[str], None],
        *,
        receiver: MoodyReceiver,
        provider: Provider,
    ) -> None:
        self._began = time.monotonic()
        urls = system.broker.urls
        self._mouth = Mouth(Wire(urls, "chaos sender"))
        self.observer = Observer(Wire(urls, "chaos observer"), self.now)
        self.clients = HttpClients(system.apis, ledger, self.now)
        self.commands = CommandSender(self._mouth, ledger, self.now)
        self.load = Load(ledger, self.clients, self.commands, self.observer, self.now)
        self.republisher = Republisher(self._mouth, self.observer.remembered)
        self.injector = Injector(system, self.republisher, options.seed, self.now, say)
        self.canaries = Canaries(self.clients, self.observer, self.now, options.seed)
        self.watch = Watch(system, self.now)
        self.audience = Audience(system.apis, receiver, self.clients)
        self.decider = Decider(system.apis, provider, options.seed)

    def now(self) -> float:
        return time.monotonic() - self._began

    async def open(self) -> None:
        """Listen and watch; time begins."""
        await self.observer.start()
        await self.audience.open()
        self.decider.start()
        self._began = time.monotonic()
        self.watch.start()

    async def close(self) -> None:
        for closing in (
            self.watch.stop,
            self.decider.stop,
            self.audience.close,
            self.observer.stop,
            self.clients.close,
        ):
            await closing()
        await self._mouth.close()
