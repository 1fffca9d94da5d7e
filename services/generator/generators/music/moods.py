"""The moods: what each is made of. Imported to announce them: keep it light."""

from typing import Final, Literal, TypeAlias

from services.generator.generators.music.score import Layer, Mood

MoodName: TypeAlias = Literal[
    "calm",
    "uplifting",
    "cinematic",
    "corporate",
    "lofi",
    "ambient",
    "playful",
    "tense",
    "epic",
    "jazz",
    "acoustic",
    "electronic",
]

CALM: Final = Mood(
    tempo=(66, 78),
    keys=(0, 2, 5, 7),
    scale="major",
    progressions=("1a 6 4a 5s", "1a 3 4a 1", "4a 1 5s 6", "1a 5 6 4a"),
    rhythms=("x---x-x-", "x---x---", "x-x-x---", "..x-x-x-"),
    room=0.8,
    loose=0.014,
    layers=(
        Layer("chords", "broken", 0, 0.0, 92, 58, 55, 57),
        Layer("pad", "held", 89, 0.25, 57, 70, 70, 60),
        Layer("bass", "whole", 32, 0.4, 89, 64, 25, 38),
        Layer("melody", "song", 0, 0.45, 122, 66, 60, 76),
        Layer("counter", "guide", 48, 0.7, 59, 80, 75, 67),
    ),
)
UPLIFTING: Final = Mood(
    tempo=(112, 124),
    keys=(0, 2, 4, 7, 9),
    scale="major",
    progressions=("1 5 6 4", "6 4 1 5", "4 1 5 6", "1 4 6 5"),
    rhythms=("x-x-x-xx", "x--x--x-", "x-xxx---", "..xxx-x-"),
    room=0.5,
    layers=(
        Layer("chords", "broken", 0, 0.0, 97, 54, 40, 62),
        Layer("pad", "held", 48, 0.3, 58, 74, 55, 62),
        Layer("chords", "strum", 25, 0.55, 87, 94, 30, 60),
        Layer("bass", "eighths", 33, 0.45, 80, 64, 10, 36),
        Layer("drums", "pop", 0, 0.55, 90, 64, 22),
        Layer("melody", "song", 11, 0.45, 122, 60, 45, 77),
        Layer("counter", "guide", 60, 0.85, 62, 44, 55, 62),
    ),
)
CINEMATIC: Final = Mood(
    tempo=(74, 88),
    keys=(0, 2, 9, 4),
    scale="minor",
    progressions=("1 6 3 7", "1 4 6 5M", "6 7 1 1", "1 6 4 5M"),
    rhythms=("x---x---", "x---x-x-", "x-----x-", "x-x-x---"),
    room=0.85,
    loose=0.012,
    layers=(
        Layer("pad", "held", 49, 0.0, 70, 60, 70, 58),
        Layer("chords", "ostinato", 48, 0.4, 122, 44, 55, 60),
        Layer("bass", "whole", 43, 0.2, 99, 70, 50, 36),
        Layer("melody", "song", 60, 0.5, 103, 50, 65, 64),
        Layer("counter", "guide", 40, 0.6, 82, 36, 65, 76),
        Layer("chords", "broken", 46, 0.1, 97, 88, 60, 67),
        Layer("drums", "cinematic", 48, 0.55, 92, 64, 65),
    ),
)
CORPORATE: Final = Mood(
    tempo=(104, 116),
    keys=(0, 2, 5, 7, 9),
    scale="major",
    progressions=("1a 4a 6 5s", "1 6 4a 5", "4a 5s 1 6", "1a 5 4a 4a"),
    rhythms=("x-x---x-", "x--x--x-", "..x-x-x-", "x---x-x-"),
    room=0.4,
    layers=(
        Layer("chords", "pulse", 28, 0.0, 88, 46, 25, 60),
        Layer("pad", "held", 89, 0.2, 72, 70, 55, 60),
        Layer("chords", "block", 0, 0.4, 74, 76, 35, 62),
        Layer("bass", "eighths", 33, 0.45, 86, 64, 8, 36),
        Layer("drums", "light", 0, 0.55, 103, 64, 18),
        Layer("melody", "song", 12, 0.45, 122, 72, 50, 77),
        Layer("counter", "guide", 48, 0.75, 76, 56, 60, 70),
    ),
)
LOFI: Final = Mood(
    tempo=(72, 84),
    keys=(0, 3, 5, 8, 10),
    scale="major",
    progressions=("29 57 19 67", "49 37 29 19", "19 67 29 57", "49 57 37 67"),
    rhythms=("..x-x-x-", "x-x--x--", "...xx-x-", "x---..xx"),
    swing=0.6,
    room=0.35,
    loose=0.018,
    sevenths=True,
    layers=(
        Layer("chords", "comp", 4, 0.0, 63, 60, 35, 60),
        Layer("bass", "syncopated", 32, 0.3, 87, 64, 8, 38),
        Layer("drums", "boombap", 8, 0.35, 77, 64, 18),
        Layer("melody", "song", 11, 0.5, 122, 76, 50, 74),
        Layer("pad", "held", 89, 0.6, 62, 50, 55, 60),
    ),
)
AMBIENT: Final = Mood(
    tempo=(56, 66),
    keys=(0, 2, 4, 7, 9),
    scale="lydian",
    progressions=("1a 1a 2 2", "1a 5a 4 1a", "6 6 1a 1a", "1a 3 6 5a"),
    rhythms=("x-------", "..x-----", "x---x---", "....x---"),
    room=1.0,
    loose=0.03,
    layers=(
        Layer("pad", "held", 88, 0.0, 87, 48, 80, 57),
        Layer("pad", "held", 94, 0.2, 62, 84, 90, 64),
        Layer("bass", "whole", 89, 0.1, 121, 64, 40, 36),
        Layer("chords", "sparkle", 8, 0.3, 99, 80, 100, 81),
        Layer("melody", "song", 98, 0.45, 122, 54, 90, 74),
        Layer("counter", "guide", 52, 0.6, 89, 70, 80, 62),
    ),
)
PLAYFUL: Final = Mood(
    tempo=(116, 132),
    keys=(0, 2, 5, 7),
    scale="major",
    progressions=("1 4 5 1", "1 6 2 5", "1 1 4 5", "4 1 5 1"),
    rhythms=("x.x.xxx.", "x.xxx.x.", "xxx.x.x.", "x..xx.x."),
    swing=0.35,
    room=0.35,
    layers=(
        Layer("chords", "offbeat", 45, 0.0, 106, 44, 35, 62),
        Layer("bass", "twofeel", 32, 0.2, 101, 64, 15, 40),
        Layer("melody", "song", 12, 0.3, 120, 70, 35, 76),
        Layer("drums", "shuffle", 0, 0.55, 105, 64, 20),
        Layer("counter", "guide", 71, 0.6, 76, 84, 40, 67),
        Layer("chords", "sparkle", 9, 0.75, 75, 92, 55, 88),
    ),
)
TENSE: Final = Mood(
    tempo=(92, 108),
    keys=(0, 2, 4, 9),
    scale="phrygian",
    progressions=("1 1 2 1", "1 6 2 1", "1 4 2 2", "1 7 6 2"),
    rhythms=("x-----x-", "x---....", "..x---x-", "x-x-----"),
    room=0.75,
    layers=(
        Layer("pad", "held", 44, 0.0, 100, 58, 60, 55),
        Layer("chords", "ostinato", 45, 0.2, 122, 80, 45, 55),
        Layer("bass", "drone", 38, 0.1, 122, 64, 30, 34),
        Layer("drums", "heartbeat", 48, 0.4, 85, 64, 55),
        Layer("melody", "song", 42, 0.5, 95, 46, 55, 57),
        Layer("counter", "guide", 92, 0.6, 88, 76, 75, 69),
        Layer("chords", "ostinato", 48, 0.75, 85, 50, 50, 67),
    ),
)
EPIC: Final = Mood(
    tempo=(88, 100),
    keys=(0, 2, 4, 9),
    scale="minor",
    progressions=("1 6 3 7", "6 7 1 3", "1 7 6 5M", "4 6 1 7"),
    rhythms=("x---x-xx", "x--xx---", "x---x---", "x-x-x-x-"),
    room=0.8,
    layers=(
        Layer("chords", "ostinato", 48, 0.0, 112, 46, 50, 57),
        Layer("pad", "held", 52, 0.35, 60, 64, 65, 62),
        Layer("bass", "eighths", 43, 0.3, 122, 70, 40, 36),
        Layer("drums", "epic", 48, 0.4, 57, 64, 55),
        Layer("melody", "song", 60, 0.5, 83, 52, 55, 65),
        Layer("counter", "guide", 61, 0.75, 64, 80, 50, 60),
        Layer("chords", "block", 57, 0.9, 40, 58, 50, 50),
    ),
)
JAZZ: Final = Mood(
    tempo=(108, 138),
    keys=(0, 3, 5, 8, 10),
    scale="major",
    progressions=("29 57 19 67", "17 67 29 57", "37 67 29 57", "49 57 17 67"),
    rhythms=("x-xxx-x-", "..xxx-xx", "x--x-xx-", "xxx-..x-", "..x-xxx-"),
    swing=1.0,
    room=0.4,
    loose=0.012,
    sevenths=True,
    layers=(
        Layer("bass", "walking", 32, 0.0, 95, 64, 15, 40),
        Layer("drums", "swing", 40, 0.15, 78, 64, 22),
        Layer("chords", "comp", 0, 0.0, 106, 50, 30, 57),
        Layer("melody", "song", 26, 0.35, 113, 78, 35, 69),
        Layer("counter", "guide", 11, 0.8, 122, 84, 45, 70),
    ),
)
ACOUSTIC: Final = Mood(
    tempo=(92, 108),
    keys=(0, 2, 4, 7, 9),
    scale="major",
    progressions=("1 5 6 4", "1 4 1 5s", "4a 1 5 6", "1 3 4 5"),
    rhythms=("x-x-x---", "x--xx-x-", "..x-xxx-", "x---x-x-"),
    room=0.4,
    loose=0.012,
    layers=(
        Layer("chords", "fingered", 24, 0.0, 88, 52, 35, 57),
        Layer("chords", "strum", 25, 0.5, 92, 84, 30, 60),
        Layer("bass", "twofeel", 32, 0.35, 101, 64, 12, 38),
        Layer("drums", "brushes", 40, 0.55, 88, 64, 22),
        Layer("melody", "song", 73, 0.45, 86, 68, 50, 76),
        Layer("counter", "guide", 42, 0.65, 58, 50, 55, 58),
    ),
)
ELECTRONIC: Final = Mood(
    tempo=(118, 126),
    keys=(0, 2, 5, 9),
    scale="minor",
    progressions=("1 6 3 7", "6 7 1 1", "1 3 7 6", "4 6 1 7"),
    rhythms=("x-x.x-x-", "x..x..x.", "..x.x.xx", "x-..x-x-"),
    room=0.5,
    loose=0.002,
    layers=(
        Layer("chords", "sixteenths", 81, 0.0, 112, 50, 45, 64),
        Layer("pad", "held", 90, 0.15, 58, 72, 55, 60),
        Layer("bass", "offbeats", 38, 0.35, 122, 64, 8, 36),
        Layer("drums", "fourfloor", 24, 0.4, 92, 64, 15),
        Layer("melody", "song", 80, 0.5, 119, 70, 55, 74),
        Layer("counter", "guide", 50, 0.75, 118, 84, 60, 69),
    ),
)

MOODS: Final[dict[str, Mood]] = {
    "calm": CALM,
    "uplifting": UPLIFTING,
    "cinematic": CINEMATIC,
    "corporate": CORPORATE,
    "lofi": LOFI,
    "ambient": AMBIENT,
    "playful": PLAYFUL,
    "tense": TENSE,
    "epic": EPIC,
    "jazz": JAZZ,
    "acoustic": ACOUSTIC,
    "electronic": ELECTRONIC,
}
