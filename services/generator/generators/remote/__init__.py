"""What the generators share that have somebody else make the media.

`orders` is the way of a job through a provider; `backend` one configured account of one; `http`
speaks with it, `downloads` brings home what it made. Neighbours: replicate, openai_images,
openai_speech and comfyui, each with the protocol of its provider.
"""

from services.generator.generators.remote.backend import Backend
from services.generator.generators.remote.http import Answer, Session
from services.generator.generators.remote.offers import Offer
from services.generator.generators.remote.orders import Assignment, Order, RemoteGenerator
from services.generator.generators.remote.settings import BackendSettings, RemoteSettings

__all__ = [
    "Answer",
    "Assignment",
    "Backend",
    "BackendSettings",
    "Offer",
    "Order",
    "RemoteGenerator",
    "RemoteSettings",
    "Session",
]
