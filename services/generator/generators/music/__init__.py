"""Music: written by rules from a seed, played by a synthesizer.

The way of a piece: `form` says how it goes, `harmony` which chords, `melody`, `accompaniment`,
`bass` and `drums` write the parts, `performance` plays them less exactly, `rendering` makes sound.
"""

from services.generator.generators.music.generator import MusicGenerator

__all__ = ["MusicGenerator"]
