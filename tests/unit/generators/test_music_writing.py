"""What is written before it is played: form, chords, parts, hands."""

from io import BytesIO
from itertools import pairwise

import mido
import pytest

from services.generator.generators.music.chance import chance_of
from services.generator.generators.music.composing import composed
from services.generator.generators.music.form import shape
from services.generator.generators.music.harmony import harmonise
from services.generator.generators.music.moods import MOODS
from services.generator.generators.music.score import BAR, Part
from services.generator.generators.music.theory import chord, voiced

SECONDS = (5, 7.77, 30, 61, 300)


@pytest.mark.parametrize("seconds", SECONDS)
@pytest.mark.parametrize("mood", MOODS)
def test_bars_and_the_last_chord_fill_the_time(mood: str, seconds: float) -> None:
    for seed in range(4):
        form = shape(MOODS[mood], seconds, chance_of(seed), None, loop=False)

        assert form.bars * BAR * 60 / form.tempo + form.ring == pytest.approx(seconds)
        assert 1.19 < form.ring < 9
        assert sum(section.bars for section in form.sections) == form.bars
        assert all(before.last == after.first for before, after in pairwise(form.sections))


@pytest.mark.parametrize("tempo", [50, 93, 180])
def test_a_given_tempo_is_kept(tempo: int) -> None:
    form = shape(MOODS["calm"], 30, chance_of(1), tempo, loop=False)

    assert form.tempo == tempo
    assert 1.19 < form.ring < 10


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_loop_is_whole_bars(seconds: float) -> None:
    form = shape(MOODS["calm"], seconds, chance_of(1), 100, loop=True)

    assert form.ring == pytest.approx(0)
    assert form.tempo == pytest.approx(100, rel=0.3)


def test_a_long_piece_has_an_intro_a_climax_a_break_and_an_outro() -> None:
    form = shape(MOODS["uplifting"], 120, chance_of(1), None, loop=False)
    intensities = [section.intensity for section in form.sections]

    assert intensities[0] < 0.5
    assert max(intensities) == 1
    assert intensities[-1] <= 0.5
    assert any(after < before - 0.3 for before, after in pairwise(intensities[:-1]))


def melody(parts: tuple[Part, ...]) -> Part:
    return next(part for part in parts if part.layer.role == "melody")


@pytest.mark.parametrize("mood", MOODS)
def test_the_tune_is_on_the_chord_where_it_counts_and_in_the_scale_elsewhere(mood: str) -> None:
    for seed in range(5):
        piece = composed(mood, 60, seed)
        harmony = harmonise(piece.mood, piece.form, chance_of(piece.seed, "harmony"))
        chords = (*harmony.chords, harmony.home, harmony.home, harmony.home)
        for note in melody(piece.parts).notes:
            around = chords[int(note.start // BAR)]
            allowed = around.tones if note.start % 2 == 0 else around.scale
            assert note.pitch % 12 in allowed


@pytest.mark.parametrize("mood", MOODS)
def test_no_mood_writes_what_cannot_be_played(mood: str) -> None:
    for seconds in (5, 45):
        piece = composed(mood, seconds, 11)
        end = piece.form.beats(piece.form.seconds)
        for part in piece.parts:
            for note in part.notes:
                assert 21 <= note.pitch <= 108
                assert 1 <= note.velocity <= 127
                assert note.length > 0
                assert 0 <= note.start < end


@pytest.mark.parametrize("mood", MOODS)
def test_a_piece_ends_at_home(mood: str) -> None:
    piece = composed(mood, 30, 2)
    home = harmonise(piece.mood, piece.form, chance_of(piece.seed, "harmony")).home
    last = [
        note.pitch % 12
        for part in piece.parts
        if part.layer.role != "drums"
        for note in part.notes
        if note.start >= piece.form.bars * BAR
    ]

    assert last
    assert set(last) <= set(home.tones)


def test_the_same_theme_has_the_same_tune() -> None:
    piece = composed("uplifting", 90, 4)
    themes = [s for s in piece.form.sections if s.theme == "A" and s.intensity > 0.5]
    first, again = themes[:2]

    def rhythm(section_start: int) -> list[float]:
        return [
            round(note.start - section_start * BAR, 2)
            for note in melody(piece.parts).notes
            if section_start * BAR <= note.start < (section_start + 2) * BAR
        ]

    assert rhythm(first.first) == rhythm(again.first) != []


def test_chords_are_what_their_symbols_say() -> None:
    assert chord("1", 0, "major").tones == (0, 4, 7)
    assert chord("57", 0, "major").tones == (7, 11, 2, 5)
    assert chord("5M", 9, "minor").tones == (4, 8, 11)
    assert 8 in chord("5M", 9, "minor").scale
    assert chord("4a", 0, "major").tones == (5, 9, 0, 7)
    assert chord("5s", 0, "major").tones == (7, 0, 2)
    assert chord("1", 0, "major", seventh=True).tones == (0, 4, 7, 11)


def test_voices_move_as_little_as_they_can() -> None:
    before = voiced((0, 4, 7), 60)
    after = voiced((9, 0, 4), 60, before)

    assert sum(abs(b - a) for b, a in zip(before, after, strict=True)) <= 5


def test_swing_delays_the_second_eighth() -> None:
    straight, swung = composed("corporate", 20, 1), composed("jazz", 20, 1)

    assert _late_eighths(straight.midi) == pytest.approx(0.5, abs=0.03)
    assert _late_eighths(swung.midi) == pytest.approx(0.667, abs=0.03)


def _late_eighths(midi: bytes) -> float:
    """Where in a beat drums and bass play between the beats, on average."""
    found = []
    for track in mido.MidiFile(file=BytesIO(midi)).tracks:
        now = 0
        for message in track:
            now += message.time
            inside = now % 480 / 480
            if message.type == "note_on" and message.channel == 9 and 0.4 < inside < 0.7:
                found.append(inside)
    return float(sum(found) / len(found))
