"""Which country a name or an ISO 3166 code means."""

import json
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.errors import InvalidInputError

DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Country:
    """ISO 3166-1 codes; `spot` is (longitude, latitude) of one too small for the map."""

    numeric: str
    alpha2: str
    alpha3: str
    names: tuple[str, ...]
    spot: tuple[float, float] | None


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Every country by its numeric code."""
    rows = json.loads((DATA / "countries.json").read_text())
    return {
        numeric: Country(numeric, two, three, tuple(names), tuple(spot) if spot else None)
        for numeric, two, three, names, spot in rows
    }


@lru_cache(maxsize=1)
def _index() -> dict[str, Country]:
    known: dict[str, Country] = {}
    for country in countries().values():
        for name in (*country.names, country.numeric, country.alpha2, country.alpha3):
            known[_key(name)] = country
    return known


def country(asked: str) -> Country:
    """The country of that code or name. Raises `InvalidInputError` with what may be meant."""
    key = _key(asked)
    if key.isdigit():
        key = key.zfill(3)
    known = _index()
    if key in known:
        return known[key]
    close = [known[name].names[0] for name in get_close_matches(key, known, 3, 0.75)]
    hint = f"; perhaps {' or '.join(dict.fromkeys(close))}" if close else ""
    raise InvalidInputError(
        f"labels: there is no country {asked!r}: use an ISO 3166 code (DE, DEU, 276) "
        f"or a name in English, German, French or Spanish{hint}"
    )


def _key(name: str) -> str:
    """Letters and digits alone, without accents and case."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in plain if char.isalnum())
