"""The dictionary of who asks: how some words are spelled for the engine, or their very sounds."""

from collections.abc import Mapping
from typing import Final

PHONEMES: Final = frozenset(
    "AIOQSTWYabcdefhijklmnopqrstuvwxyzæçðøŋœɐɑɒɔɕɖəɚɛɜɟɡɥɨɪɯɰɲɳɴɸɹɻɽɾʁʂʃʈʊʋʌʎʒʔʝʣʤʥʦʧʨʰʲˈˌːβθχᵊᵻᵝ̃ "
)
"""What may stand between slashes: IPA as Kokoro knows it, with A I O Q W Y for diphthongs."""


def is_phonemes(spelling: str) -> bool:
    """Whether it is in slashes."""
    return len(spelling) > 2 and spelling.startswith("/") and spelling.endswith("/")


def pronouncing(dictionary: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """How to respell words in a text, and the sounds of words that are only written so.

    A word with given sounds becomes a word that exists in no dictionary, so that it comes through
    unchanged to whoever knows its sounds.
    """
    respelled, sounds = {}, {}
    for number, (word, spelling) in enumerate(dictionary.items()):
        respelled[word] = spelling
        if is_phonemes(spelling):
            respelled[word] = "zq" + "".join(chr(ord("a") + int(d)) for d in str(number)) + "qz"
            sounds[respelled[word]] = spelling[1:-1]
    return respelled, sounds
