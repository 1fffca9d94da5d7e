"""The test kit's fixtures: `darkroom_tenant`, `darkroom_in_memory`, `webhook_receiver`, …"""

from collections.abc import Mapping

import pytest

pytest_plugins = ["deploy.testing.fixtures"]


@pytest.fixture(scope="session")
def darkroom_settings() -> Mapping[str, str]:
    """With keys, so that each test can be somebody else."""
    return {"DARKROOM_AUTH": "keys"}
