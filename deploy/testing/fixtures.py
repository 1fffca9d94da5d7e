"""Fixtures of pytest: name this module as a plugin, in your conftest.py.

    pytest_plugins = ["deploy.testing.fixtures"]

`darkroom` is started once for all tests of a session, and only if one asks for it; those named
`…_in_memory` and `webhook_receiver` are fresh for each test and need no servers.
"""

import os
from collections.abc import Iterator, Mapping

import pytest

from deploy.testing.running import VARIABLE, RunningDarkroom
from deploy.testing.tenant import DarkroomTenant
from shared.client import SyncDarkroomClient
from shared.testing.in_memory import DarkroomInMemory
from shared.testing.webhook_receiver import WebhookReceiver


@pytest.fixture(scope="session")
def darkroom_settings() -> Mapping[str, str]:
    """Settings (`DARKROOM_…`) of the one that is started: override this in your conftest.py."""
    return {}


@pytest.fixture(scope="session")
def darkroom(
    darkroom_settings: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningDarkroom]:
    """A whole Darkroom, of containers or embedded, as `DARKROOM_TEST_BACKEND` says."""
    backend = os.environ.get(VARIABLE, "auto")
    folder = tmp_path_factory.mktemp("darkroom")
    with RunningDarkroom(folder, darkroom_settings, backend) as running:
        yield running


@pytest.fixture
def darkroom_client(darkroom: RunningDarkroom) -> Iterator[SyncDarkroomClient]:
    """A client of it."""
    with darkroom.client() as client:
        yield client


@pytest.fixture
def darkroom_tenant(darkroom: RunningDarkroom) -> DarkroomTenant:
    """Somebody of one's own there, who sees nothing of other tests. Needs `DARKROOM_AUTH=keys`."""
    return darkroom.new_tenant()


@pytest.fixture
def darkroom_in_memory() -> DarkroomInMemory:
    """One without servers, which makes at once what is asked for."""
    return DarkroomInMemory()


@pytest.fixture
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Somebody who is called back."""
    with WebhookReceiver() as receiver:
        yield receiver
