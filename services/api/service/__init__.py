"""What the api does, in terms of nobody's framework.

Neighbours: routes/ and subscribers.py call it, the unit of work gives it the database.
"""

from services.api.service.commands import Commanding
from services.api.service.listening import Streaming
from services.api.service.services import ApiServices, Keeping, make_services

__all__ = ["ApiServices", "Commanding", "Keeping", "Streaming", "make_services"]
