"""The HTTP side: routes translate and call the service layer, nothing more."""

from services.api.routes.http import fast_api, http_app

__all__ = ["fast_api", "http_app"]
