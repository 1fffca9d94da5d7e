"""One life of a local stack, from nothing to ready to nothing: what the supervisor process does.

Order: RabbitMQ boots (some seconds) while Postgres starts and the databases are migrated; then the
services. The way back: services first, so that they can still say goodbye to broker and database.
Neighbours: ``backends`` (what Postgres and RabbitMQ are), ``services``, ``supervisor``.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from deploy.local.access import StackAccess, reachable
from deploy.local.backends import choose_postgres, choose_rabbitmq
from deploy.local.component import Component, Postgres, RabbitMQ
from deploy.local.errors import LocalStackError, tail
from deploy.local.home import StackHome
from deploy.local.ports import PortReservations
from deploy.local.postgres_roles import SERVICE_DATABASES
from deploy.local.rabbitmq import ADMINISTRATOR
from deploy.local.services import (
    announced,
    migrate,
    serve_spec,
    service_environment,
    why_not_ready,
)
from deploy.local.settings import SERVICES, LocalSettings
from deploy.local.stack_file import StackInfo, remove_stack_file, write_stack_file
from deploy.local.supervisor import Supervisor

_COMPONENT_LIMIT = timedelta(seconds=120)
_SERVICE_LIMIT = timedelta(seconds=90)
_ANNOUNCEMENT_LIMIT = timedelta(seconds=10)
_TEND_EVERY = 0.2


class StackSession:
    """Everything that runs, and where it is."""

    def __init__(
        self,
        settings: LocalSettings,
        home: StackHome,
        supervisor: Supervisor,
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._home = home
        self._supervisor = supervisor
        self._say = say
        self._access = StackAccess.of(settings, home.path)
        self._reservations = PortReservations(settings.host)
        self._components: list[Component] = []
        self._databases: dict[str, str] = {}
        self._urls: dict[str, str] = {}

    def start(self) -> None:
        """Until every service says that it is ready; then stack.json says where they are."""
        began = time.monotonic()
        self._rabbitmq = self._start_rabbitmq()
        self._postgres = self._start_postgres()
        environments = self._environments(self._rabbitmq)
        migrate(self._databases, self._home.logs)
        self._say("databases are migrated")
        self._wait_for("rabbitmq", self._rabbitmq)
        self._rabbitmq.configure()
        for service in SERVICES:
            self._supervisor.launch(serve_spec(service, environments[service], self._home.logs))
        for service in SERVICES:
            self._wait_for_service(service)
        self._wait_for_generators()
        self.publish()
        self._say(f"everything is up after {time.monotonic() - began:.1f} s")

    def tend(self) -> None:
        """Keep it running until an exception (a signal) ends it."""
        known = True
        while True:
            if self._supervisor.tend() or not known:
                known = self.publish()
            time.sleep(_TEND_EVERY)

    def stop(self) -> None:
        remove_stack_file(self._home.path)
        self._say("stopping the services")
        self._supervisor.stop(SERVICES)
        self._say("stopping Postgres and RabbitMQ")
        self._supervisor.stop(["rabbitmq", "postgres"])
        self._supervisor.stop_all()
        for component in self._components:
            component.cleanup()
        self._reservations.release()

    def publish(self) -> bool:
        """Write down where everything is now; False while a container has not come back yet."""
        services = {name: pid for name in SERVICES if (pid := self._supervisor.pid(name))}
        servers = {
            "rabbitmq": self._server_pid("rabbitmq", self._rabbitmq),
            "postgres": self._server_pid("postgres", self._postgres),
        }
        info = StackInfo(
            api=self._urls["api"],
            api_key=self._access.operator_key,
            rabbitmq=self._rabbitmq.url_for(ADMINISTRATOR),
            management=self._rabbitmq.management_url_for(ADMINISTRATOR),
            databases=self._databases,
            pids={**{name: [pid] for name, pid in services.items()}, **servers},
        )
        write_stack_file(self._home.path, info)
        return all(servers[name] or not self._supervisor.pid(name) for name in servers)

    def _start_rabbitmq(self) -> RabbitMQ:
        rabbitmq = choose_rabbitmq(self._settings, self._home.path, self._home.logs)
        self._components.append(rabbitmq)
        rabbitmq.launch(self._supervisor.launch)
        self._say(f"RabbitMQ is starting ({rabbitmq.origin})")
        return rabbitmq

    def _start_postgres(self) -> Postgres:
        postgres = choose_postgres(self._settings, self._home.path, self._home.logs)
        self._components.append(postgres)
        postgres.launch(self._supervisor.launch)
        self._wait_for("postgres", postgres)
        urls = postgres.create_databases(list(SERVICE_DATABASES.values()))
        self._databases = {service: urls[name] for service, name in SERVICE_DATABASES.items()}
        self._say(f"Postgres is ready ({postgres.origin})")
        return postgres

    def _environments(self, rabbitmq: RabbitMQ) -> dict[str, dict[str, str]]:
        host, environments = reachable(self._settings.host), {}
        ports = {name: self._reservations.take(self._settings.port(name)) for name in SERVICES}
        self._urls.update({name: f"http://{host}:{port}" for name, port in ports.items()})
        for service, port in ports.items():
            environments[service] = service_environment(
                service,
                settings=self._settings,
                port=port,
                database=self._databases[service],
                notifier=self._urls["notifier"],
                rabbitmq=rabbitmq,
                access=self._access,
                home=self._home.path,
            )
        return environments

    def _wait_for(self, name: str, component: Component) -> None:
        deadline = time.monotonic() + _COMPONENT_LIMIT.total_seconds()
        while not component.is_ready():
            gone = component.origin != "given" and not self._supervisor.is_alive(name)
            if gone or time.monotonic() > deadline:
                log = self._home.logs / f"{name}.log"
                raise LocalStackError(f"{name} did not start; the end of {log}:\n{tail(log)}")
            time.sleep(0.1)

    def _wait_for_service(self, service: str) -> None:
        deadline = time.monotonic() + _SERVICE_LIMIT.total_seconds()
        while why := why_not_ready(self._urls[service]):
            gone = not self._supervisor.is_alive(service)
            if gone or time.monotonic() > deadline:
                log = self._home.logs / f"{service}.log"
                raise LocalStackError(
                    f"{service} is not ready ({why}); the end of {log}:\n{tail(log)}"
                )
            time.sleep(0.1)
        self._say(f"{service} is ready: {self._urls[service]}")

    def _wait_for_generators(self) -> None:
        """Until the api knows them and no more come, so that the first request finds its own."""
        deadline = time.monotonic() + _ANNOUNCEMENT_LIMIT.total_seconds()
        known, before = self._announced(), None
        while not known or known != before:
            if time.monotonic() > deadline:
                self._say("no generator has been announced yet")
                return
            time.sleep(0.2)
            known, before = self._announced(), known
        self._say(f"generators: {', '.join(known)}")

    def _announced(self) -> list[str]:
        return announced(self._urls["api"], self._access.operator_key)

    def _server_pid(self, name: str, component: Component) -> int | None:
        process = self._supervisor.pid(name)
        return component.server_pid(process) if process else None
