"""What the child of the conformance suite watches: connections, and files that are not its own."""

import os
import socket
from pathlib import Path

import pytest

from shared.testing.generator_child import Watch


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_files_may_be_written_in_scratch_and_in_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    watch = Watch()
    with watch.over(tmp_path / "scratch"):
        for path in ("scratch/a", "cache/model", "lib/__pycache__/a.pyc"):
            watch("open", (str(tmp_path / path), "w", os.O_WRONLY))
        watch("open", ("/dev/null", "w", os.O_WRONLY))
        watch("open", (7, "w", os.O_WRONLY))

    assert not watch.broken


def test_others_may_be_read_only(watch: Watch, tmp_path: Path) -> None:
    with watch.over(tmp_path / "scratch"):
        watch("open", ("/etc/hostname", "r", os.O_RDONLY))
        watch("open", (str(tmp_path / "scratch-of-others"), "w", os.O_CREAT | os.O_WRONLY))
        watch("open", (os.fsencode(tmp_path / "b"), "w", os.O_RDWR))

    assert [line.split()[0] for line in watch.broken] == ["writes", "writes"]


def test_nobody_is_connected_to(watch: Watch, tmp_path: Path) -> None:
    with watch.over(tmp_path):
        with pytest.raises(PermissionError):
            watch("socket.getaddrinfo", ("example.org", 443, 0, 0, 0))
        with socket.socket() as connection, pytest.raises(PermissionError):
            watch("socket.connect", (connection, ("127.0.0.1", 9)))
        with socket.socket(socket.AF_UNIX) as connection:
            watch("socket.connect", (connection, "/run/local.sock"))

    assert len(watch.broken) == 2


def test_what_happens_before_and_after_is_nobodys_business(watch: Watch, tmp_path: Path) -> None:
    watch("open", ("/anywhere", "w", os.O_WRONLY))
    with watch.over(tmp_path):
        pass
    watch("socket.connect", (None, ("127.0.0.1", 9)))

    assert not watch.broken
