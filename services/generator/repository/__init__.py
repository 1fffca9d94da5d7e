"""Every SQL statement of the generator service, by what it is for.

All are written for batches: arrays in, `unnest`, rows out. Rows are locked in the order of their
ids, so that two batches never wait for each other.
"""

from services.generator.repository.admission import AdmissionRepository
from services.generator.repository.claims import ClaimRepository
from services.generator.repository.controls import ControlRepository
from services.generator.repository.erasing import ErasureRepository
from services.generator.repository.leases import LeaseRepository
from services.generator.repository.providers import ProviderRepository
from services.generator.repository.reaping import ReapingRepository
from services.generator.repository.reconciliations import ReconciliationRepository
from services.generator.repository.results import ResultRepository
from services.generator.repository.stops import StopRepository
from services.generator.repository.wakeups import WakeupRepository

__all__ = [
    "AdmissionRepository",
    "ClaimRepository",
    "ControlRepository",
    "ErasureRepository",
    "LeaseRepository",
    "ProviderRepository",
    "ReapingRepository",
    "ReconciliationRepository",
    "ResultRepository",
    "StopRepository",
    "WakeupRepository",
]
