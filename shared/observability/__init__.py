"""What operators see of a service: logs, health, metrics, traces.

Neighbours: each service's `app` mounts these routes beside its own.
"""

from shared.observability.disk import store_readings
from shared.observability.health import Check, database_check, health_routes
from shared.observability.logging import configure_logging, wide_event
from shared.observability.metrics import metrics_route
from shared.observability.readings import Reading
from shared.observability.trace import new_traceparent, valid_traceparent

__all__ = [
    "Check",
    "Reading",
    "configure_logging",
    "database_check",
    "health_routes",
    "metrics_route",
    "new_traceparent",
    "store_readings",
    "valid_traceparent",
    "wide_event",
]
