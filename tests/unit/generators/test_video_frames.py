"""What is done to each frame of a video: looked at through a camera, veiled, lettered, blended."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.generator.generators.pixels import Floats, generator_for, resized
from services.generator.generators.video.backgrounds import Backdrop, colored
from services.generator.generators.video.camera import DIRECTIONS, ROOM, automatic, move
from services.generator.generators.video.halo import halo
from services.generator.generators.video.overlays import Overlay, overlay
from services.generator.generators.video.planes import Planes, Size, blended, composed, from_rgb
from services.generator.generators.video.planes import mask as rounded
from services.generator.generators.video.transitions import TRANSITIONS
from services.generator.generators.video.veil import CONTRAST, bounds, needed, veiled

FRAME = (320, 180)
CANVAS = (2 * round(320 * ROOM / 2), 2 * round(180 * ROOM / 2))
MOVES = ("zoom-in", "zoom-out", *DIRECTIONS, "none")


def a_picture(size: Size = CANVAS, seed: int = 1) -> Planes:
    """Soft spots of all colours."""
    spots = generator_for(seed).uniform(0, 255, (12, 16, 3)).astype(np.float32)
    return from_rgb(np.clip(resized(spots, size[1], size[0]), 0, 255))


def flat(level: float, size: Size = FRAME) -> Planes:
    return from_rgb(np.full((size[1], size[0], 3), level, dtype=np.float32))


def luma(picture: Planes) -> NDArray[np.float64]:
    return np.asarray(picture.luma, dtype=np.float64)


def a_word(x: int = 40, y: int = 60, width: int = 101, height: int = 31) -> Overlay:
    rgba = np.zeros((height, width, 4), dtype=np.float32)
    rgba[6:-6, 6:-6] = 255
    return overlay(rgba, x, y)


def shift(before: Planes, after: Planes) -> float:
    """How far a picture has moved to the left, in pixels, by least squares of its slope."""
    one, other = luma(before)[20:-20, 20:-20], luma(after)[20:-20, 20:-20]
    slope = np.gradient((one + other) / 2, axis=1)
    return float(((other - one) * slope).sum() / (slope**2).sum())


def test_colours_arrive_as_bt_709_says() -> None:
    red = from_rgb(np.full((4, 4, 3), (255, 0, 0), dtype=np.float32))

    assert [plane.getpixel((0, 0)) for plane in (red.luma, red.blue, red.red)] == [63, 102, 240]
    assert [flat(level).luma.getpixel((0, 0)) for level in (0, 255)] == [16, 235]


def test_dither_keeps_the_mean_of_a_tone_between_two_levels() -> None:
    tone = np.full((90, 160, 3), 100.37, dtype=np.float32)
    dithered = luma(from_rgb(tone, generator_for(3)))

    assert dithered.mean() == pytest.approx(16 + 100.37 * 219 / 255, abs=0.02)


def test_a_slow_pan_moves_by_the_same_fraction_of_a_pixel_each_frame() -> None:
    backdrop = Backdrop(a_picture(), move("pan-left", CANVAS, FRAME, 8))
    frames = [backdrop.at(number / 239) for number in range(60)]
    shifts = [shift(before, after) for before, after in pairwise(frames)]

    assert 0.05 < np.mean(shifts) < 0.5
    assert np.std(shifts) < 0.05 * np.mean(shifts)


@pytest.mark.parametrize("kind", MOVES)
@pytest.mark.parametrize("seconds", [0.5, 6, 60])
def test_no_move_leaves_its_picture_nor_enlarges_it(kind: str, seconds: float) -> None:
    camera = move(kind, CANVAS, FRAME, seconds)
    for share in np.linspace(0, 1, 25):
        left, top, right, bottom = camera.at(float(share))
        assert left >= 0
        assert top >= 0
        assert right <= CANVAS[0]
        assert bottom <= CANVAS[1]
        assert right - left >= FRAME[0] - 1e-6
        assert (right - left) / (bottom - top) == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize(
    ("kind", "axis", "sign"),
    [("pan-left", 0, 1), ("pan-right", 0, -1), ("pan-up", 1, 1), ("pan-down", 1, -1)],
)
def test_a_pan_goes_where_its_name_says(kind: str, axis: int, sign: int) -> None:
    camera = move(kind, CANVAS, FRAME, 5)

    assert sign * (camera.at(1)[axis] - camera.at(0)[axis]) > 1
    assert camera.at(1)[1 - axis] == pytest.approx(camera.at(0)[1 - axis])


def test_a_short_scene_moves_no_faster_than_a_long_one() -> None:
    def pace(kind: str, seconds: float) -> float:
        camera = move(kind, CANVAS, FRAME, seconds)
        return abs(camera.at(1)[0] - camera.at(0)[0]) / seconds

    for kind in ("zoom-in", "pan-left"):
        assert pace(kind, 0.5) <= 1.2 * pace(kind, 3)


def test_a_still_scene_stands_still() -> None:
    camera = move("none", CANVAS, FRAME, 5)

    assert camera.at(0) == camera.at(1)


def test_pictures_that_are_longer_than_the_frame_are_panned_along() -> None:
    assert automatic(0, (512, 208), FRAME) == "pan-left"
    assert automatic(1, (372, 288), FRAME) == "pan-down"
    assert len({automatic(number, CANVAS, FRAME) for number in range(4)}) == 4


def test_a_word_at_rest_is_drawn_where_it_belongs() -> None:
    frame = flat(0)
    a_word().laid(frame)

    inked = luma(frame) > 200
    assert inked.sum() == (101 - 12) * (31 - 12)
    assert inked[66, 46]
    assert np.asarray(frame.blue).max() == 128


def test_a_word_that_comes_in_moves_by_fractions_of_a_pixel() -> None:
    def centre(lower: float) -> float:
        frame = flat(0)
        a_word().laid(frame, lower=lower)
        rows = (luma(frame) - 16).sum(axis=1)
        return float((rows * np.arange(len(rows))).sum() / rows.sum())

    for lower in (0.25, 0.5, 1.0, 1.75, 2.0, 7.3):
        assert centre(lower) - centre(0) == pytest.approx(lower, abs=0.02)


def test_a_word_half_there_is_half_as_bright() -> None:
    frame = flat(0)
    a_word().laid(frame, opacity=0.5)
    untouched = flat(0)
    a_word().laid(untouched, opacity=0)

    assert luma(frame).max() == pytest.approx(16 + 219 / 2, abs=2)
    assert luma(untouched).max() == 16


def test_the_edges_of_coloured_words_have_no_fringe() -> None:
    rgba = np.zeros((40, 40, 4), dtype=np.float32)
    rgba[9:31, 9:31] = (255, 0, 0, 255)
    word = overlay(rgba, 0, 0)

    assert np.ptp(np.asarray(word.color.red)) <= 1


@pytest.mark.parametrize("name", TRANSITIONS)
def test_transitions_begin_with_one_scene_and_end_with_the_other(name: str) -> None:
    before, after = a_picture(FRAME, 1), a_picture(FRAME, 2)
    change = TRANSITIONS[name]

    assert np.abs(luma(change(before, after, 1)) - luma(after)).max() <= 1
    if name != "cut":
        assert np.abs(luma(change(before, after, 0)) - luma(before)).max() <= 1
        assert change(before, after, 0.5).size == FRAME


@pytest.mark.parametrize("name", ["crossfade", "slide", "wipe"])
@pytest.mark.parametrize("size", [(320, 180), (180, 320), (854, 480)])
def test_no_transition_darkens_the_picture(name: str, size: Size) -> None:
    for share in (0.05, 0.3, 0.5, 0.8, 0.97):
        mixed = TRANSITIONS[name](flat(120, size), flat(180, size), share)
        assert luma(mixed).min() >= 118
        assert luma(mixed).max() <= 171


def test_a_slide_pushes_to_the_left_and_in_portrait_upwards() -> None:
    across = luma(TRANSITIONS["slide"](flat(0), flat(255), 0.5))
    upwards = luma(TRANSITIONS["slide"](flat(0, (180, 320)), flat(255, (180, 320)), 0.5))

    assert across[0, -1] - across[0, 0] > 210
    assert upwards[-1, 0] - upwards[0, 0] > 210


def test_blends_and_masks_take_the_share_they_are_told() -> None:
    half = rounded(np.full((180, 320), 127.5, dtype=np.float32))

    assert luma(blended(flat(0), flat(255), 0.25)).mean() == pytest.approx(16 + 219 / 4, abs=1)
    assert luma(composed(flat(0), flat(255), half)).mean() == pytest.approx(16 + 219 / 2, abs=1)


def a_backdrop(level: float | Floats) -> Backdrop:
    rgb = np.full((CANVAS[1], CANVAS[0], 3), level, dtype=np.float32)
    return Backdrop(from_rgb(rgb), move("zoom-in", CANVAS, FRAME, 4))


@pytest.mark.parametrize("ground", [60, 130, 200, 255])
def test_white_words_are_legible_on_any_ground(ground: int) -> None:
    backdrop, word = a_backdrop(ground), a_word()
    veil = veiled(backdrop, [word], "#070a1c", generator_for(1))
    frame = backdrop.at(0)
    if veil is not None:
        veil.laid(frame)

    left, top, right, bottom = (int(edge) for edge in bounds([word]))
    behind = (luma(frame)[top:bottom, left:right].max() - 16) / 219
    assert 1.05 / (behind**2.2 + 0.05) > CONTRAST - 0.5


def test_an_even_ground_that_suits_the_words_is_left_alone() -> None:
    assert veiled(a_backdrop(10), [a_word()], "#070a1c", generator_for(1)) is None
    assert veiled(a_backdrop(200), [], "#070a1c", generator_for(1)) is None


def test_fine_bright_lines_behind_words_ask_for_more_veil_than_their_mean() -> None:
    lines = np.full((CANVAS[1], CANVAS[0], 3), 10, dtype=np.float32)
    lines[::6] = lines[1::6] = 230
    box = (40.0, 60.0, 142.0, 92.0)

    busy, calm = (needed(a_backdrop(level), box, 0.05, [1.0]) for level in (lines, lines.mean()))
    assert busy > calm


def test_a_veil_fades_out_where_nothing_is_written() -> None:
    veil = veiled(a_backdrop(200), [a_word(x=10)], "#000000", generator_for(1))
    assert veil is not None
    alpha = np.asarray(veil.alpha)

    assert alpha[75, 30] > 100
    assert alpha[:, -20:].max() <= 1


def test_letters_on_fine_lines_get_a_halo_that_comes_with_them() -> None:
    lines = np.full((CANVAS[1], CANVAS[0], 3), 20, dtype=np.float32)
    lines[::6] = lines[1::6] = lines[2::6] = 220
    backdrop, word = a_backdrop(lines), a_word()
    glow = halo(backdrop, word, "#000000")
    assert glow is not None
    frame = backdrop.at(0)
    before = luma(frame)
    glow.laid(frame)

    near, far = (slice(62, 90), slice(44, 138)), (slice(130, 180), slice(200, 320))
    assert luma(frame)[near].mean() < 0.75 * before[near].mean()
    assert (luma(frame)[far] == before[far]).all()
    assert halo(a_backdrop(128), word, "#000000") is None


def test_one_colour_is_flat_and_several_are_a_gradient_between_them() -> None:
    one: Any = colored(("#336699",), (64, 36), 7)
    two = colored(("#000000", "#ffffff"), (64, 36), 7)

    assert (one == (0x33, 0x66, 0x99)).all()
    assert two[:6, :6].mean() < 70
    assert two[-6:, -6:].mean() > 180


def test_planes_are_joined_as_encoders_read_them() -> None:
    picture = a_picture(FRAME)
    rows = picture.joined()

    assert rows.shape == (270, 320)
    assert (rows[:180] == np.asarray(picture.luma)).all()
    assert (rows[180:225].reshape(90, 160) == np.asarray(picture.blue)).all()
    assert isinstance(picture.luma, Image.Image)
