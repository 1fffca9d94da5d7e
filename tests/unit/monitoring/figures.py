"""Every figure that Prometheus can find, and the figures that an expression asks for."""

import re
from collections.abc import Iterator

import httpx
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from services.api.metrics import AccessMetrics, ApiMetrics, DeadLetterMetrics
from services.generator.metrics import GeneratorMetrics
from services.notifier.metrics import NotifierMetrics, pending_figures, webhook_figures
from services.notifier.models import Standing
from shared.observability import metrics_route, store_readings
from shared.testing import FixedClock

NOT_OURS = frozenset(
    {
        "up",
        "rabbitmq_alarms_free_disk_space_watermark",
        "rabbitmq_alarms_memory_used_watermark",
        "rabbitmq_detailed_queue_consumers",
        "rabbitmq_detailed_queue_messages_ready",
        "rabbitmq_detailed_raft_commit_index",
        "rabbitmq_detailed_raft_log_commit_index",
        "rabbitmq_identity_info",
    }
)
"""What Prometheus and RabbitMQ (3.10 to 4) say; the raft index has another name since 4.2."""

_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
_WORDS = {"and", "or", "unless", "by", "on", "ignoring", "group_left", "without", "offset", "bool"}
_NOISE = re.compile(
    r"""\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|on|ignoring|without|group_left)\s*\([^)]*\)|\b\d\w*"""
)
_NAME = re.compile(r"[a-zA-Z_:][\w:]*\b(?!\s*\()")


class _Relay:
    published = quarantined = 0

    async def backlog(self) -> dict[str, float]:
        return {"waiting": 0, "quarantined": 0, "oldest_seconds": 0}


class _Subscriber:
    queue = "api.commands"
    handled = dead_lettered = 0
    consuming = True
    problem = None


async def exported() -> set[str]:
    """The names of all that the three services say, put together as one."""
    registry = CollectorRegistry()
    AccessMetrics(registry)
    ApiMetrics(registry)
    DeadLetterMetrics(registry)
    GeneratorMetrics(registry, FixedClock())
    NotifierMetrics(registry)
    route = metrics_route(
        registry,
        relay=_Relay(),
        subscribers=[_Subscriber()],
        checks={"database": lambda: None},
        readings=[_pending, *store_readings("file:///")],
    )
    transport = httpx.ASGITransport(Starlette(routes=[route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        text = (await client.get("/metrics")).text
    return {name for family in text_string_to_metric_families(text) for name in _names(family)}


async def _pending() -> list[Metric]:
    return [*pending_figures([]), *webhook_figures(Standing(0, 0, 0.0, 0))]


def _names(family: Metric) -> Iterator[str]:
    for suffix in _SUFFIXES.get(family.type, ("",)):
        yield family.name + suffix


def asked_for(expression: str) -> set[str]:
    """The names of the figures in a PromQL expression."""
    return set(_NAME.findall(_NOISE.sub(" ", expression))) - _WORDS
