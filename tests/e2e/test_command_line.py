"""`darkroom` as a person types it, and the examples as they stand, against the whole stack."""

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.stack import StackInfo
from shared.client import ApiProblemError, DarkroomClient
from tests.e2e.command_line import ROOT, CommandLine, run_python


def test_a_card_from_the_command_line(darkroom: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "card.png"

    made = darkroom("make", "card", "title=From the command line", "-o", str(target))
    assert made.returncode == 0, made.stderr
    assert target.read_bytes().startswith(b"\x89PNG")

    job = json.loads(darkroom("list", "--generator", "card", "--limit", "1", "--json").stdout)
    shown = darkroom("show", job["items"][0]["id"]).stdout
    assert hashlib.sha256(target.read_bytes()).hexdigest() in shown
    assert "image/png 1200x630" in shown


def test_generators_their_fields_and_what_is_wrong_with_an_input(darkroom: CommandLine) -> None:
    assert "card" in darkroom("generators").stdout
    assert "title" in darkroom("generators", "card").stdout

    refused = darkroom("make", "card", "title=Hello", "width=9000")
    assert refused.returncode == 1
    assert "input.width: 9000 is greater than" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_failure_says_why(darkroom: CommandLine) -> None:
    failed = darkroom("make", "flaky", "permanent_rate=1", "message=The moon is in the way.")

    assert failed.returncode == 1
    assert failed.stderr == "error: The moon is in the way.\n"


def test_migrating_again_changes_nothing(darkroom: CommandLine) -> None:
    done = darkroom("migrate")

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["ok", "api"],
        ["ok", "generator"],
        ["ok", "notifier"],
    ]


async def test_the_client_waits_downloads_and_is_told_what_is_wrong(
    info: StackInfo, tmp_path: Path
) -> None:
    async with DarkroomClient(info.api) as client:
        job = await client.request("noop", {"payload": "hello"}, idempotency_key="e2e-client")
        again = await client.request("noop", {"payload": "hello"}, idempotency_key="e2e-client")
        assert again.id == job.id
        done = await client.wait(job.id, timedelta(seconds=60))
        path = await client.download(done, tmp_path / "hello.txt")
        assert path.read_text() == "hello"

        job = await client.request("noop", {})
        assert [step.status async for step in client.follow(job.id)][-1] == "ready"
        with pytest.raises(ApiProblemError, match="payload"):
            await client.request("noop", {"payload": 7})
        with pytest.raises(ApiProblemError) as too_late:
            await client.cancel(job.id)
        assert too_late.value.problem.code == "already_final"

        answers = await client.request_many(
            [{"generator": "noop", "input": {}}, {"generator": "nobody", "input": {}}]
        )
        assert [answer.status for answer in answers] == [202, 422]
        letters = await client.dead_letters.list(limit=5)
        assert len(letters.items) <= 5


def test_the_examples_ask_and_listen(info: StackInfo) -> None:
    listener = subprocess.Popen(
        [sys.executable, "examples/listen.py", info.rabbitmq, "--count", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listening on example.pictures\n"

        asked = run_python("examples/request.py", info.rabbitmq, "--title", "By message")
        assert asked.returncode == 0, asked.stdout + asked.stderr
        event = json.loads(asked.stdout)
        assert event["type"] == "darkroom.media.ready.v1"

        heard = listener.stdout.readline()
        listener.terminate()
    assert heard.split()[1:3] == ["card", "image/png"]
