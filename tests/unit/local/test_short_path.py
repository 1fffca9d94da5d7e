"""Sockets in deep folders."""

from pathlib import Path

import pytest

from deploy.local.errors import LocalStackError
from deploy.local.short_path import forget_short_path, short_path

ROOM = len("/.s.PGSQL.5432")


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    folder = tmp_path / ("d" * 100)
    folder.mkdir()
    return folder


def test_a_short_path_is_left_alone() -> None:
    assert short_path(Path("/srv/postgres"), ROOM) == Path("/srv/postgres")


def test_a_deep_folder_is_reached_by_a_short_link(deep: Path) -> None:
    link = short_path(deep, ROOM)
    assert len(str(link)) + ROOM <= 100
    assert link.resolve() == deep.resolve()
    assert short_path(deep, ROOM) == link
    forget_short_path(deep)
    assert not link.is_symlink()


def test_a_link_that_leads_elsewhere_is_refused(deep: Path, tmp_path: Path) -> None:
    link = short_path(deep, ROOM)
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(LocalStackError, match="is in the way"):
            short_path(deep, ROOM)
        forget_short_path(deep)
        assert link.is_symlink(), "what is not ours stays"
    finally:
        link.unlink()
