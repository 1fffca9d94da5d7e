"""The generated pages say what the code says."""

import pytest

from deploy.local.settings import LocalSettings
from deploy.reference.__main__ import PAGES, ROOT
from deploy.reference.variables import readers


@pytest.mark.parametrize("page", PAGES)
def test_page_is_current(page: str) -> None:
    assert (ROOT / page).read_text() == PAGES[page](), "run python -m deploy.reference"


def test_every_variable_is_explained_and_named_once() -> None:
    found = [variable for reader in readers() for variable in reader.variables]

    assert [variable.name for variable in found if not variable.description] == []
    assert len({variable.name for variable in found}) == len(found)


def test_every_setting_of_the_local_stack_is_listed() -> None:
    names = {variable.name for reader in readers() for variable in reader.variables}

    assert {f"DARKROOM_{name.upper()}" for name in LocalSettings.model_fields} <= names
