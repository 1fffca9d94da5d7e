"""What the generator service keeps: its tables, and the values its repositories speak of.

Neighbours: repository/ holds every statement on these tables, migrations/ makes them.
"""

from services.generator.models.job import (
    Brief,
    ClaimedJob,
    JobKey,
    LostAttempt,
    NewJob,
    Result,
    Status,
    StoppedJob,
    Wish,
)
from services.generator.models.tables import GeneratorTable

__all__ = [
    "Brief",
    "ClaimedJob",
    "GeneratorTable",
    "JobKey",
    "LostAttempt",
    "NewJob",
    "Result",
    "Status",
    "StoppedJob",
    "Wish",
]
