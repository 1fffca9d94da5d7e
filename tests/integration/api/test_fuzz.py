"""Every route is called by what its own description says, rightly and wrongly.

No answer is 5xx, and every one is as documented: status, content type, headers, shape. More calls:
`DARKROOM_FUZZ_EXAMPLES=400` of each operation.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.api.settings import ApiSettings
from shared.testing import a_generator_announced, eventually
from tests.conftest import MakeDatabase
from tests.integration.api.neighbours import Neighbours
from tests.unit.api.guarded import FIRST_KEY, bearer

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = os.environ.get("DARKROOM_FUZZ_EXAMPLES", "20")
LONG = "DARKROOM_FUZZ_EXAMPLES" in os.environ
WITH_A_KEY = EXAMPLES if LONG else "4"
"""Behind the door all is the same; `ignored_auth` tries the door."""
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "fuzzing"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(module: str, log: Path, **environment: str) -> Iterator[None]:
    """A service in a process of its own."""
    told = os.environ | {f"DARKROOM_{name}": value for name, value in environment.items()}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *module.split()], env=told, stdout=said, stderr=said
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def access() -> dict[str, str]:
    """What the services are told about keys."""
    return {"AUTH": "off"}


@pytest.fixture
def notifier(
    make_database: MakeDatabase, rabbitmq_url: str, tmp_path: Path, access: dict[str, str]
) -> Iterator[str]:
    """A running notifier that calls nobody but this machine."""
    port = free_port()
    with running(
        "tests.integration.api.notifier_at_home",
        tmp_path / "notifier.log",
        NOTIFIER_DATABASE_URL=make_database("notifier"),
        RABBITMQ_URL=rabbitmq_url,
        NOTIFIER_PORT=str(port),
        WEBHOOK_ALLOW_PRIVATE="1",
        WEBHOOK_TIMEOUT_SECONDS="1",
        WEBHOOK_ENDPOINTS_PER_TENANT="20",
        **access,
    ):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def address(
    settings: ApiSettings,
    neighbours: Neighbours,
    notifier: str,
    tmp_path: Path,
    access: dict[str, str],
) -> AsyncIterator[str]:
    """A running api that knows of cards, and where the notifier is."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(
        "services.api serve",
        tmp_path / "api.log",
        API_DATABASE_URL=settings.database_url,
        RABBITMQ_URL=settings.rabbitmq_url,
        STORE_URL=str(settings.store_url),
        API_PORT=str(port),
        CATALOGUE_SECONDS="0.2",
        STREAM_SECONDS="0.05",
        NOTIFIER_URL=notifier,
        **access,
    ):
        await neighbours.say(a_generator_announced())
        await eventually(partial(_answers, f"{url}/v1/generators/card"), timeout=30)
        await eventually(partial(_answers, f"{url}/v1/webhooks/endpoints"), timeout=30)
        yield url


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(headers=bearer(FIRST_KEY)) as client:
        assert (await client.get(url)).status_code == 200


# Webhooks are called beside.
@pytest.mark.parametrize(
    "which",
    [
        ("--exclude-path-regex", "^/v1/webhooks"),
        ("--include-path-regex", "^/v1/webhooks"),
    ],
    ids=["media", "webhooks"],
)
async def test_every_answer_is_as_documented_whatever_is_asked(
    address: str, tmp_path: Path, which: tuple[str, str]
) -> None:
    fuzz(address, tmp_path, CHECKS, "--max-examples", EXAMPLES, *which)


@pytest.mark.parametrize(
    "access",
    [{"AUTH": "keys", "OPERATOR_KEY": FIRST_KEY, "NOTIFIER_TOKEN": FIRST_KEY[::-1]}],
    ids=["keys"],
)
async def test_the_same_is_so_with_a_key_and_without_one_there_is_no_answer(
    address: str, tmp_path: Path
) -> None:
    key = ("--header", f"Authorization: Bearer {FIRST_KEY}")
    fuzz(address, tmp_path, (*CHECKS, "ignored_auth"), "--max-examples", WITH_A_KEY, *key)


def fuzz(address: str, folder: Path, checks: Sequence[str], *options: str) -> None:
    """Raises `AssertionError` that shows what was found."""
    program = Path(sys.executable).parent / "schemathesis"
    command = [str(program), "run", f"{address}/openapi.json", "--checks", ",".join(checks)]
    phases = ["--phases", PHASES, "--seed", "1", "--no-shrink"]
    more = ["--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure"]

    done = subprocess.run(
        [*command, *options, *phases, *more, "--header", "Prefer: wait=0"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    print(done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert re.search(r"generated", done.stdout), done.stdout
