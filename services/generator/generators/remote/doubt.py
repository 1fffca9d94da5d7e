"""An order of which nobody knows whether it arrived: the provider is asked, or somebody looks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from services.generator.generators.remote.errors import ProviderAccessError
from shared.errors import RetryableError, UnknownOutcomeError

T = TypeVar("T")

TRIES: Final = 4
PAUSE: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(seconds=30)


def nobody_knows(name: str, why: str = "and it has no way to ask") -> UnknownOutcomeError:
    """For an order at the backend `name`."""
    return UnknownOutcomeError(
        f"The provider {name} may have taken the order, {why}. Look at the account there: "
        "attach the order if it is there, else order it again."
    )


async def asked_again(look: Callable[[], Awaitable[T]], name: str) -> T:
    """What `look` finds out. A provider that cannot be asked now is asked a few times more.

    Raises `UnknownOutcomeError` when it never answers: to try the job again would not help.
    """
    for tries in range(TRIES):
        try:
            return await look()
        except RetryableError as error:
            pause = max(PAUSE * 2**tries, error.retry_after or PAUSE)
        except ProviderAccessError:
            break
        if tries < TRIES - 1:
            await asyncio.sleep(min(pause, LONGEST).total_seconds())
    raise nobody_knows(name, "and it does not answer now")
