"""What the generator service keeps: its tables, and the values its repositories speak of.

Neighbours: repository/ holds every statement on these tables, migrations/ makes them.
"""

from services.generator.models.control import EVERY_GENERATOR, ControlWord
from services.generator.models.job import (
    Admitted,
    Brief,
    ClaimedJob,
    JobKey,
    LostAttempt,
    NewJob,
    Result,
    Status,
)
from services.generator.models.providers import AbandonedWork
from services.generator.models.reconciling import Decision, Reconciled
from services.generator.models.stops import BegunJob, Cause, Erasure, StoppedJob, Stops, Wish
from services.generator.models.tables import GeneratorTable

__all__ = [
    "EVERY_GENERATOR",
    "AbandonedWork",
    "Admitted",
    "BegunJob",
    "Brief",
    "Cause",
    "ClaimedJob",
    "ControlWord",
    "Decision",
    "Erasure",
    "GeneratorTable",
    "JobKey",
    "LostAttempt",
    "NewJob",
    "Reconciled",
    "Result",
    "Status",
    "StoppedJob",
    "Stops",
    "Wish",
]
