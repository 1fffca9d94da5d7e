"""Certificates and letters as their templates read them."""

from typing import Any, Final

from services.generator.generators.document import locales
from services.generator.generators.document.certificates import Certificate, Signature
from services.generator.generators.document.invoicing import party
from services.generator.generators.document.letters import Letter
from services.generator.generators.document.locales import Locale
from services.generator.generators.document.pictures import Pictures

_LIGHT: Final = "#f3eddd"
"""For signatures on a dark ground."""


def certificate(value: Certificate, locale: Locale, pictures: Pictures) -> dict[str, Any]:
    """Its texts, from top to bottom."""
    ink = _LIGHT if value.style == "prestige" else ""
    return {
        "style": value.style,
        "title": value.heading,
        "preamble": value.preamble,
        "recipient": value.recipient,
        "text": value.text,
        "date": _dated(value.place, locales.day(value.date, locale)),
        "issuer": value.issuer,
        "serial": f"{locales.word('serial', locale)} {value.serial}" if value.serial else "",
        "seal": value.seal,
        "year": str(value.date.year),
        "signatures": [
            _signature(each, pictures, f"certificate.signatures[{at}].image", ink)
            for at, each in enumerate(value.signatures)
        ],
    }


def letter(value: Letter, locale: Locale, pictures: Pictures) -> dict[str, Any]:
    """Its texts, from top to bottom."""
    signed = value.signature
    return {
        "title": value.subject,
        "sender": party(value.sender),
        "recipient": party(value.recipient),
        "date": _dated(value.place, locales.day(value.date, locale)),
        "reference": value.reference,
        "salutation": value.salutation,
        "paragraphs": list(value.paragraphs),
        "closing": value.closing,
        "signature": signed and _signature(signed, pictures, "letter.signature.image"),
        "enclosures": list(value.enclosures),
    }


def _dated(place: str, day: str) -> str:
    return f"{place}, {day}" if place else day


def _signature(value: Signature, pictures: Pictures, field: str, ink: str = "") -> dict[str, Any]:
    image = pictures.add(value.image, field, ink) if value.image else None
    return {"name": value.name, "role": value.role, "image": image}
