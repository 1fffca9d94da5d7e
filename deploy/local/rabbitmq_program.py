"""Where the distribution's RabbitMQ and Erlang are. Neighbour: ``rabbitmq``.

The `rabbitmq-server` on PATH changes to the system's user and reads the system's configuration; the
script in the package's library folder runs as whoever starts it. epmd, which tells Erlang nodes of
one machine each other's ports, comes with Erlang.
"""

import shutil
from pathlib import Path

from deploy.local.errors import LocalStackError

_LIBRARIES = (Path("/usr/lib/rabbitmq/lib"), Path("/opt/rabbitmq"), Path("/usr/local/lib/rabbitmq"))
_REMEDY = (
    "RabbitMQ is not installed. Either `apt-get install rabbitmq-server` as root (its system "
    "service may stay off), or start a Docker engine, or set DARKROOM_RABBITMQ_URL to a broker "
    "you may use"
)


def find_server() -> Path | None:
    """The newest `rabbitmq-server` script that runs as whoever starts it, or None."""
    found = [
        script
        for library in _LIBRARIES
        for script in (
            *library.glob("rabbitmq_server-*/sbin/rabbitmq-server"),
            library / "sbin/rabbitmq-server",
        )
        if script.is_file()
    ]
    return max(found, default=None, key=_version)


def get_server() -> Path:
    server = find_server()
    if server is None or shutil.which("erl") is None:
        raise LocalStackError(_REMEDY)
    return server


def get_epmd() -> str:
    found = shutil.which("epmd")
    candidates = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    if not found and not candidates:
        raise LocalStackError(_REMEDY)
    return found or str(candidates[-1])


def _version(script: Path) -> tuple[int, ...]:
    number = script.parent.parent.name.rpartition("-")[2]
    return tuple(int(part) for part in number.split(".") if part.isdigit())
