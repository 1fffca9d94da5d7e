"""Amounts, dates and words as documents of a country have them."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal

Locale = Literal["en", "de", "fr", "es"]

GAP: Final = "\u00a0"
MINUS: Final = "\u2212"

_SEPARATORS: Final = {"en": (",", "."), "de": (".", ","), "fr": (GAP, ","), "es": (".", ",")}
_SYMBOLS: Final = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩",
}  # fmt: skip
_MONTH_NAMES: Final = {
    "en": """January February March April May June July August September October November
        December""",
    "de": """Januar Februar März April Mai Juni Juli August September Oktober November
        Dezember""",
    "fr": """janvier février mars avril mai juin juillet août septembre octobre novembre
        décembre""",
    "es": """enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
        diciembre""",
}
_MONTHS: Final = {locale: names.split() for locale, names in _MONTH_NAMES.items()}
_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "invoice": ("Invoice", "Rechnung", "Facture", "Factura"),
    "credit-note": ("Credit note", "Gutschrift", "Avoir", "Nota de crédito"),
    "quote": ("Quote", "Angebot", "Devis", "Presupuesto"),
    "proforma": ("Pro forma invoice", "Proforma-Rechnung", "Facture pro forma", "Factura proforma"),
    "receipt": ("Receipt", "Quittung", "Reçu", "Recibo"),
    "number": ("Number", "Nummer", "Numéro", "Número"),
    "date": ("Date", "Datum", "Date", "Fecha"),
    "due": ("Due", "Fällig am", "Échéance", "Vencimiento"),
    "period": ("Delivered", "Leistungszeitraum", "Prestation", "Prestación"),
    "order": ("Your order", "Ihre Bestellung", "Votre commande", "Su pedido"),
    "buyer_tax_id": ("Your tax number", "Ihre USt-IdNr.", "Votre n° de TVA", "Su NIF"),
    "tax_id": ("Tax number", "USt-IdNr.", "N° de TVA", "NIF"),
    "description": ("Description", "Beschreibung", "Désignation", "Descripción"),
    "quantity": ("Quantity", "Menge", "Quantité", "Cantidad"),
    "price": ("Unit price", "Einzelpreis", "Prix unitaire", "Precio unitario"),
    "tax": ("VAT", "USt.", "TVA", "IVA"),
    "amount": ("Amount", "Betrag", "Montant", "Importe"),
    "discount": ("Discount", "Rabatt", "Remise", "Descuento"),
    "subtotal": ("Subtotal", "Zwischensumme", "Sous-total", "Subtotal"),
    "net": ("Net", "Nettobetrag", "Total HT", "Base imponible"),
    "on": ("on", "auf", "sur", "sobre"),
    "included": ("included", "enthalten", "incluse", "incluido"),
    "total": ("Total", "Gesamtbetrag", "Total TTC", "Total"),
    "paid": ("Already paid", "Bereits bezahlt", "Déjà réglé", "Ya pagado"),
    "amount_due": ("Amount due", "Zahlbetrag", "Reste à payer", "Importe pendiente"),
    "payment": ("Payment", "Zahlung", "Paiement", "Pago"),
    "account_holder": ("Account holder", "Kontoinhaber", "Titulaire", "Titular"),
    "bank": ("Bank", "Bank", "Banque", "Banco"),
    "reference": ("Reference", "Verwendungszweck", "Référence", "Concepto"),
    "scan": ("Pay by app", "Mit App zahlen", "Payer par appli", "Pagar con app"),
    "page": ("Page", "Seite", "Page", "Página"),
    "of": ("of", "von", "sur", "de"),
    "contents": ("Contents", "Inhalt", "Sommaire", "Índice"),
    "table": ("Table", "Tabelle", "Tableau", "Tabla"),
    "figure": ("Figure", "Abbildung", "Figure", "Figura"),
    "summary": ("Summary", "Zusammenfassung", "Résumé", "Resumen"),
    "enclosures": ("Enclosures", "Anlagen", "Pièces jointes", "Anexos"),
    "serial": ("No.", "Nr.", "N°", "N.º"),
}
_ORDER: Final = ("en", "de", "fr", "es")


def word(name: str, locale: Locale) -> str:
    """The word for `name`."""
    return _WORDS[name][_ORDER.index(locale)]


def words(locale: Locale) -> dict[str, str]:
    """All words of a locale, by name."""
    return {name: word(name, locale) for name in _WORDS}


def number(value: Decimal, digits: int | None, locale: Locale) -> str:
    """With separators; `digits` None: as many as there are."""
    thousands, point = _SEPARATORS[locale]
    text = f"{abs(value):,.{digits}f}" if digits is not None else f"{abs(value.normalize()):,f}"
    whole, _, part = text.partition(".")
    body = whole.replace(",", thousands) + (f"{point}{part}" if part else "")
    return MINUS + body if value < 0 and any(char in "123456789" for char in body) else body


def money(value: Decimal, currency: str, digits: int, locale: Locale) -> str:
    """With the currency's sign where it belongs."""
    symbol = _SYMBOLS.get(currency, currency)
    body = number(abs(value), digits, locale)
    sign = MINUS if value < 0 else ""
    if locale == "en":
        return f"{sign}{symbol}{'' if len(symbol) == 1 else GAP}{body}"
    return f"{sign}{body}{GAP}{symbol}"


def percent(value: Decimal, locale: Locale) -> str:
    """As `19%`, or `19 %`."""
    body = number(value, None, locale)
    return f"{body}%" if locale == "en" else f"{body}{GAP}%"


def day(value: date, locale: Locale) -> str:
    """In full, so that nobody takes the day for the month."""
    month = _MONTHS[locale][value.month - 1]
    return {
        "en": f"{value.day}{GAP}{month} {value.year}",
        "de": f"{value.day}.{GAP}{month} {value.year}",
        "fr": f"{'1er' if value.day == 1 else value.day}{GAP}{month} {value.year}",
        "es": f"{value.day} de {month} de {value.year}",
    }[locale]
