"""Files that an input names, from the store to the generator, wherever it runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.generator.assets.inputs import InputFiles
from services.generator.assets.intake import AssetIntake
from services.generator.errors import InputMissingError
from services.generator.models import Brief
from services.generator.registry import GeneratorRegistry
from services.generator.runtime.loop import LoopRuntime
from services.generator.runtime.pool import ChildPool
from services.generator.service.attempts import AttemptMaker
from services.generator.service.providers import ProviderJobStore
from services.generator.service.scratch import ScratchSpace
from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import Asset, InputAsset
from shared.generators import Execution
from shared.generators.context import unreported
from shared.storage import AssetStore, in_memory
from tests.integration.generator.copying import CopyGenerator, CopyInLoopGenerator
from tests.integration.generator.steps import a_job, admit, claim
from tests.unit.generator.builders import a_claimed_job

PNG = b"\x89PNG\r\n\x1a\n and so on"
ID = "019ab7f0-0000-7000-8000-000000000001"


@pytest.fixture
def store() -> AssetStore:
    return in_memory()


@pytest.fixture
async def attempts(
    store: AssetStore, tmp_path: Path, unit_of_work: OpenUnitOfWork
) -> AsyncIterator[AttemptMaker]:
    space, pool = ScratchSpace(tmp_path), ChildPool(idle_limit=1, folder=tmp_path)
    space.open()
    yield AttemptMaker(
        GeneratorRegistry([CopyGenerator, CopyInLoopGenerator]),
        {Execution.CHILD: pool, Execution.LOOP: LoopRuntime()},
        AssetIntake(store),
        space,
        inputs=InputFiles(store, 1000),
        reporter=lambda _: unreported,
        provider_jobs=ProviderJobStore(unit_of_work),
    )
    await pool.stop()
    space.close()


async def copied(attempts: AttemptMaker, generator: str, sha256: str) -> Asset:
    named = InputAsset(sha256=sha256, media_type="image/png", size=len(PNG), width=3, height=2)
    brief = Brief(inputs={ID: named})
    job = a_claimed_job(generator=generator, input={"source": ID}, brief=brief)
    return (await attempts.make(job, lambda: None))[0]


@pytest.mark.parametrize("generator", ["copy", "copy-in-loop"])
async def test_a_generator_reads_what_its_input_names(
    attempts: AttemptMaker, store: AssetStore, generator: str
) -> None:
    stored = await store.put_bytes(PNG)

    for _ in range(2):  # the second in the folder, and the child, of the first
        copy = await copied(attempts, generator, stored.sha256)
        assert copy.sha256 == stored.sha256
        assert copy.provenance["sha256"] == stored.sha256
        assert copy.provenance["width"] == 3
        assert copy.provenance["in"] == "inputs"


@pytest.mark.parametrize("generator", ["copy", "copy-in-loop"])
async def test_bytes_that_are_gone_fail_the_job_for_good(
    attempts: AttemptMaker, generator: str
) -> None:
    with pytest.raises(InputMissingError):
        await copied(attempts, generator, "ab" * 32)


async def test_what_is_named_is_kept_with_the_job_until_its_turn(
    unit_of_work: OpenUnitOfWork,
) -> None:
    named = InputAsset(sha256="ab" * 32, media_type="audio/wav", size=7, duration=1.5)

    await admit(unit_of_work, a_job(brief=Brief(inputs={ID: named})))

    [job] = await claim(unit_of_work)
    assert job.brief.inputs == {ID: named}
