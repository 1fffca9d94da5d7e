"""The notifier's HTTP side: health, metrics, and webhooks, which are reached through the api."""

from services.notifier.routes.http import http_app

__all__ = ["http_app"]
