"""What a stack keeps in its folder: secrets, the lock, what it says about itself."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.errors import LocalStackError
from deploy.local.home import StackHome
from deploy.local.secrets import SecretFile
from deploy.local.stack import read_stack
from deploy.local.stack_file import (
    NAME,
    StackInfo,
    read_stack_file,
    remove_stack_file,
    write_stack_file,
)

INFO = StackInfo(
    api="http://127.0.0.1:8000",
    rabbitmq="amqp://darkroom:secret@127.0.0.1:5680/",
    management=None,
    databases={"api": "postgresql://api"},
    pids={"api": [1], "rabbitmq": 2, "postgres": None},
)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    secrets = SecretFile(tmp_path / "secrets.json")
    password = secrets.get("api")
    assert secrets.get("api") == SecretFile(tmp_path / "secrets.json").get("api") == password
    assert secrets.get("generator") != password
    assert _mode(tmp_path / "secrets.json") == 0o600


def test_a_stack_describes_itself_to_its_owner(tmp_path: Path) -> None:
    write_stack_file(tmp_path, INFO)
    assert read_stack_file(tmp_path) == INFO
    assert _mode(tmp_path / NAME) == 0o600
    remove_stack_file(tmp_path)
    assert read_stack_file(tmp_path) is None


def test_a_description_left_by_a_killed_stack_is_not_believed(tmp_path: Path) -> None:
    home = StackHome(tmp_path)
    home.prepare()
    write_stack_file(tmp_path, INFO)
    assert read_stack(tmp_path) is None
    with home.locked():
        assert read_stack(tmp_path) == INFO


def test_a_second_supervisor_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    home = StackHome(tmp_path)
    home.prepare()
    second = StackHome(tmp_path).locked(patience=timedelta(milliseconds=150))
    with home.locked(), pytest.raises(LocalStackError, match="runs already"), second:
        pass
    with StackHome(tmp_path).locked():
        assert home.is_running()
    assert not home.is_running()


def test_the_folder_is_for_its_owners_eyes(tmp_path: Path) -> None:
    StackHome(tmp_path / "home").prepare()
    assert _mode(tmp_path / "home") == 0o700


def test_a_large_log_is_set_aside_and_a_small_one_goes_on(tmp_path: Path) -> None:
    home = StackHome(tmp_path)
    home.prepare()
    (home.logs / "small.log").write_text("line")
    with (home.logs / "large.log").open("w") as log:
        log.truncate(21 * 1024**2)
    home.rotate_logs()
    assert {log.name for log in home.logs.iterdir()} == {"small.log", "large.log.old"}
