"""Darkroom without servers, for unit tests of code that uses the client or hears webhooks.

Needs httpx (the extra `cli`). For tests with a real one see `deploy.testing`.
"""

from shared.testing.in_memory.calls import WebhookCall
from shared.testing.in_memory.darkroom import DarkroomInMemory
from shared.testing.in_memory.job import InMemoryJob
from shared.testing.in_memory.outcomes import PICTURE, MadeFile

__all__ = ["PICTURE", "DarkroomInMemory", "InMemoryJob", "MadeFile", "WebhookCall"]
