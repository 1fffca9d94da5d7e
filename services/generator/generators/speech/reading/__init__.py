"""From writing to words: numbers, dates, money and addresses as one reads them aloud.

English. Both engines are given words, so that they say the same. Neighbours: `script` cuts a text
into lines, `phonemes` turns the words into sounds.
"""

from services.generator.generators.speech.reading.aloud import read_aloud

__all__ = ["read_aloud"]
