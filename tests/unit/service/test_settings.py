"""Settings come from the environment, and what is amiss is named."""

import pytest
from pydantic import Field

from services.notifier.settings import NotifierSettings
from shared.service import ServiceSettings, SettingsError, load_settings
from shared.service.settings import migration_settings, variables

DATABASE = "postgresql://user:secret@host/db"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What a service needs and no more."""
    for variable in variables(NotifierSettings):
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://guest:guest@host")
    monkeypatch.setenv("DARKROOM_NOTIFIER_DATABASE_URL", DATABASE)
    return monkeypatch


def test_each_service_has_a_database_and_port_of_its_own(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("DARKROOM_NOTIFIER_PORT", "9002")
    settings = load_settings(NotifierSettings)
    assert settings.database_url == "postgresql+asyncpg://user:secret@host/db"
    assert settings.port == 9002


def test_tests_can_build_settings_without_an_environment() -> None:
    settings = NotifierSettings(
        database_url="postgres://h/other", rabbitmq_url="amqp://other", port=0
    )
    assert (settings.database_url, settings.port) == ("postgresql+asyncpg://h/other", 0)


def test_every_missing_variable_is_named_with_its_meaning(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DARKROOM_RABBITMQ_URL")
    environment.delenv("DARKROOM_NOTIFIER_DATABASE_URL")
    with pytest.raises(SettingsError) as problem:
        load_settings(NotifierSettings)
    assert "DARKROOM_RABBITMQ_URL is not set: amqp://user" in problem.value.detail
    assert "DARKROOM_NOTIFIER_DATABASE_URL is not set" in problem.value.detail


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DARKROOM_NOTIFIER_DATABASE_URL", "mysql://u:secret@h/db", "not a Postgres URL"),
        ("DARKROOM_RABBITMQ_URL", "http://u:secret@h", "not an AMQP URL"),
        ("DARKROOM_NOTIFIER_PORT", "many", "integer"),
        ("DARKROOM_LOG_FORMAT", "xml", "'json' or 'console'"),
    ],
)
def test_a_wrong_variable_is_named_without_its_secrets(
    environment: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name} is wrong") as problem:
        load_settings(NotifierSettings)
    assert reason in problem.value.detail
    assert "secret" not in problem.value.detail


def test_an_empty_variable_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DARKROOM_NOTIFIER_PORT", "")
    assert load_settings(NotifierSettings).port == 8002


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(load_settings(NotifierSettings))


def test_migrating_needs_no_broker(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DARKROOM_RABBITMQ_URL")
    assert migration_settings(NotifierSettings).database_url.endswith("/db")


def test_variables_are_listed_with_their_defaults() -> None:
    class Settings(ServiceSettings):
        patience: int = Field(7, description="Seconds.")

    listed = {variable.name: variable for variable in variables(Settings)}
    assert listed["DARKROOM_PATIENCE"].default == "7"
    assert listed["DARKROOM_PATIENCE"].description == "Seconds."
    assert listed["DARKROOM_RABBITMQ_URL"].required
