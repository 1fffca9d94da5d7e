"""A service's process: ready, then a signal, then an orderly end with the right exit code."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from shared.service.serve import REQUESTS_GRACE
from shared.testing import eventually_sync

PATIENCE = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(*words: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The program, serving, and its address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.integration.service.program", str(port), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            eventually_sync(
                lambda: httpx.get(f"{address}/health/live").raise_for_status(), PATIENCE
            )
            yield process, address
        finally:
            process.kill()


def wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    assert any(word in line for line in process.stdout), f"it never said {word!r}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    with running() as (process, address):
        assert httpx.get(f"{address}/health/ready").json()["status"] == "ready"
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert output.index("service.stopping") < output.index("stopped")


def test_while_it_stops_it_takes_no_requests() -> None:
    with running("slow") as (process, address):
        process.terminate()
        wait_for(process, "stopping\n")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/health/ready")


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_any_further_signal_ends_it_at_once(second: signal.Signals) -> None:
    with running("slow") as (process, _):
        process.terminate()
        wait_for(process, "stopping\n")
        process.send_signal(second)
        assert process.wait(PATIENCE) == -second


def test_what_holds_up_the_whole_process_does_not_hold_it_up_for_ever() -> None:
    with running("stuck", "impatient") as (process, _):
        process.terminate()
        wait_for(process, "stopping\n")
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert "service.stuck" in output


def test_requests_in_hand_count_against_the_grace_time() -> None:
    with running("slow", "impatient") as (process, address):
        waiting = threading.Thread(target=wait_in_vain, args=[address])
        waiting.start()
        wait_for(process, "waiting\n")
        begun = time.monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 1
        waiting.join()
        assert time.monotonic() - begun < REQUESTS_GRACE.total_seconds() + 2.5


def wait_in_vain(address: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        httpx.get(f"{address}/waiting", timeout=PATIENCE)


def test_work_that_does_not_end_within_the_grace_time_is_left_and_told() -> None:
    with running("slow", "impatient") as (process, _):
        process.terminate()
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert "service.stop_failed" in output


def test_a_service_that_cannot_start_says_why() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.integration.service.program",
        str(free_port()),
        "failing",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode != 0
    assert "cannot start" in done.stdout
