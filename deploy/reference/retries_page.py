"""docs/reference/retries.md: which failures are tried again, how often, and when."""

from collections.abc import Iterator

from deploy.reference.markdown import code, table
from services.generator.errors import POLICIES
from services.generator.settings import GeneratorSettings

_HEAD = """\
# Retries

The class of a failure decides whether another attempt follows, not the place where it happened
([why](../adr/0015-the-class-of-a-failure-decides.md)). A job never has more attempts than
`max_attempts` of its request (5 by default; 1: never tried again, whatever happens).
"""
_TAIL = """\
- `most`: so many attempts of one job may end like this; the last one ends the job.
- Exponential, with full jitter: the pause before attempt *n* + 1 is drawn between 0 and
  {base:g} s x 2^(*n* - 1), at most {cap:g} s (`DARKROOM_GENERATOR_RETRY_BASE_SECONDS`,
  `DARKROOM_GENERATOR_RETRY_CAP_SECONDS`).
- Where an error says how long to wait (`Retry-After`), that counts, up to an hour, plus the same
  jitter.
- A worker that is stopped in order gives its jobs back: such an attempt counts for nothing.
- Pauses are kept in Postgres and survive a restart of everything.
- A retry that could not begin before the total deadline of its job is not waited for: the job fails
  at once, with the reason at hand.
"""


def retries_page() -> str:
    """The page's text."""
    fields = GeneratorSettings.model_fields
    base, cap = fields["retry_base_seconds"].default, fields["retry_cap_seconds"].default
    head = ("class", "for example", "most", "pause")
    return "\n".join([_HEAD, table(head, _rows()), _TAIL.format(base=base, cap=cap)])


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for kind, policy in POLICIES.items():
        most = "`max_attempts`" if policy.most is None else str(policy.most)
        yield code(kind.value), policy.examples, most, policy.pause
