"""The generated pages say what the code says."""

import errno

import pytest

from deploy.local.settings import LocalSettings
from deploy.reference.__main__ import PAGES, ROOT
from deploy.reference.errors_page import errors_page
from deploy.reference.variables import readers
from services.generator.runtime.setback import setback_of
from services.generator.service.events import WORKER_LOST
from services.generator.service.verdicts import RELEASED
from shared.events import Failure


@pytest.mark.parametrize("page", PAGES)
def test_page_is_current(page: str) -> None:
    assert (ROOT / page).read_text() == PAGES[page](), "run python -m deploy.reference"


@pytest.mark.parametrize(
    "error",
    [MemoryError(), OSError(errno.ENOSPC, "full"), OSError(errno.EFBIG, "large"), KeyError()],
)
def test_errors_without_a_class_of_ours_are_listed(error: Exception) -> None:
    setback = setback_of(error)
    again = "yes" if setback.retryable else "no"

    assert f"| `{setback.code}` | {again} |" in errors_page()


@pytest.mark.parametrize("failure", [RELEASED, WORKER_LOST])
def test_what_is_said_of_lost_workers_is_listed(failure: Failure) -> None:
    assert f"| `{failure.code}` | yes |" in errors_page()


def test_every_variable_is_explained_and_named_once() -> None:
    found = [variable for reader in readers() for variable in reader.variables]

    assert [variable.name for variable in found if not variable.description] == []
    assert len({variable.name for variable in found}) == len(found)


def test_every_setting_of_the_local_stack_is_listed() -> None:
    names = {variable.name for reader in readers() for variable in reader.variables}

    assert {f"DARKROOM_{name.upper()}" for name in LocalSettings.model_fields} <= names
