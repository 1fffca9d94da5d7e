"""What every service's HTTP side does alike: problem details and limits on bodies.

Neighbours: shared/errors names what can go wrong, a service's routes say where.
"""

from shared.http.body_limit import BodyLimit
from shared.http.handlers import exception_handlers
from shared.http.problem import CONTENT_TYPE, PROBLEMS, Problem, problem_of, problem_response

__all__ = [
    "CONTENT_TYPE",
    "PROBLEMS",
    "BodyLimit",
    "Problem",
    "exception_handlers",
    "problem_of",
    "problem_response",
]
