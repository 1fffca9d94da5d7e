"""What a request has to be, beyond its shape, to be accepted."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from services.api.service.input_schema import InputSchema
from services.api.service.json_rules import broken_rules, looks_plain
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.events import RequestSpec

KIB = 1024
LARGEST = {"input": 512 * KIB, "metadata": 16 * KIB}
LONGEST_EXPIRY = 10 * 365 * 24 * 3600


def check_request(spec: RequestSpec, schema: InputSchema) -> None:
    """Raises `InvalidInputError` with every bad field of the request."""
    if not _looks_good(spec, schema):
        _look_closer(spec, schema)


def _looks_good(spec: RequestSpec, schema: InputSchema) -> bool:
    """Whether a glance shows that nothing is wrong."""
    return (
        spec.webhook is None
        and spec.expires_in is None
        and looks_plain(spec.input, LARGEST["input"])
        and looks_plain(spec.metadata, LARGEST["metadata"])
        and not schema.errors(spec.input)
    )


def _look_closer(spec: RequestSpec, schema: InputSchema) -> None:
    parts = {"input": spec.input, "metadata": spec.metadata}
    unkeepable = [
        error
        for name, value in parts.items()
        if not looks_plain(value)
        for error in broken_rules(value, f"/{name}")
    ]
    errors = unkeepable or [*schema.errors(spec.input), *_size_errors(parts)]
    errors += _other_errors(spec)
    if errors:
        raise invalid(errors)


def _size_errors(parts: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, value in parts.items():
        if value and len(orjson.dumps(value)) > LARGEST[name]:
            yield FieldError(f"/{name}", f"larger than {LARGEST[name] // KIB} KiB")


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
