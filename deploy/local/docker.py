"""The few Docker commands that ``containers`` needs, by the engine's own command line."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

from deploy.local.errors import LocalStackError

_ENGINE_ANSWERS_WITHIN = timedelta(seconds=10)
_PULL_WITHIN = timedelta(minutes=3)
_HOME_LABEL = "darkroom.home"


def engine_answers() -> bool:
    """Whether there is a Docker engine that we may use."""
    if shutil.which("docker") is None:
        return False
    return _succeeds(["docker", "info"], _ENGINE_ANSWERS_WITHIN)


def has_image(image: str) -> bool:
    """Whether the image is here, or could be fetched now."""
    return _succeeds(["docker", "image", "inspect", image], _ENGINE_ANSWERS_WITHIN) or _succeeds(
        ["docker", "pull", "--quiet", image], _PULL_WITHIN
    )


def docker(*arguments: str, stdin: str | None = None) -> str:
    """The output of a docker command, or an error with what it complained about."""
    done = subprocess.run(
        ["docker", *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LocalStackError(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def remove_container(name: str) -> None:
    """Remove the container if there is one; its named volumes stay."""
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)


def create_volume(name: str, home: Path) -> None:
    """A volume that knows whose it is; one that exists stays as it is."""
    docker("volume", "create", "--label", f"{_HOME_LABEL}={home}", name)


def remove_abandoned_volumes() -> None:
    """Remove the volumes of stacks whose folder is gone."""
    listed = docker(
        "volume",
        "ls",
        "--filter",
        f"label={_HOME_LABEL}",
        "--format",
        '{{.Name}} {{.Label "%s"}}' % _HOME_LABEL,  # noqa: UP031 - the braces are Docker's
    )
    for line in listed.splitlines():
        name, _, home = line.partition(" ")
        if not Path(home).exists():
            remove_volume(name)


def remove_volume(name: str) -> None:
    """Remove the named volume if there is one."""
    subprocess.run(["docker", "volume", "rm", name], capture_output=True, check=False)


def container_pid(name: str) -> int | None:
    """The process of a running container as this machine sees it."""
    try:
        return int(docker("inspect", "--format", "{{.State.Pid}}", name)) or None
    except (LocalStackError, ValueError):
        return None


def _succeeds(command: list[str], within: timedelta) -> bool:
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=within.total_seconds()
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
