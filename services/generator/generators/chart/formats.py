"""Numbers and dates as people of a country write them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import floor, log10
from typing import Final, Literal

NARROW: Final = "\u00a0"
MINUS: Final = "\u2212"

_SEPARATORS: Final = {"en": (",", "."), "de": (".", ","), "fr": (NARROW, ","), "es": (".", ",")}
_POWERS: Final = ((1e12, 3), (1e9, 2), (1e6, 1), (1e3, 0))
_SHORT: Final = {
    "en": ("k", "M", "bn", "trn"),
    "de": (f"{NARROW}Tsd.", f"{NARROW}Mio.", f"{NARROW}Mrd.", f"{NARROW}Bio."),
    "fr": (f"{NARROW}k", f"{NARROW}M", f"{NARROW}Md", f"{NARROW}Bn"),
    "es": (f"{NARROW}mil", f"{NARROW}M", f"{NARROW}mil{NARROW}M", f"{NARROW}B"),
}
_SMALL: Final = 1e-5
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_MONTHS: Final = {
    locale: names.split()
    for locale, names in (
        ("en", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        ("de", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez."),
        ("fr", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        ("es", "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic."),
    )
}
OTHER: Final = {"en": "Other", "de": "Andere", "fr": "Autres", "es": "Otros"}
NO_DATA: Final = {
    "en": "No data",
    "de": "Keine Angabe",
    "fr": "Pas de données",
    "es": "Sin datos",
}

Precision = Literal["hour", "day", "month", "year"]


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How values of a chart are written.

    `decimals` None: as many as three significant digits need. Values from `short_from` on are
    written in thousands, millions, billions.
    """

    kind: str = "number"
    locale: str = "en"
    currency: str = "EUR"
    unit: str = ""
    decimals: int | None = None
    short_from: float = 1e5

    def suited(self, values: Iterable[float]) -> "NumberStyle":
        """The style in which `values` look alike: as many decimals each, short ones or none."""
        shown = [value * self._factor for value in values]
        largest = max((abs(value) for value in shown), default=0)
        style = replace(self, short_from=1e4 if largest >= 1e5 else 1e5)
        if self.decimals is not None or largest >= style.short_from:
            return style
        limit = max(0, 2 - floor(log10(largest))) if largest else 0
        places = max((_significant(value) for value in shown), default=0)
        return replace(style, decimals=min(places, limit, 6))

    def value(self, value: float) -> str:
        """A value by itself, as it stands beside a bar."""
        if 0 < abs(value) * self._factor < _SMALL:
            return _scientific(value * self._factor, self.locale) + self.tail
        scale, power = _power(value * self._factor, self.short_from)
        shown = value * self._factor / scale
        digits = _significant(shown) if self.decimals is None else self.decimals
        return self._dressed(shown, digits, power) + self.tail

    def tick(self, value: float, step: float, largest: float) -> str:
        """A value, without its unit, on an axis with ticks `step` apart, `largest` at most."""
        scale, power = _power(largest * self._factor, 1e5)
        if value == 0:
            return self._dressed(0, 0, None)
        if 0 < step * self._factor < _SMALL:
            return _scientific(value * self._factor, self.locale)
        digits = max(0, -floor(log10(step * self._factor / scale) + 1e-9)) if step else 0
        if self._factor * step / scale * 10**digits % 1 > 1e-6:
            digits += 1  # steps of 2.5
        return self._dressed(value * self._factor / scale, min(digits, 6), power)

    @property
    def _factor(self) -> int:
        return 100 if self.kind == "percent" else 1

    def share(self, value: float) -> str:
        """A part of 1 as percent."""
        digits = self.decimals or 0
        return self._percent(_grouped(value * 100, digits, self.locale))

    @property
    def tail(self) -> str:
        """The unit, as it follows a number."""
        gap = "" if not self.unit or self.unit[0] in "%°′″" else NARROW
        return f"{gap}{self.unit}" if self.unit else ""

    def _dressed(self, value: float, digits: int, power: int | None) -> str:
        body = _grouped(abs(value), digits, self.locale)
        sign = MINUS if value < 0 and any(char in "123456789" for char in body) else ""
        body += "" if power is None else _SHORT[self.locale][power]
        if self.kind == "percent":
            body = self._percent(body)
        elif self.kind == "currency":
            body = self._money(body)
        return sign + body

    def _percent(self, body: str) -> str:
        return f"{body}%" if self.locale == "en" else f"{body}{NARROW}%"

    def _money(self, body: str) -> str:
        symbol = _SYMBOLS.get(self.currency, self.currency)
        if self.locale == "en":
            return f"{symbol}{body}" if len(symbol) == 1 else f"{symbol}{NARROW}{body}"
        return f"{body}{NARROW}{symbol}"


def _scientific(value: float, locale: str) -> str:
    """As 1.5 × 10⁻⁹, with three significant digits."""
    mantissa, _, power = f"{abs(value):.2e}".partition("e")
    digits = mantissa.rstrip("0").rstrip(".").replace(".", _SEPARATORS[locale][1])
    raised = str(int(power)).translate(_RAISED)
    return f"{MINUS if value < 0 else ''}{digits}{NARROW}×{NARROW}10{raised}"


def _power(value: float, least: float) -> tuple[float, int | None]:
    size = abs(value)
    if size < least:
        return 1, None
    return next(((scale, name) for scale, name in _POWERS if size >= scale * 0.9995), (1, None))


def _significant(value: float, digits: int = 3) -> int:
    """Decimal places that `digits` significant digits need, without zeros at the end."""
    size = abs(value)
    if size == 0:
        return 0
    places = min(max(0, digits - 1 - floor(log10(size))), 6)
    text = f"{size:.{places}f}"
    return len(text.rstrip("0").partition(".")[2]) if places else 0


def _grouped(value: float, digits: int, locale: str) -> str:
    thousands, point = _SEPARATORS[locale]
    whole, _, part = f"{value:,.{digits}f}".partition(".")
    bare = whole.replace(",", "")
    whole = bare if locale == "es" and len(bare) == 4 else whole.replace(",", thousands)
    return f"{whole}{point}{part}" if part else whole


def dated(value: datetime, wanted: Literal["year", "month", "day", "iso"], locale: str) -> str:
    """A date as it was asked for."""
    return value.date().isoformat() if wanted == "iso" else date(value, wanted, locale)


def date(value: datetime, precision: Precision, locale: str, *, with_year: bool = True) -> str:
    """A date as an axis says it."""
    month = _MONTHS[locale][value.month - 1]
    if precision == "year":
        return str(value.year)
    if precision == "month":
        return f"{month} {value.year}" if with_year else month
    if precision == "hour":
        return f"{value.hour:02}:{value.minute:02}"
    day = f"{value.day}. {month}" if locale == "de" else f"{value.day} {month}"
    return f"{day} {value.year}" if with_year else day
