"""What every service's HTTP side does alike: problem details, limits on bodies, a line in the log.

Neighbours: shared/errors names what can go wrong, shared/problem renders it, routes say where.
"""

from shared.http.body_limit import BodyLimit
from shared.http.direct import DirectRequest, DirectRoutes
from shared.http.handlers import exception_handlers
from shared.http.headers import PLAIN, is_plain
from shared.http.protocol import CUT, protocol_for
from shared.http.request_log import RequestLog
from shared.http.responses import problem_response, respond

__all__ = [
    "CUT",
    "PLAIN",
    "BodyLimit",
    "DirectRequest",
    "DirectRoutes",
    "RequestLog",
    "exception_handlers",
    "is_plain",
    "problem_response",
    "protocol_for",
    "respond",
]
