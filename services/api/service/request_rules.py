"""What a request has to be, beyond its shape, to be accepted."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson

from services.api.service.input_schema import InputSchema
from services.api.service.json_rules import broken_rules
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.events import RequestSpec

KIB = 1024
LARGEST_INPUT = 512 * KIB
LARGEST_METADATA = 16 * KIB
LONGEST_EXPIRY = 10 * 365 * 24 * 3600


def check_request(spec: RequestSpec, schema: InputSchema) -> None:
    """Raises `InvalidInputError` with every bad field of the request."""
    unkeepable = [*broken_rules(spec.input, "/input"), *broken_rules(spec.metadata, "/metadata")]
    errors = unkeepable or [*schema.errors(spec.input), *_size_errors(spec)]
    errors += _other_errors(spec)
    if errors:
        raise invalid(errors)


def _size_errors(spec: RequestSpec) -> Iterator[FieldError]:
    for name, value, limit in (
        ("input", spec.input, LARGEST_INPUT),
        ("metadata", spec.metadata, LARGEST_METADATA),
    ):
        if value and len(orjson.dumps(value)) > limit:
            yield FieldError(f"/{name}", f"larger than {limit // KIB} KiB")


def _other_errors(spec: RequestSpec) -> Iterator[FieldError]:
    if spec.webhook is not None:
        yield from broken_rules(spec.webhook.model_dump(mode="json"), "/webhook")
        if not _is_http_address(spec.webhook.url):
            yield FieldError("/webhook/url", "has to be an http or https address")
    if spec.expires_in is not None and spec.expires_in > LONGEST_EXPIRY:
        yield FieldError("/expires_in", f"more than {LONGEST_EXPIRY} seconds (ten years)")


def _is_http_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
