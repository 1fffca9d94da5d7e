"""What a service is told by its environment."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.local.access import SECRETS, StackAccess, reachable, refuse_open_door
from deploy.local.errors import LocalStackError
from deploy.local.given import GivenRabbitMQ
from deploy.local.services import serve_spec, service_environment
from deploy.local.settings import LocalSettings, local_settings

KEY, TOKEN = "operator-key-" + "0" * 32, "notifier-token-" + "0" * 32


def told(service: str, home: Path, access: StackAccess) -> dict[str, str]:
    return service_environment(
        service,
        settings=LocalSettings(),
        port=8123,
        database=f"postgresql://{service}",
        notifier="http://notifier",
        rabbitmq=GivenRabbitMQ("amqp://broker", None),
        access=access,
        home=home,
    )


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("DARKROOM_GENERATOR_DATABASE_URL", "postgresql://not-for-the-api")
    monkeypatch.setenv("DARKROOM_ALLOW_FAULTS", "1")
    return told("api", tmp_path, StackAccess(KEY, TOKEN))


def test_a_service_knows_its_own_database_and_no_other(environment: dict[str, str]) -> None:
    urls = {name: url for name, url in environment.items() if name.endswith("_DATABASE_URL")}
    assert urls == {"DARKROOM_API_DATABASE_URL": "postgresql://api"}


def test_a_service_inherits_what_a_person_has_set(environment: dict[str, str]) -> None:
    assert environment["DARKROOM_ALLOW_FAULTS"] == "1"


def test_a_service_is_told_its_port_its_broker_and_its_store(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert environment["DARKROOM_API_PORT"] == "8123"
    assert environment["DARKROOM_RABBITMQ_URL"] == "amqp://broker"
    assert environment["DARKROOM_STORE_URL"] == f"file://{tmp_path}/store"
    assert "DARKROOM_RABBITMQ_MANAGEMENT_URL" not in environment


def test_a_service_knows_the_secrets_that_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("DARKROOM_OPERATOR_KEY", "DARKROOM_NOTIFIER_TOKEN", "DARKROOM_API_KEY")
    for name in names:
        monkeypatch.setenv(name, "from-the-environment-" + "0" * 32)

    def known(service: str, access: StackAccess) -> list[str | None]:
        environment = told(service, tmp_path, access)
        return [environment.get(name) for name in names]

    assert known("api", StackAccess(KEY, TOKEN)) == [KEY, TOKEN, None]
    assert known("notifier", StackAccess(KEY, TOKEN)) == [None, TOKEN, None]
    assert known("generator", StackAccess(KEY, TOKEN)) == [None, None, None]
    assert known("api", StackAccess()) == [None, None, None]


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = StackAccess.of(LocalSettings(auth="keys"), tmp_path)
    assert StackAccess.of(LocalSettings(auth="keys"), tmp_path) == first
    assert first.operator_key
    assert first.notifier_token
    assert min(len(first.operator_key), len(first.notifier_token)) >= 32
    assert (tmp_path / SECRETS).stat().st_mode & 0o777 == 0o600
    assert first.operator_key not in repr(first)


def test_secrets_that_are_given_are_used(tmp_path: Path) -> None:
    settings = LocalSettings(
        auth="keys", operator_key=SecretStr(KEY), notifier_token=SecretStr(TOKEN)
    )
    assert StackAccess.of(settings, tmp_path) == StackAccess(KEY, TOKEN)
    assert not (tmp_path / SECRETS).exists()


def test_without_keys_there_are_no_secrets(tmp_path: Path) -> None:
    assert StackAccess.of(LocalSettings(operator_key=SecretStr(KEY)), tmp_path) == StackAccess()
    assert not (tmp_path / SECRETS).exists()


def test_strangers_are_kept_out() -> None:
    with pytest.raises(LocalStackError, match="DARKROOM_AUTH=keys, or DARKROOM_HOST"):
        refuse_open_door(LocalSettings(host="0.0.0.0"))
    refuse_open_door(LocalSettings(host="0.0.0.0", auth="keys"))
    refuse_open_door(LocalSettings(host="0.0.0.0", allow_open=True))
    refuse_open_door(LocalSettings())


def test_a_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_OPERATOR_KEY", "hunter2")
    with pytest.raises(LocalStackError, match="DARKROOM_OPERATOR_KEY is wrong: at least") as no:
        local_settings()
    assert "hunter2" not in no.value.detail


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_AUTH", "kyes")
    with pytest.raises(
        LocalStackError, match="DARKROOM_AUTH is wrong: Input should be 'off' or 'keys'"
    ):
        local_settings()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_how_this_machine_reaches_who_listens(host: str, url: str) -> None:
    assert reachable(host) == url


def test_a_service_is_started_as_it_would_be_alone(tmp_path: Path) -> None:
    spec = serve_spec("notifier", {}, tmp_path)
    assert spec.command[1:] == ["-m", "services.notifier", "serve"]
    assert spec.log == tmp_path / "notifier.log"
