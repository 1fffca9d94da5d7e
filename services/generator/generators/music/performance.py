"""From what is written to what is played: swing, looseness, and a MIDI file of it."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Final

import mido

from services.generator.generators.music.chance import chance_of
from services.generator.generators.music.form import Form
from services.generator.generators.music.score import BAR, Layer, Mood, Note, Part

TICKS: Final = 480
_DRUMS: Final = 9
_VOLUME, _PAN, _EXPRESSION, _REVERB, _CHORUS = 7, 10, 11, 91, 93
_CHORUSED: Final = range(88, 96)


def perform(
    parts: Sequence[Part], mood: Mood, form: Form, seed: str, *, again: bool = False
) -> bytes:
    """A standard MIDI file, one track an instrument.

    `again` plays it twice, and then its first beat.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    conductor = mido.MidiTrack()
    conductor.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(form.tempo), time=0))
    conductor.append(mido.MetaMessage("time_signature", numerator=4, denominator=4, time=0))
    file.tracks.append(conductor)
    channels = (channel for channel in range(16) if channel != _DRUMS)
    for number, part in enumerate(parts):
        channel = _DRUMS if part.layer.role == "drums" else next(channels)
        chance = chance_of(seed, number, "hands")
        played = [*_played(part, mood, form, chance)]
        if again:
            beats = form.bars * BAR
            first = [note for note in played if note.start < 1]
            played += [*_later(played, beats), *_later(first, 2 * beats)]
        file.tracks.append(_track(part.layer, channel, played, form))
    content = BytesIO()
    file.save(file=content)
    return content.getvalue()


def _played(part: Part, mood: Mood, form: Form, chance: Random) -> Iterator[Note]:
    """Each note a little early or late, louder or softer, and swung."""
    rhythmic = part.layer.role in {"drums", "bass"}
    loose = form.beats(mood.loose) * (0.4 if rhythmic else 1)
    spread = 3 if part.layer.role == "pad" else 5
    for note in part.notes:
        start = _swung(note.start, mood.swing) + chance.gauss(0, loose / 2)
        velocity = max(12, min(124, note.velocity + round(chance.gauss(0, spread / 2))))
        yield Note(max(0, start), note.length, note.pitch, velocity)


def _swung(start: float, swing: float) -> float:
    """The second eighth of a beat comes later, up to the last third of the beat."""
    beat, inside = divmod(start, 1)
    middle = 0.5 + swing / 6
    if inside <= 0.5:
        return beat + inside * middle / 0.5
    return beat + middle + (inside - 0.5) * (1 - middle) / 0.5


def _later(notes: Sequence[Note], beats: float) -> Iterator[Note]:
    for note in notes:
        yield Note(note.start + beats, note.length, note.pitch, note.velocity)


def _track(layer: Layer, channel: int, notes: Sequence[Note], form: Form) -> mido.MidiTrack:
    events = [*_settings(layer, channel)]
    for note in notes:
        start, end = round(note.start * TICKS), round((note.start + note.length) * TICKS)
        on = {"type": "note_on", "channel": channel, "note": note.pitch, "velocity": note.velocity}
        off = {"type": "note_off", "channel": channel, "note": note.pitch, "velocity": 0}
        events += [(start, on), (max(end, start + 1), off)]
    if layer.role == "pad" and not form.loop:
        events += _swells(channel, form)
    track = mido.MidiTrack()
    now = 0
    # At one moment notes end before others begin, or a repeated note would be cut at once.
    for at, event in sorted(events, key=lambda each: (each[0], each[1]["type"] == "note_on")):
        track.append(mido.Message(**event, time=at - now))
        now = at
    return track


def _settings(layer: Layer, channel: int) -> Iterator[tuple[int, dict[str, object]]]:
    yield 0, {"type": "program_change", "channel": channel, "program": layer.program}
    chorus = 50 if layer.program in _CHORUSED else 8
    values = {
        _VOLUME: layer.volume,
        _PAN: layer.pan,
        _EXPRESSION: 120,
        _REVERB: layer.reverb,
        _CHORUS: chorus,
    }
    for control, value in values.items():
        yield 0, _control(channel, control, value)


def _swells(channel: int, form: Form) -> Iterator[tuple[int, dict[str, object]]]:
    """Pads grow towards the next section where it is more intense."""
    for section, after in pairwise(form.sections):
        grows = after.intensity > section.intensity
        for beat in range(int(section.bars * BAR)):
            share = beat / (section.bars * BAR)
            value = 104 + round(22 * share * share) if grows else 118
            at = round((section.first * BAR + beat) * TICKS)
            yield at, _control(channel, _EXPRESSION, value)


def _control(channel: int, control: int, value: int) -> dict[str, object]:
    return {"type": "control_change", "channel": channel, "control": control, "value": value}
