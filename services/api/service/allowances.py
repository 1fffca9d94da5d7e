"""One tenant's allowance of one policy, as one process knows it.

What may be used is kept in Postgres, for all processes (`repository/limits`). A process takes it in
portions: as much as waits, and the busier the tenant is the more beside, which then is used from
memory. What is not used within a second goes back. Nobody asks again for a second once there was
nothing left. Neighbour: `rates` keeps the allowances and speaks with the database.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import ceil

from services.api.errors import RateExceededError
from services.api.models.limits import Ask, Grant, Policy, Rate

HELD_SECONDS = 1.0
"""How long a portion is good for, and how long a process believes that nothing is left."""

MOST_SPARE = 1_000
Draw = Callable[["Allowance"], Awaitable[bool]]


class Allowance:
    """What a tenant may still use; `elapsed` tells seconds, from whenever."""

    def __init__(
        self, tenant: str, policy: Policy, rate: Rate, draw: Draw, elapsed: Callable[[], float]
    ) -> None:
        self.tenant = tenant
        self.policy = policy
        self.rate = rate
        self.said = _said(policy, rate)
        """The policy as a structured field."""
        self._draw = draw
        self._elapsed = elapsed
        self._held = 0
        self._good_until = 0.0
        self._spare = 0
        self._empty_until = 0.0
        self._open_until = 0.0
        self._used: float | None = None
        self._known_at = 0.0
        self._touched_at = elapsed()

    async def take(self) -> RateExceededError | None:
        """Use one, or say why that cannot be. `give_back` where nothing came of it."""
        now = self._touched_at = self._elapsed()
        if self._held and now < self._good_until:
            self._held -= 1
            return None
        if now < self._open_until:
            return None
        if now < self._empty_until or not await self._draw(self):
            return self._refusal()
        return None

    def give_back(self) -> None:
        """One that was taken was not used."""
        if self._elapsed() >= self._open_until:
            self._held += 1

    def ask(self, needed: int) -> Ask:
        """What is asked of the database for so many that wait."""
        if needed:
            busy = self._elapsed() < self._good_until
            self._spare = min(2 * self._spare + 1, MOST_SPARE) if busy else 0
        ask = Ask(self.tenant, self.policy, self.rate, needed, self._spare if needed else 0)
        held, self._held = self._held, 0
        return ask._replace(back=held)

    def receive(self, needed: int, grant: Grant) -> int:
        """Note what was granted; answers how many of those that wait have one."""
        now = self._known_at = self._elapsed()
        self._used = grant.used
        granted = min(needed, grant.granted)
        self._held += grant.granted - granted
        if needed:
            self._good_until = now + HELD_SECONDS
        if granted < needed:
            self._empty_until = now + min(HELD_SECONDS, self._until_next())
        return granted

    def change(self, rate: Rate) -> None:
        """From now on it is this."""
        self.rate = rate
        self.said = _said(self.policy, rate)
        self._empty_until = 0.0

    def unknown(self, back: int) -> None:
        """The database does not answer: for a moment nobody is refused on its account."""
        self._held += back
        self._open_until = self._elapsed() + HELD_SECONDS

    def is_over(self) -> bool:
        """Whether there is a portion that is not good any more."""
        return bool(self._held) and self._elapsed() >= self._good_until

    def is_idle(self, seconds: float) -> bool:
        """Whether nobody has asked for so long, and nothing has to go back."""
        return not self._held and self._elapsed() - self._touched_at >= seconds

    @property
    def held(self) -> int:
        """What this process has of it in advance."""
        return self._held

    @property
    def left(self) -> int | None:
        """What may still be used, as far as this process knows; None: it does not."""
        if self._used is None:
            return None
        return min(self.rate.quota, int(self.rate.quota - self._used_now()) + self._held)

    @property
    def seconds_to_next(self) -> int:
        """Whole seconds until there is one more than now."""
        return max(1, ceil(self._until_next()))

    def _used_now(self) -> float:
        leaked = (self._elapsed() - self._known_at) * self.rate.a_second
        return max(0.0, (self._used or 0.0) - leaked)

    def _until_next(self) -> float:
        used = self._used_now()
        whole = max(0, int(self.rate.quota - used))
        return max(0.0, used - (self.rate.quota - whole - 1)) / self.rate.a_second

    def _refusal(self) -> RateExceededError:
        quota, window, seconds = self.rate.quota, self.rate.seconds, self.seconds_to_next
        return RateExceededError(
            f"No more than {quota:,} {self.policy.value} in {window:,} s: ask again in "
            f"{seconds} s, or have the limit raised.",
            retry_after=timedelta(seconds=seconds),
            extra={
                "policy": self.policy.value,
                "limit": quota,
                "window_seconds": window,
                "retry_after": seconds,
                "violated-policies": [self.policy.value],
            },
        )


def _said(policy: Policy, rate: Rate) -> bytes:
    return f'"{policy}";q={rate.quota};w={rate.seconds}'.encode()
