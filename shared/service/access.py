"""What services are told that show data by HTTP, the api and the notifier: who may ask, and where.

Without keys everybody who reaches them may do everything. So they listen to this machine only, and
refuse to start anywhere else unless they are told twice.
"""

import ipaddress
import socket
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from shared.service.settings import ServiceSettings

_SHORTEST = 32


def _hard_to_guess(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < _SHORTEST or not all("!" <= letter <= "~" for letter in text):
        raise ValueError(f"at least {_SHORTEST} letters, digits or signs, without spaces")
    return secret


SharedSecret = Annotated[SecretStr, AfterValidator(_hard_to_guess)]
"""Something that is said in an HTTP header to be known by."""


class AccessSettings(ServiceSettings):
    """Settings of a service that shows data by HTTP."""

    auth: Literal["off", "keys"] = Field(
        "off", description="keys: every call of the api needs one; off: on this machine only."
    )
    allow_open: bool = Field(
        False, description="Let anybody in who reaches DARKROOM_HOST, with DARKROOM_AUTH=off."
    )
    notifier_token: SharedSecret | None = Field(
        None,
        description="A secret that the api and the notifier share, at least 32 characters: the "
        "notifier answers nobody else. Needed with DARKROOM_AUTH=keys.",
    )

    @model_validator(mode="after")
    def _is_not_open_by_accident(self) -> Self:
        if problem := open_door(self.host, self.auth, allowed=self.allow_open):
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _keeps_others_from_the_notifier(self) -> Self:
        if self.auth == "keys" and self.notifier_token is None:
            raise ValueError(
                "DARKROOM_NOTIFIER_TOKEN is not set: DARKROOM_AUTH=keys needs it, the same for "
                "the api and the notifier (`openssl rand -hex 32` makes one)"
            )
        return self

    @property
    def api_token(self) -> str | None:
        """What the api says to the notifier."""
        token = self.notifier_token
        return token.get_secret_value() if token else None


def open_door(host: str, auth: str, *, allowed: bool) -> str | None:
    """Why nobody should listen there without keys; None where it is fine."""
    if auth == "keys" or allowed or is_loopback(host):
        return None
    return (
        f"DARKROOM_HOST={host} with DARKROOM_AUTH=off would let in everybody who reaches this "
        "machine: set DARKROOM_AUTH=keys, or DARKROOM_HOST=127.0.0.1, or DARKROOM_ALLOW_OPEN=1 "
        "where something else keeps strangers out"
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches who listens there; a name may mean several addresses."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(_stays_here(str(address[0])) for *_, address in found)


def _stays_here(address: str) -> bool:
    read = ipaddress.ip_address(address.partition("%")[0])
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    return (mapped or read).is_loopback
