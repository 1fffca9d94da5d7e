"""The disk under the object store, where that is a folder of this machine."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from prometheus_client.core import GaugeMetricFamily, Metric

from shared.observability.readings import Reading


def store_readings(store_url: str | None) -> list[Reading]:
    """How full the disk of a `file://` store is; nothing for buckets, which do not fill up."""
    address = urlsplit(store_url or "")
    return [_disk_reading(Path(unquote(address.path)))] if address.scheme == "file" else []


def _disk_reading(folder: Path) -> Reading:
    async def read() -> list[Metric]:
        disk = await asyncio.to_thread(shutil.disk_usage, folder)
        return [
            GaugeMetricFamily("darkroom_store_size_bytes", "The disk of the store.", disk.total),
            GaugeMetricFamily(
                "darkroom_store_available_bytes", "What is left of the store's disk.", disk.free
            ),
        ]

    return read
