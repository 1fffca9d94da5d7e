"""The promises that the in-memory Darkroom keeps are those of the real one."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import StackInfo
from shared.client import SyncDarkroomClient
from tests.conformance.darkroom import DarkroomConformance


class TestRunningDarkroom(DarkroomConformance):
    """With servers."""

    @pytest.fixture
    def client(self, info: StackInfo) -> Iterator[SyncDarkroomClient]:
        with SyncDarkroomClient(info.api) as client:
            yield client
