"""Units of work that something happens to, just before they commit."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from services.generator.unit_of_work import GeneratorUnitOfWork
from services.notifier.unit_of_work import NotifierUnitOfWork

BeforeCommit = Callable[[], Awaitable[Any]]


class KilledError(Exception):
    """The process died here."""


async def die() -> None:
    """Everything is done, and nothing is committed."""
    raise KilledError


class _Interruptible:
    """Mixin before a unit of work: what `before_commit` raises ends it without a commit."""

    before_commit: BeforeCommit | None = None

    def alone(self) -> None:
        """What can be ended before its commit has to have one."""
        if self.before_commit is None:
            super().alone()  # type: ignore[misc]

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        leave: Any = super().__aexit__  # type: ignore[misc]
        if kind is None and self.before_commit is not None:
            try:
                await self.before_commit()
            except BaseException as death:
                await leave(type(death), death, death.__traceback__)
                raise
        await leave(kind, error, trace)


class InterruptibleGeneratorWork(_Interruptible, GeneratorUnitOfWork):
    """The generator's."""


class InterruptibleNotifierWork(_Interruptible, NotifierUnitOfWork):
    """The notifier's."""
