"""What a generator is given beside its input."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

from shared.errors import InvalidInputError
from shared.generators.bill import Bill
from shared.generators.inputs import InputFile
from shared.generators.providers import InMemoryProviderJobs, ProviderJobs

Report = Callable[[float | None, str | None], Awaitable[None]]


async def unreported(_percent: float | None, _message: str | None) -> None:
    """Progress that nobody listens to."""


class GeneratorContext:
    """The surroundings of one attempt.

    - `seed`: the only source of randomness a generator may use beside its input, 0 to 2**32 - 1;
      the same for every attempt of a job. It is the input's own `seed` where that is given.
    - `scratch`: an empty folder of this attempt, removed afterwards; made when it is first asked
      for, where a function is given for it.
    - `attempt`: 1 for the first.
    - `report`: progress, 0-100 or None (indeterminate), and a message; may be dropped.
    - `provider_jobs`: what was ordered from a provider for this job, by whichever attempt.
    - `bill`: where the attempt ran and what it costs, to be said by generators that have to pay.
    - `inputs`: the files that the input names, by asset id.

    Cancellation arrives as `asyncio.CancelledError` for generators that run in the event loop; a
    child process is killed.
    """

    __slots__ = (
        "_scratch",
        "attempt",
        "bill",
        "inputs",
        "job_id",
        "provider_jobs",
        "report",
        "seed",
    )

    def __init__(
        self,
        job_id: UUID,
        seed: int,
        scratch: Path | Callable[[], Path],
        attempt: int = 1,
        report: Report = unreported,
        *,
        provider_jobs: ProviderJobs | None = None,
        bill: Bill | None = None,
        inputs: Mapping[str, InputFile] | None = None,
    ) -> None:
        self.job_id = job_id
        self.seed = seed
        self.attempt = attempt
        self.report = report
        self.provider_jobs = InMemoryProviderJobs() if provider_jobs is None else provider_jobs
        self.bill = Bill() if bill is None else bill
        self.inputs = {} if inputs is None else inputs
        self._scratch = scratch

    @property
    def scratch(self) -> Path:
        return self._scratch if isinstance(self._scratch, Path) else self._scratch()

    async def progress(self, percent: float | None, message: str | None = None) -> None:
        """Tell how far it is: 0-100, or None when that cannot be known."""
        await self.report(percent, message)

    def input_file(self, asset_id: str) -> InputFile:
        """The file of an asset that the input names. Raises `InvalidInputError`."""
        try:
            return self.inputs[asset_id]
        except KeyError:
            raise InvalidInputError(f"there is no asset {asset_id} for this job") from None
