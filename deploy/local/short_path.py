"""A short way to a folder whose path is too long for a Unix socket's address (108 bytes)."""

import hashlib
import os
import tempfile
from pathlib import Path

from deploy.local.errors import LocalStackError

_ADDRESS_LIMIT = 100


def short_path(folder: Path, room: int) -> Path:
    """``folder`` when ``room`` more characters fit behind it, else a short link to it."""
    if len(os.fsencode(folder)) + room <= _ADDRESS_LIMIT:
        return folder
    link = _link_of(folder)
    try:
        link.symlink_to(folder)
    except FileExistsError:
        # In a folder open to all, a link that is not ours could lead to somebody else's server.
        if not _is_ours(link, folder):
            raise LocalStackError(
                f"{link} is in the way: remove it, or move the checkout to a shorter path"
            ) from None
    return link


def forget_short_path(folder: Path) -> None:
    """Remove the link, if there is one."""
    link = _link_of(folder)
    if link.is_symlink() and _is_ours(link, folder):
        link.unlink(missing_ok=True)


def _link_of(folder: Path) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    if len(os.fsencode(runtime)) > _ADDRESS_LIMIT // 2 or not Path(runtime).is_dir():
        runtime = "/tmp"  # noqa: S108
    return Path(runtime) / f"darkroom-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _is_ours(link: Path, folder: Path) -> bool:
    return link.is_symlink() and link.lstat().st_uid == os.geteuid() and link.readlink() == folder
