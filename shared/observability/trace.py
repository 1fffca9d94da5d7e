"""W3C trace context, as it travels in HTTP headers and in events.

Source: W3C Trace Context, level 1, section 3.2 (traceparent).
"""

import re

import uuid_utils

_TRACEPARENT = re.compile(
    r"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$"
)


def valid_traceparent(value: str | None) -> str | None:
    """`value` when it is a traceparent, else None: a bad one is ignored, as the standard asks."""
    if value is None:
        return None
    value = value.strip()
    return value if _TRACEPARENT.match(value) else None


def new_traceparent(parent: str | None = None) -> str:
    """A new span in the trace of `parent`, or in a new, sampled trace when there is none.

    The ids are random UUIDs and halves of them: unlike `secrets`, they ask the system for nothing.
    """
    if valid := valid_traceparent(parent):
        version, trace, _, flags = valid.split("-")
    else:
        version, trace, flags = "00", uuid_utils.uuid4().hex, "01"
    return f"{version}-{trace}-{uuid_utils.uuid4().hex[16:]}-{flags}"
