"""How every service is started, stopped and migrated: settings, `serve`, `migrate`, entry point.

Neighbours: each service's `__main__` calls `service_main`; its `app` is a `ServiceApp`.
"""

from shared.service.access import AccessSettings, SharedSecret
from shared.service.cli import service_main
from shared.service.serve import ServiceApp, serve
from shared.service.settings import (
    AmqpUrl,
    DatabaseUrl,
    ServiceSettings,
    SettingsError,
    load_settings,
)

__all__ = [
    "AccessSettings",
    "AmqpUrl",
    "DatabaseUrl",
    "ServiceApp",
    "ServiceSettings",
    "SettingsError",
    "SharedSecret",
    "load_settings",
    "serve",
    "service_main",
]
