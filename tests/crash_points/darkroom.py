"""The three services on a vhost, databases and a store of their own, each as a process."""

import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import httpx

from deploy.local.ports import PortReservations
from shared.messaging import topology
from shared.testing import eventually_sync
from tests.crash_points import print_shop
from tests.crash_points.points import CrashPoint
from tests.crash_points.processes import PATIENCE, ServiceProcess

SERVICES = ("api", "generator", "notifier")
GENERATORS = ("flaky", "noop", print_shop.NAME)
LEASE_SECONDS = 1.5
SETTINGS = {
    "DARKROOM_ALLOW_FAULTS": "1",
    "DARKROOM_GENERATORS": ",".join(GENERATORS),
    "DARKROOM_GENERATOR_LEASE_SECONDS": str(LEASE_SECONDS),
    "DARKROOM_GENERATOR_POLL_SECONDS": "0.2",
    "DARKROOM_GENERATOR_RETRY_BASE_SECONDS": "0.05",
    "DARKROOM_GENERATOR_SLOTS": "2",
}
QUEUES = tuple(queue.name for queue in topology.all_queues(GENERATORS))


class Darkroom:
    """Everything that runs during the tests of a module."""

    def __init__(
        self, make_database: Callable[[str], str], rabbitmq_url: str, folder: Path
    ) -> None:
        self.rabbitmq_url = rabbitmq_url
        self.databases = {service: make_database(service) for service in SERVICES}
        self._ports = PortReservations()
        self._folder = folder
        (folder / "assets").mkdir()
        print_shop.install(folder / "plugins")
        self._environment = SETTINGS | {
            "PYTHONPATH": str(folder / "plugins"),
            "DARKROOM_RABBITMQ_URL": rabbitmq_url,
            "DARKROOM_STORE_URL": f"file://{folder / 'assets'}",
            "DARKROOM_API_PORT": str(self._ports.take(8300)),
            "DARKROOM_GENERATOR_PORT": "0",
            "DARKROOM_NOTIFIER_PORT": "0",
        }
        for service, url in self.databases.items():
            self._environment[f"DARKROOM_{service.upper()}_DATABASE_URL"] = url
        self.api = f"http://127.0.0.1:{self._environment['DARKROOM_API_PORT']}"
        self._services = {name: self.another(name, name) for name in SERVICES}

    def another(
        self, service: str, name: str, settings: Mapping[str, str] | None = None
    ) -> ServiceProcess:
        """A process of this service beside the others; `name` is that of its log."""
        environment = {**self._environment, **(settings or {})}
        return ServiceProcess(service, environment, self._folder / f"{name}.log")

    @property
    def order_book(self) -> Path:
        """Of the provider that charges for every order."""
        return self._folder / "orders"

    def process(self, service: str) -> ServiceProcess:
        return self._services[service]

    def run_all(self, *, without: Iterable[str] = ()) -> None:
        """Start what does not run."""
        for name, process in self._services.items():
            if name not in without and not process.alive:
                process.start()

    def must_know_generators(self) -> None:
        """Both have been announced, and the api has heard of it."""

        def known() -> None:
            for name in GENERATORS:
                httpx.get(f"{self.api}/v1/generators/{name}").raise_for_status()

        eventually_sync(known, PATIENCE)

    def arm(
        self, point: CrashPoint, settings: Mapping[str, str], asleep: frozenset[str]
    ) -> ServiceProcess:
        """Run all but those `asleep`, the point's service with the trap."""
        for name in (point.service, *asleep):
            self._services[name].kill()
        self.run_all(without={point.service, *asleep})
        victim = self._services[point.service]
        victim.start_armed(point.name, settings)
        return victim

    def ask_to_end(self, service: str) -> None:
        """SIGTERM."""
        self._services[service].signal(signal.SIGTERM)

    def stop(self) -> None:
        """Kill all."""
        for process in self._services.values():
            process.kill()
        self._ports.release()
