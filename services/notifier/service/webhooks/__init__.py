"""Telling those who want to be called: webhooks.

`catalogue` knows who wants to hear and `notification` writes what is due with the verdict;
`sending` sends it, `posting` makes the call (`connections`, to where `outside` lets it), `schedule`
says when again. `endpoints` and
`deliveries` are what tenants ask for.
"""

from services.notifier.service.webhooks.catalogue import EndpointCatalogue
from services.notifier.service.webhooks.deliveries import DeliveryService
from services.notifier.service.webhooks.disabling import Disabling
from services.notifier.service.webhooks.endpoints import EndpointService
from services.notifier.service.webhooks.outside import Outside, Resolver
from services.notifier.service.webhooks.posting import Poster
from services.notifier.service.webhooks.schedule import Schedule
from services.notifier.service.webhooks.sending import WebhookSender

__all__ = [
    "DeliveryService",
    "Disabling",
    "EndpointCatalogue",
    "EndpointService",
    "Outside",
    "Poster",
    "Resolver",
    "Schedule",
    "WebhookSender",
]
