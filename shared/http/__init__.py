"""What every service's HTTP side does alike: problem details and limits on bodies.

Neighbours: shared/errors names what can go wrong, shared/problem renders it, routes say where.
"""

from shared.http.body_limit import BodyLimit
from shared.http.handlers import exception_handlers
from shared.http.responses import problem_response, respond

__all__ = ["BodyLimit", "exception_handlers", "problem_response", "respond"]
