"""Bank accounts: check digits, and the code that banking apps read.

Sources: ISO 13616 (IBAN, check digits by ISO 7064 mod 97-10); European Payments Council EPC069-12,
"Quick Response Code: Guidelines to enable data capture for the initiation of a SEPA credit
transfer", version 002.
"""

import re
from decimal import Decimal
from typing import Final

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_MOST: Final = Decimal("999999999.99")


def compact(iban: str) -> str:
    """Without spaces, in capitals."""
    return "".join(iban.split()).upper()


def grouped(iban: str) -> str:
    """In fours, as it is printed."""
    bare = compact(iban)
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def check_iban(iban: str) -> None:
    """Raises `ValueError` for what cannot be an IBAN."""
    bare = compact(iban)
    if not _IBAN.fullmatch(bare):
        raise ValueError("iban: it begins with a country and two digits, and has 15 to 34 signs")
    digits = "".join(str(int(char, 36)) for char in bare[4:] + bare[:4])
    if int(digits) % 97 != 1:
        raise ValueError("iban: its check digits do not fit, so there is a typing error in it")


def transfer(*, holder: str, iban: str, bic: str, amount: Decimal, purpose: str) -> str:
    """What the QR code says. Raises `ValueError` for an amount that cannot be transferred."""
    if not 0 < amount <= _MOST:
        raise ValueError(f"a QR code for payment needs an amount of 0.01 to {_MOST} EUR")
    fields = ("BCD", "002", "1", "SCT", bic, holder[:70], compact(iban), f"EUR{amount:.2f}")
    return "\n".join((*fields, "", "", purpose[:140]))
