"""Numbers as English words."""

from typing import Final

_ONES: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS: Final = (
    "",
    "",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
_SCALES: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50}
_MOST_DIGITS: Final = 3 * len(_SCALES)


def digits(text: str) -> str:
    """One digit after the other, as in a telephone number."""
    return " ".join(_ONES[int(digit)] for digit in text if digit.isdecimal())


def cardinal(text: str) -> str:
    """A whole number, perhaps with commas; one that has no name is read digit by digit."""
    plain = text.replace(",", "")
    if len(plain) > _MOST_DIGITS or (len(plain) > 1 and plain.startswith("0")):
        return digits(plain)
    return _words(int(plain))


def decimal(text: str) -> str:
    """`3.14`, `1,200.5`, and versions like `2.1.3`."""
    whole, *parts = text.split(".")
    if len(parts) > 1:
        return " point ".join(cardinal(part) for part in (whole, *parts))
    return " point ".join((cardinal(whole or "0"), *(digits(part) for part in parts)))


def ordinal(text: str) -> str:
    """`21` as twenty-first."""
    head, separator, last = _cut(cardinal(text))
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return head + separator + last


def year(text: str) -> str:
    """Four digits in pairs: nineteen oh five, twenty twenty-six; but two thousand five."""
    number = int(text)
    century, rest = divmod(number, 100)
    if number % 1000 < 10:
        return _words(number)
    if rest == 0:
        return f"{_words(century)} hundred"
    return f"{_words(century)} {'oh ' if rest < 10 else ''}{_words(rest)}"


def roman(text: str) -> str:
    """The digits of a Roman numeral."""
    values = [_ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return str(sum(-v if v < after else v for v, after in zip(values, following, strict=True)))


def plural(words: str) -> str:
    """Of the last word: twenties, hundreds."""
    return (
        words[:-1] + "ies" if words.endswith("y") else words + ("es" if words[-1] == "x" else "s")
    )


def _words(number: int) -> str:
    groups = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(_below_thousand(group) + scale)
    return " ".join(reversed(groups)) or "zero"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest:
        words.append(_ONES[rest])
    return " ".join(words)


def _cut(words: str) -> tuple[str, str, str]:
    at = max(words.rfind(" "), words.rfind("-"))
    return (words[:at], words[at], words[at + 1 :]) if at >= 0 else ("", "", words)
