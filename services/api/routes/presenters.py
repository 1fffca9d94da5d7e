"""Generators, uploads and what is left of jobs as JSON (schemas.py says which)."""

from datetime import datetime
from typing import Any

from services.api.models import AnnouncedGenerator, ControlWish, Tombstone, Upload
from services.api.service.job_json import job_json
from shared.events.parts import rfc3339

__all__ = [
    "control_json",
    "generator_json",
    "job_json",
    "tombstone_json",
    "upload_json",
]


def generator_json(generator: AnnouncedGenerator, *, available: bool) -> dict[str, Any]:
    """A `GeneratorOut`."""
    return {
        "name": generator.name,
        "version": generator.version,
        "description": generator.description,
        "media_types": generator.media_types,
        "input_schema": generator.input_schema,
        "example": generator.example,
        "paused": generator.paused,
        "available": available,
        "max_cost": None if generator.max_cost is None else float(generator.max_cost),
        "announced_at": rfc3339(generator.announced_at),
    }


def tombstone_json(left: Tombstone) -> dict[str, Any]:
    """A `TombstoneOut`."""
    return {
        "id": str(left.id),
        "tenant": left.tenant,
        "generator": left.generator,
        "status": left.status.value,
        "created_at": rfc3339(left.created_at),
        "finished_at": _moment(left.finished_at),
        "deleted_at": rfc3339(left.deleted_at),
        "reason": left.reason.value,
        "deleted_by": left.deleted_by,
    }


def upload_json(upload: Upload) -> dict[str, Any]:
    """An `UploadOut`."""
    path = f"/v1/uploads/{upload.id}"
    return {
        "id": str(upload.id),
        "sha256": upload.sha256,
        "media_type": upload.media_type,
        "size": upload.size,
        "width": upload.width,
        "height": upload.height,
        "duration": upload.duration,
        "filename": upload.filename,
        "declared_type": upload.declared_type,
        "created_at": rfc3339(upload.created_at),
        "urls": {"self": path, "content": f"{path}/content"},
    }


def control_json(wish: ControlWish) -> dict[str, Any]:
    """A `ControlOut`."""
    return {
        "generator": wish.generator,
        "action": wish.action.value,
        "requested_at": rfc3339(wish.requested_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
