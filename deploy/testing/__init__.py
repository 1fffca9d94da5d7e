"""For integration tests of programs that use Darkroom: a whole one, started for the tests.

    # conftest.py
    pytest_plugins = ["deploy.testing.fixtures"]

Neighbours: `shared.testing` has what needs no servers, and `shared.testing.in_memory` a Darkroom
for unit tests. This part is here because starting things is what deploy knows.
"""

from deploy.testing.running import RunningDarkroom, TestBackendError
from deploy.testing.tenant import DarkroomTenant, NoKeysError

__all__ = ["DarkroomTenant", "NoKeysError", "RunningDarkroom", "TestBackendError"]
