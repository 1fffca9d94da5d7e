"""What one run is asked to do, and how the system under test is set up for it."""

from dataclasses import dataclass
from pathlib import Path

LEASE_SECONDS = 5.0

GENERATORS = (
    "art",
    "card",
    "chart",
    "document",
    "flaky",
    "music",
    "noop",
    "openai-images",
    "speech",
    "video",
)

SETTINGS = {
    "DARKROOM_ALLOW_FAULTS": "1",
    "DARKROOM_GENERATORS": ",".join(GENERATORS),
    "DARKROOM_GENERATOR_LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "DARKROOM_GENERATOR_SLOTS": "2",
    "DARKROOM_GENERATOR_RETRY_BASE_SECONDS": "0.2",
    "DARKROOM_GENERATOR_RETRY_CAP_SECONDS": "5",
    "DARKROOM_NOTIFIER_GRACE_SECONDS": "5",
    "DARKROOM_HEARTBEAT_SECONDS": "1",
    "DARKROOM_WEBHOOK_ALLOW_PRIVATE": "1",
    "DARKROOM_WEBHOOK_SCHEDULE": "0,0.2,0.5,1,1,2,2,3,3,5,5,5,5,5,10,10,10",
    "DARKROOM_WEBHOOK_TIMEOUT_SECONDS": "3",
    "DARKROOM_WEBHOOK_BREAKER_SECONDS": "2",
}
"""Shorter than the defaults, so that a run of minutes sees what takes a day of hours."""

RESTART_WITHIN = 1.0
"""Seconds: the supervisor's longest pause before it starts a dead process again."""


@dataclass(frozen=True, slots=True)
class Options:
    """One run: so many jobs, so many faults, in an order that the seed decides."""

    jobs: int = 600
    faults: int = 20
    seed: int = 1
    nodes: int = 1
    """RabbitMQ nodes: 1, or 3 that make a cluster."""
    apis: int = 2
    generators: int = 3
    notifiers: int = 2
    report: Path = Path(".chaos")

    @property
    def replicas(self) -> dict[str, int]:
        return {"api": self.apis, "generator": self.generators, "notifier": self.notifiers}

    @property
    def command(self) -> str:
        """What repeats this run."""
        cluster = f" CLUSTER={self.nodes}" if self.nodes > 1 else ""
        return f"make chaos JOBS={self.jobs} FAULTS={self.faults} SEED={self.seed}{cluster}"
