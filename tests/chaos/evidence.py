"""What a run has left behind, as plain values: the only thing that `invariants` look at.

`gathering` fills it from the real system; tests fill it with lies that must be found.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.audience import Hearing
from tests.chaos.observer import Sighting
from tests.chaos.orders import Json
from tests.chaos.promises import Promise


@dataclass(frozen=True, slots=True)
class Answer:
    """What an api said to a GET; `sha256` of the bytes where content was asked for."""

    status: int
    body: Json = field(default_factory=dict)
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ApiJob:
    """A row of the api's read model."""

    id: str
    status: str
    order: str | None
    """The order's id in the metadata."""
    correlation_id: str
    max_attempts: int


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A line of the api's event log."""

    event_id: str
    job_id: str
    type: str


@dataclass(frozen=True, slots=True)
class GeneratorJob:
    """A row of the generator's job table."""

    id: str
    status: str
    attempt: int
    fence: int
    finished: bool


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A try, as the generator has recorded it."""

    job_id: str
    number: int
    fence: int
    outcome: str
    ended: bool
    failure: str | None = None

    @property
    def released(self) -> bool:
        """Given back by a worker that was stopped: not held against the job."""
        return self.failure == "worker_stopped"

    @property
    def doubtful(self) -> bool:
        """Nobody knows whether a provider has taken its order: not held against the job either."""
        return self.failure == "outcome_unknown"


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A file that came out, as the generator has recorded it."""

    job_id: str
    position: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The notifier's last word on a job."""

    job_id: str
    outcome: str
    event_id: str
    caused_by: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One that the api has stored."""

    id: str
    queue: str
    error_code: str
    message_id: str
    error_message: str = ""


@dataclass
class Evidence:
    """Everything that was found when all had come to rest."""

    promises: list[Promise] = field(default_factory=list)
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    """By api, then by job: GET /v1/media/{id}."""
    contents: dict[str, Answer] = field(default_factory=dict)
    """By job that is ready: GET /v1/media/{id}/content."""
    seen_final: dict[str, set[str]] = field(default_factory=dict)
    """By job: the final states that people were told while the run went on."""

    sightings: dict[str, Sighting] = field(default_factory=dict)
    republished: Counter[str] = field(default_factory=Counter)
    hearing: Hearing = field(default_factory=Hearing)
    """What everybody else has heard."""
    taken: Counter[str] = field(default_factory=Counter)
    """Orders that the provider of pictures has carried out."""
    decisions: dict[str, list[str]] = field(default_factory=dict)
    """By order: what somebody has decided while it was in doubt."""

    jobs: dict[str, ApiJob] = field(default_factory=dict)
    log: list[LoggedEvent] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    """Idempotency keys and their jobs."""
    generator_jobs: dict[str, GeneratorJob] = field(default_factory=dict)
    attempts: dict[str, list[AttemptRow]] = field(default_factory=dict)
    """By job, in the order of their numbers."""
    assets: dict[str, list[AssetRow]] = field(default_factory=dict)
    verdicts: dict[str, VerdictRow] = field(default_factory=dict)

    outboxes: dict[str, int] = field(default_factory=dict)
    """Rows that wait, by service."""
    pending_ends: int = 0
    """Wishes that the notifier still waits to see carried out; tombstones do not count."""
    dead_letters: list[DeadLetter] = field(default_factory=list)
    queues: dict[str, int] = field(default_factory=dict)
    """Messages that wait or are out for delivery, by queue."""
    replicas: dict[str, int] = field(default_factory=dict)
    """Online members of every quorum queue."""
    nodes: int = 1
    not_ready: dict[str, str] = field(default_factory=dict)
    endings: list[tuple[str, str]] = field(default_factory=list)
    """Every process that has ended before it was to be stopped for good, and how."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of the servers."""
    errors_logged: Counter[str] = field(default_factory=Counter)
    """By service and event: what the services themselves called an error."""
    store: dict[str, str | None] = field(default_factory=dict)
    """By the hash that a file is named by: the hash of its bytes; None: it is not there."""

    @property
    def accepted_ids(self) -> set[str]:
        """The jobs that clients were promised: told to them, or made for a command of theirs."""
        told = {job_id for promise in self.promises for job_id in promise.job_ids}
        kept = {promise.order.id for promise in self.promises if promise.accepted}
        return told | {job.id for job in self.jobs.values() if job.order in kept}
