"""Where and on what a benchmark ran."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from deploy.local.settings import CHECKOUT

_PACKAGES = ("asyncpg", "fastapi", "pydantic", "starlette", "uvicorn", "uvloop")


def surroundings() -> dict[str, Any]:
    """Machine, versions, commit and moment."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **_versions(_PACKAGES)},
    }


def machine() -> dict[str, Any]:
    """What `lscpu` and `free` would say."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in cpus if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "kernel": platform.release(),
    }


def commit() -> str:
    """Of the checkout; `+` when something in it has changed since."""
    found = _git("rev-parse", "--short", "HEAD")
    return f"{found}+" if found and _git("diff", "--stat", "HEAD") else found or "unknown"


def described(found: dict[str, Any]) -> str:
    """One line for people."""
    box, versions = found["machine"], found["versions"]
    return (
        f"{box['cores']} cores of {box['processor']}, {box['memory_gib']} GiB, "
        f"Linux {box['kernel']}; Python {versions['python']}, "
        f"RabbitMQ {versions.get('rabbitmq', '?')}, Postgres {versions.get('postgres', '?')}; "
        f"commit {found['commit']}, {found['when'][:10]}"
    )


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(CHECKOUT), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
