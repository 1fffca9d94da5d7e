"""`darkroom limits`."""

import json

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi

RATE = {"quota": 50, "seconds": 3_600}


def test_show_says_what_holds_and_how_that_stands(run: Run, api: FakeApi) -> None:
    api.limits.said["shop"] = {"jobs": RATE, "uploads": 1_000}

    own, shops = run("limits", "show"), run("limits", "show", "shop")

    lines = {line.split("  ")[0]: line for line in shops.out.splitlines()}
    assert own.code == shops.code == 0
    assert "600/minute, 600 left" in own.out
    assert lines["jobs"].endswith("50/hour, 50 left  (its own)")
    assert lines["calls"].endswith("no limit")
    assert lines["uploads"].endswith("1 of 1,000  (its own)")
    assert lines["waiting jobs"].endswith("3, no limit")
    assert json.loads(run("limits", "show", "--json").out)["tenant"] == "default"


def test_set_changes_what_is_named_and_nothing_else(run: Run, api: FakeApi) -> None:
    run("limits", "set", "shop", "--jobs", "50/h", "--uploads", "7")
    run("limits", "set", "shop", "--upload-bytes", "1.5MB", "--streams", "none")
    changed = run("limits", "set", "shop", "--uploads", "default", "--queued-jobs", "9", "--json")

    assert changed.code == 0
    assert api.limits.said["shop"] == {
        "jobs": RATE,
        "upload_bytes": 1_500_000,
        "streams": None,
        "queued_jobs": 9,
    }


def test_reset_and_list(run: Run, api: FakeApi) -> None:
    assert "hold for all tenants" in run("limits", "list").err
    run("limits", "set", "shop", "--requests", "none")
    assert run("limits", "list").out == "shop\n"
    assert json.loads(run("limits", "list", "--json").out) == {"tenants": ["shop"]}

    assert run("limits", "reset", "shop").out == "The settings hold for shop.\n"
    assert not api.limits.said


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), "say which limit"),
        (("--jobs", "often"), "600/minute"),
        (("--uploads", "0"), "a number from 1"),
        (("--upload-bytes", "much"), "500MB"),
    ],
)
def test_what_is_no_limit_is_said(run: Run, said: tuple[str, ...], why: str) -> None:
    outcome = run("limits", "set", "shop", *said)

    assert outcome.code == 2
    assert why in outcome.err
