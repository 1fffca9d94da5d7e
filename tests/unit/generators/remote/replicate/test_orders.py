"""The Replicate generator: orders once, waits, brings home."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.remote.errors import (
    ProviderUnavailableError,
)
from services.generator.generators.replicate import ReplicateGenerator, searching
from shared.errors import UnknownOutcomeError
from shared.generators import ProviderJob
from tests.simulators import ReplicateSimulator, faults
from tests.unit.generators.remote.kit import Job, an_input_file, configured
from tests.unit.generators.remote.replicate.ordering import ASKED, ASSET, MODEL, a_backend


async def test_an_order_is_noted_waited_for_charged_and_brought_home(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.looks = 5
    provider.logs = (*provider.logs[:3], "  3%| the next bar", "100%")
    job = Job(generator, tmp_path, ASKED)

    [file] = await job.attempt()

    assert file.path.read_bytes().startswith(b"\x89PNG")
    assert file.filename == "replicate.png"
    assert file.provenance["prediction"] == "p000001"
    assert job.notes.said == ["intend replicate", "submitted p000001"]
    assert (job.bill.backend, job.bill.cost) == ("replicate", 0.003)
    assert [percent for percent, _ in job.progress] == [9.0, 49.5, 49.5, 90, 95]
    [request] = provider.requests
    assert request["path"] == "/v1/models/acme/painter/predictions"
    assert request["headers"]["cancel-after"] == "100s"
    assert request["input"] == {"prompt": "A lighthouse", "seed": 7}


async def test_several_files_come_in_order_and_each_once(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "parameters": {"num_outputs": 2}}
    files = await Job(generator, tmp_path, asked).attempt()
    assert [file.filename for file in files] == ["replicate.png", "replicate-2.png"]

    same = f"{provider.url}/files/p000001/0.png"
    provider.output = {"images": [same, same], "note": "a text"}
    assert len(await Job(generator, tmp_path, ASKED).attempt()) == 1


async def test_a_version_goes_to_the_address_of_versions(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = {**MODEL, "version": "abc123", "fixed": {"safe": True}}
    backend = a_backend(provider, models=[model], webhook_url=f"{provider.url}/hook")
    job = Job(configured(monkeypatch, ReplicateGenerator, backend), tmp_path, ASKED)

    await job.attempt()

    [request] = provider.requests
    assert (request["path"], request["version"]) == ("/v1/predictions", "abc123")
    assert request["input"]["safe"] is True
    assert provider.hooked == [f"{job.id} succeeded"]


async def test_files_travel_in_the_request_or_are_uploaded(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "files": [{"parameter": "image", "asset": ASSET}]}
    small = an_input_file(tmp_path / "small", b"x")
    large = an_input_file(tmp_path / "large", b"y" * 300_000)

    await Job(generator, tmp_path, asked, inputs={ASSET: small}).attempt()
    await Job(generator, tmp_path, asked, inputs={ASSET: large}).attempt()

    first, second = provider.requests
    assert first["input"]["image"] == "data:image/png;base64,eA=="
    assert second["input"]["image"] == f"{provider.url}/v1/files/1"
    assert provider.uploads == [b"y" * 300_000]


async def test_who_takes_over_waits_for_the_same_order(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.looks = 1000
    job = Job(generator, tmp_path, ASKED)
    task = asyncio.create_task(job.attempt())
    await job.notes.ordered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    provider.looks = 1

    await job.attempt()

    assert provider.submissions == 1
    assert job.bill.cost == 0.003


async def test_an_order_whose_answer_was_lost_is_found_by_its_seed(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.page = 1
    for number in range(3):
        await Job(generator, tmp_path, ASKED, seed=100 + number).attempt()
    provider.faults.plan("submit", faults.cut_after)
    provider.lag = 1
    job = Job(generator, tmp_path, ASKED, seed=2**32 - 1)

    [file] = await job.attempt()

    assert provider.requests[-1]["input"]["seed"] == 2**31 - 1

    assert file.provenance["prediction"] == "p000004"
    assert provider.submissions == 4
    assert job.notes.said == ["intend replicate", "submitted p000004"]


async def test_a_dead_workers_order_is_found_or_given_for_the_first_time(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    doubtful = ProviderJob("replicate", None, 1)
    never = Job(generator, tmp_path, ASKED, known=doubtful, seed=1)
    await never.attempt()
    assert never.notes.said == ["forget", "intend replicate", "submitted p000001"]

    once = Job(generator, tmp_path, ASKED, known=doubtful, seed=1)
    await once.attempt()
    assert once.notes.said == ["submitted p000001"]
    assert provider.submissions == 1


@pytest.mark.parametrize(
    "answer", [faults.says("no JSON"), faults.answers(200, {"id": "../account", "status": "x"})]
)
async def test_an_answer_that_cannot_be_read_is_an_answer_that_was_lost(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path, answer: Any
) -> None:
    provider.faults.plan("submit", answer)
    with pytest.raises(ProviderUnavailableError, match="not taken"):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_an_answer_that_belongs_to_another_order_is_not_believed(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    await Job(generator, tmp_path, ASKED, seed=1).attempt()
    others = provider.predictions["p000001"]
    provider.faults.plan("submit", faults.does_but_answers(201, others))
    provider.faults.plan("poll", faults.answers(200, others))
    job = Job(generator, tmp_path, ASKED, seed=2)

    [file] = await job.attempt()

    assert job.notes.said == ["intend replicate", "submitted p000002"]
    assert file.provenance["prediction"] == "p000002"


async def test_an_upload_that_fails_leaves_no_doubt(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "files": [{"parameter": "image", "asset": ASSET}]}
    large = an_input_file(tmp_path / "large", b"y" * 300_000)
    for fault in (faults.cut_after, faults.answers(503)):
        provider.faults.plan("upload", fault)
        job = Job(generator, tmp_path, asked, inputs={ASSET: large})
        with pytest.raises(ProviderUnavailableError):
            await job.attempt()
        assert job.notes.said == []


@pytest.mark.parametrize("broken", [faults.cut_before, faults.does_but_answers(504)])
async def test_after_a_broken_connection_the_provider_is_asked(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path, broken: Any
) -> None:
    provider.faults.plan("submit", broken)
    provider.faults.plan("list", faults.answers(503), faults.cut_before)
    job = Job(generator, tmp_path, ASKED)

    if broken is faults.cut_before:
        with pytest.raises(ProviderUnavailableError, match="not taken"):
            await job.attempt()
        assert job.notes.said == ["intend replicate", "forget"]
    await job.attempt()

    assert provider.submissions == 1


@pytest.mark.parametrize(
    "why",
    ["a seed of its own", "data removed", "no answers", "no access", "bad answers", "no end"],
)
async def test_what_cannot_be_found_out_is_said_to_be_unknown(
    generator: ReplicateGenerator,
    provider: ReplicateSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    why: str,
) -> None:
    if why != "no end":
        provider.faults.plan("submit", faults.cut_after)
    provider.data_removed = why == "data removed"
    if why == "no answers":
        provider.faults.plan("list", *[faults.answers(500)] * 4)
    if why == "no access":
        provider.faults.plan("list", faults.answers(403))
    if why == "bad answers":
        bad = (faults.answers(200, [1]), faults.says("?"), faults.answers(200, {"results": [{}]}))
        provider.faults.plan("list", *bad, bad[0])
    if why == "no end":
        for number in range(3):
            await Job(generator, tmp_path, ASKED, seed=number).attempt()
        provider.faults.plan("submit", faults.cut_before)
        provider.page = 1
        monkeypatch.setattr(searching, "PAGES", 2)
    already = provider.submissions
    asked = {**ASKED, **({"seed": 7} if why == "a seed of its own" else {})}
    job = Job(generator, tmp_path, asked)

    with pytest.raises(UnknownOutcomeError, match="may have taken the order"):
        await job.attempt()

    assert job.notes.said == ["intend replicate"]
    assert provider.submissions == already + (why != "no end")


async def test_an_order_with_a_seed_of_its_own_is_found_by_its_webhook(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = a_backend(provider, webhook_url=f"{provider.url}/hook")
    generator = configured(monkeypatch, ReplicateGenerator, backend)
    provider.faults.plan("submit", faults.cut_after)
    await Job(generator, tmp_path, {**ASKED, "seed": 7}).attempt()
    assert provider.submissions == 1


async def test_an_order_at_a_backend_that_is_gone_is_not_given_again(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    job = Job(generator, tmp_path, ASKED, known=ProviderJob("old-account", "p1", 1))
    with pytest.raises(UnknownOutcomeError, match="old-account"):
        await job.attempt()
    assert provider.submissions == 0
