"""The music of a video, made by the parts of the music generator; imported where some is wanted."""

from pathlib import Path

from services.generator.generators.music.composing import SHORTEST, compose
from services.generator.generators.music.rendering import find_soundfont, soundfont_sha256
from services.generator.generators.sound.signal import Sound
from services.generator.generators.video.inputs import Music


def composed(music: Music, seconds: float, seed: int, scratch: Path) -> Sound:
    """Music of this mood, as long as the video, or as the shortest piece there is."""
    length = max(seconds, SHORTEST)
    return compose(music.mood, length, seed, scratch=scratch, tempo=music.tempo)


def provenance(music: Music) -> dict[str, str]:
    """With what it is played."""
    soundfont = find_soundfont()
    if soundfont is None:
        return {"mood": music.mood}
    return {"mood": music.mood, "soundfont_sha256": soundfont_sha256(soundfont)}
