"""What OpenAPI says of answers that are not 200: every problem, by status."""

from typing import Any

from services.api.routes.headers import LONGEST_WAIT
from shared.problem import CONTENT_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]

_MEANINGS = {
    400: "The body is not JSON.",
    401: "Nobody knows who calls: a key is missing, unknown, revoked or over.",
    403: "The key does not have the scope that `scope` names.",
    402: "It may cost more than is left of the budget.",
    404: "There is no such thing.",
    405: "Not possible here.",
    409: "It does not fit the present state.",
    410: "It was deleted; the problem says when and why.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken here.",
    416: "There are no such bytes.",
    422: "The request is wrong; `errors` names each bad field.",
    429: "More than may be; `code` says of what. Ask again after Retry-After.",
    503: "A part that this needs is away; ask again after Retry-After.",
}

_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which it may work.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_CHALLENGE = {
    "WWW-Authenticate": {"description": "How to say it: `Bearer`.", "schema": {"type": "string"}}
}
_RATE_LIMITS = {
    "RateLimit-Policy": {
        "description": 'How often what may happen, where that is limited: `"jobs";q=600;w=60`. '
        "It is there on all answers, not only on this one.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of it, and the seconds until there is one more: "
        '`"jobs";r=12;t=1`.',
        "schema": {"type": "string"},
    },
}
_HEADERS = {401: _CHALLENGE, 429: {**_RETRY_AFTER, **_RATE_LIMITS}, 503: _RETRY_AFTER}


def problems(*statuses: int) -> Responses:
    """These problems, and 503, in OpenAPI."""
    return {status: _problem(status) for status in (*statuses, 503)}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    documented = {
        "description": _MEANINGS[status],
        "content": {CONTENT_TYPE: {"schema": schema}},
    }
    headers = _HEADERS.get(status)
    return documented | ({"headers": headers} if headers else {})


def json_body(model: str, example: dict[str, Any]) -> dict[str, Any]:
    """The request's body in OpenAPI, for routes that read it themselves."""
    schema = {"$ref": f"#/components/schemas/{model}"}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A request header in OpenAPI, for routes that read it themselves."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


KEY = _header(
    "Idempotency-Key",
    "Makes it safe to send again, for 24 hours: the same request gets the same answer.",
    {"type": "string", "minLength": 1, "maxLength": 255},
)
PREFER = _header(
    "Prefer",
    f"`wait=N`: answer when it has come to its end, after at most N seconds (to {LONGEST_WAIT}).",
    {"type": "string", "example": "wait=10"},
)
CORRELATION = _header(
    "X-Correlation-ID", "Given back with every event.", {"type": "string", "maxLength": 255}
)
LAST_EVENT_ID = _header(
    "Last-Event-ID",
    "The last `id` that was received: the stream goes on behind it.",
    {"type": "string", "maxLength": 100},
)
