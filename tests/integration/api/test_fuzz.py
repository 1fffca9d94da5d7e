"""Every route is called by what its own description says, rightly and wrongly.

No answer is 5xx, and every one is as documented: status, content type, headers, shape. More calls:
`DARKROOM_FUZZ_EXAMPLES=400` of each operation.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.api.settings import ApiSettings
from shared.testing import a_generator_announced, eventually
from tests.integration.api.neighbours import Neighbours

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = os.environ.get("DARKROOM_FUZZ_EXAMPLES", "20")
LONG = "DARKROOM_FUZZ_EXAMPLES" in os.environ
PHASES = "examples,coverage,fuzzing,stateful" if LONG else "fuzzing"


@pytest.fixture
async def address(
    settings: ApiSettings, neighbours: Neighbours, tmp_path: Path
) -> AsyncIterator[str]:
    """A running api, in a process of its own, that knows of cards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DARKROOM_API_DATABASE_URL": settings.database_url,
        "DARKROOM_RABBITMQ_URL": settings.rabbitmq_url,
        "DARKROOM_STORE_URL": str(settings.store_url),
        "DARKROOM_API_PORT": str(port),
        "DARKROOM_CATALOGUE_SECONDS": "0.2",
    }
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "api.log").open("wb") as log:
        command = [sys.executable, "-m", "services.api", "serve"]
        process = subprocess.Popen(  # noqa: ASYNC220
            command, env=environment, stdout=log, stderr=log
        )
    try:
        await neighbours.say(a_generator_announced())
        await eventually(partial(_knows_cards, url), timeout=20)
        yield url
    finally:
        process.terminate()
        process.wait(30)


async def _knows_cards(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/v1/generators/card")).status_code == 200


async def test_every_answer_is_as_documented_whatever_is_asked(
    address: str, tmp_path: Path
) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    command = [str(program), "run", f"{address}/openapi.json", "--checks", ",".join(CHECKS)]
    options = ["--max-examples", EXAMPLES, "--phases", PHASES, "--seed", "1", "--no-shrink"]
    more = ["--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure"]
    # A wait would be waited for, and events never end; webhooks are the notifier's.
    left_out = ["--header", "Prefer: wait=0", "--exclude-path-regex", "/events$|^/v1/webhooks"]

    done = subprocess.run(  # noqa: ASYNC221 - nothing else is done meanwhile
        [*command, *options, *more, *left_out],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    print(done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert re.search(r"generated", done.stdout), done.stdout
