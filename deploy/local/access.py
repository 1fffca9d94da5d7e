"""Who may ask the local stack: without keys whoever is on this machine, else whoever has one.

The first key is the operator's, made once. It stands in stack.json as well, whose owner needs no
other: `darkroom` uses it by itself. The api and the notifier know each other by a token.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from deploy.local.errors import LocalStackError
from deploy.local.secrets import SecretFile
from deploy.local.settings import LocalSettings
from shared.service.access import open_door

SECRETS = "access-secrets.json"
OPERATOR_KEY, NOTIFIER_TOKEN = "DARKROOM_OPERATOR_KEY", "DARKROOM_NOTIFIER_TOKEN"
PRIVATE = frozenset({OPERATOR_KEY, NOTIFIER_TOKEN, "DARKROOM_API_KEY"})
"""What a service is told only if it has to know."""


@dataclass(frozen=True, slots=True)
class StackAccess:
    """The secrets of one stack; none, where it wants no keys and nobody gave any."""

    operator_key: str | None = field(default=None, repr=False)
    notifier_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: LocalSettings, home: Path) -> Self:
        """Those that the environment gives, or that are kept in the stack's folder."""
        key, token = map(_said, (settings.operator_key, settings.notifier_token))
        if settings.auth == "off":
            return cls(notifier_token=token)
        secrets = SecretFile(home / SECRETS)
        return cls(
            key or f"dk_operator_{secrets.get('operator_key')}",
            token or secrets.get("notifier_token"),
        )

    def told(self, service: str) -> dict[str, str]:
        """What this service has to know of them."""
        known = {
            OPERATOR_KEY: self.operator_key if service == "api" else None,
            NOTIFIER_TOKEN: self.notifier_token if service in {"api", "notifier"} else None,
        }
        return {name: secret for name, secret in known.items() if secret}


def _said(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def refuse_open_door(settings: LocalSettings) -> None:
    """Raises `LocalStackError` where strangers could come in."""
    if problem := open_door(settings.host, settings.auth, allowed=settings.allow_open):
        raise LocalStackError(problem)


def reachable(host: str) -> str:
    """How this machine reaches who listens there, as it stands in a URL."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:  # every address is meant
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"[{address}]" if address.version == 6 else str(address)
