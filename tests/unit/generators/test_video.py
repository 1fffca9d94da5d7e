"""The video generator as its caller sees it: files that play, frame by frame."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from services.generator.generators.video import VideoGenerator
from services.generator.generators.video import generator as module
from services.generator.generators.video.inputs import VideoInput
from services.generator.generators.video.pictures import opened
from services.generator.generators.video.themes import THEMES
from shared.errors import InvalidInputError
from shared.generators import AssetFile, GeneratorContext, InputFile, Role

PICTURE = "0190a3e4-7b1c-7d2e-9f30-5a6b7c8d9e0f"
SMALL = {"resolution": "360p", "fps": 24}
speaking = pytest.mark.skipif(
    VideoGenerator.unavailable() is not None, reason="speech or music is not installed"
)


def made(
    asked: Mapping[str, Any], scratch: Path, pictures: Mapping[str, Path] | None = None
) -> dict[Role, AssetFile]:
    """Make it; by role."""
    inputs = {
        name: InputFile(path, "image/png", "0" * 64, path.stat().st_size)
        for name, path in (pictures or {}).items()
    }
    context = GeneratorContext(UUID(int=0), 7, scratch, inputs=inputs)
    video = VideoInput.model_validate(SMALL | dict(asked))
    files = asyncio.run(VideoGenerator().generate(video, context))
    assert files[0].role is Role.PRIMARY
    return {file.role: file for file in files}


def frames(path: Path) -> NDArray[np.uint8]:
    """Every luma plane, decoded: (frames, height, width)."""
    with path.open("rb") as file, av.open(file, "r") as container:
        planes = [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]
    return np.stack(planes)


def a_picture(path: Path, size: tuple[int, int] = (200, 100), **saved: Any) -> Path:
    ramp = np.linspace(0, 255, size[0] * size[1] * 3).reshape(size[1], size[0], 3)
    Image.fromarray(ramp.astype(np.uint8)).save(path, **saved)
    return path


FLAT = {"kind": "color", "colors": ["#808080"]}
SCENES = [
    {"background": FLAT, "seconds": 1},
    {"background": {"kind": "color", "colors": ["#a0a0a0"]}, "seconds": 1},
    {"background": FLAT, "seconds": 1},
]


@pytest.mark.parametrize("transition", ["cut", "crossfade", "slide", "wipe"])
def test_every_frame_is_there_and_none_is_dark(transition: str, tmp_path: Path) -> None:
    files = made({"scenes": SCENES, "transition": transition, "aspect": "square"}, tmp_path)
    seen = frames(files[Role.PRIMARY].path)

    assert seen.shape == (72, 360, 360)
    assert seen.min() > 110
    assert abs(float(seen[20].mean()) - 126) < 3
    assert abs(float(seen[46].mean()) - 153) < 3


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_a_file_begins_at_once_and_is_marked_as_its_colours_are(
    format: str, tmp_path: Path
) -> None:
    files = made({"scenes": SCENES, "format": format, "title": "Three greys"}, tmp_path)
    path = files[Role.PRIMARY].path
    with path.open("rb") as file, av.open(file, "r") as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        assert stream.codec_context.name == {"mp4": "h264", "webm": "vp9"}[format]
        assert stream.start_time == 0
        assert stream.average_rate == 24
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (int(stream.codec_context.colorspace), int(stream.codec_context.color_range)) == (
            (1, 1)
        )
        assert container.metadata["title"] == "Three greys"
        assert container.duration == pytest.approx(3_000_000, abs=1000)
    if format == "mp4":
        content = path.read_bytes()
        assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("landscape", (640, 360)), ("portrait", (360, 640)), ("square", (360, 360))],
)
def test_frames_have_the_size_of_their_aspect(
    aspect: str, size: tuple[int, int], tmp_path: Path
) -> None:
    scenes = [{"title": "Size", "seconds": 0.5}]
    files = made({"scenes": scenes, "aspect": aspect}, tmp_path)

    assert frames(files[Role.PRIMARY].path).shape[:0:-1] == size
    with Image.open(files[Role.THUMBNAIL].path) as thumbnail:
        assert thumbnail.format == "WEBP"
        assert thumbnail.width / thumbnail.height == pytest.approx(size[0] / size[1], rel=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_titles_come_in_and_captions_are_drawn(theme: str, tmp_path: Path) -> None:
    scene = {"title": "Hello", "caption": "Below", "seconds": 1, "background": {"kind": "color"}}
    plain = made({"scenes": [scene | {"title": "", "caption": ""}], "theme": theme}, tmp_path)
    without = frames(plain[Role.PRIMARY].path).astype(int)
    files = made({"scenes": [scene], "theme": theme}, tmp_path)
    changed = np.abs(frames(files[Role.PRIMARY].path) - without) > 40

    assert not changed[0, :280].any()
    assert changed[20, 60:280, 40:400].sum() > 1500
    assert changed[20, 300:, 280:360].sum() > 150
    assert files[Role.CAPTIONS].path.read_text().endswith("00:00:01,000\nBelow\n")


@pytest.mark.parametrize("theme", ["midnight", "paper"])
@pytest.mark.parametrize("ground", ["#ffffff", "#08080c"])
def test_words_are_dark_on_pale_grounds_and_light_on_deep_ones(
    theme: str, ground: str, tmp_path: Path
) -> None:
    background = {"kind": "color", "colors": [ground]}
    scenes = [{"title": "Seen", "seconds": 1, "background": background}]
    files = made({"scenes": scenes, "theme": theme, "aspect": "square"}, tmp_path)
    seen = frames(files[Role.PRIMARY].path)[20].astype(int)

    assert abs(seen - seen[0, 0]).max() > 150
    assert abs(seen[0, 0] - (235 if ground == "#ffffff" else 23)) < 3


def test_captions_can_be_kept_out_of_the_picture_and_out_of_a_file(tmp_path: Path) -> None:
    scene = {"caption": "Below", "seconds": 0.5, "background": FLAT}
    kept = made({"scenes": [scene], "burn_captions": False, "captions": "vtt"}, tmp_path)
    text = kept[Role.CAPTIONS].path.read_text()

    assert np.ptp(frames(kept[Role.PRIMARY].path)) < 8
    assert text.startswith("WEBVTT")
    assert Role.CAPTIONS not in made({"scenes": [scene], "captions": "none"}, tmp_path)


@pytest.mark.parametrize("fit", ["cover", "contain"])
@pytest.mark.parametrize("size", [(400, 300), (150, 600), (900, 100), (2, 2)])
def test_pictures_of_any_shape_fill_the_frame(
    fit: str, size: tuple[int, int], tmp_path: Path
) -> None:
    picture = a_picture(tmp_path / "in.png", size)
    background = {"kind": "image", "asset": PICTURE, "fit": fit}
    scenes = [{"background": background, "seconds": 0.5, "title": "Seen"}]
    files = made({"scenes": scenes, "aspect": "square"}, tmp_path, {PICTURE: picture})

    assert frames(files[Role.PRIMARY].path).shape == (12, 360, 360)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "CMYK", "I;16", "1"])
def test_pictures_of_any_kind_can_be_shown(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("in.jpg" if mode == "CMYK" else "in.png")
    if mode == "I;16":
        Image.fromarray(np.full((40, 40), 40_000, dtype=np.uint16)).save(path)
    else:
        Image.new("RGB", (40, 40), "#9c9c9c").convert(mode).save(path)
    scenes = [{"background": {"kind": "image", "asset": PICTURE}, "seconds": 0.5}]
    files = made({"scenes": scenes, "aspect": "square"}, tmp_path, {PICTURE: path})

    assert 60 < frames(files[Role.PRIMARY].path).mean() < 240


def test_pictures_stand_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    picture = Image.new("RGB", (64, 64), "#000000")
    picture.paste("#ffffff", (0, 0, 64, 32))
    picture.save(tmp_path / "in.jpg", exif=exif)
    scenes = [{"background": {"kind": "image", "asset": PICTURE}, "seconds": 0.5}]
    files = made({"scenes": scenes, "aspect": "square"}, tmp_path, {PICTURE: tmp_path / "in.jpg"})
    seen = frames(files[Role.PRIMARY].path)[0]

    assert seen[:150].mean() < 40
    assert seen[210:].mean() > 215


@pytest.mark.parametrize("damaged", [False, True])
def test_a_colour_profile_is_followed_and_a_damaged_one_ignored(
    damaged: bool, tmp_path: Path
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "in.png"
    grey = Image.new("RGB", (64, 64), "#808080")
    grey.save(path, icc_profile=profile[:200] if damaged else profile)
    scenes = [{"background": {"kind": "image", "asset": PICTURE}, "seconds": 0.5}]
    files = made({"scenes": scenes, "aspect": "square"}, tmp_path, {PICTURE: path})

    assert abs(float(frames(files[Role.PRIMARY].path).mean()) - 126) < 3


def test_a_picture_far_larger_than_the_frame_is_reduced_as_it_is_read(tmp_path: Path) -> None:
    for name, mode in (("in.jpg", "RGB"), ("in.png", "RGBA")):
        Image.new(mode, (4800, 3000), "#808080").save(tmp_path / name)
        picture = opened(tmp_path / name, "field", "#000000", (640, 360))

        assert 743 <= picture.height < 1500
        assert picture.width / picture.height == pytest.approx(1.6, rel=0.01)
        assert picture.getpixel((9, 9)) == pytest.approx((128, 128, 128), abs=1)


def test_pictures_that_cannot_be_used_are_refused_with_the_reason(tmp_path: Path) -> None:
    text, bomb, half = tmp_path / "a.txt", tmp_path / "bomb.png", tmp_path / "half.png"
    text.write_text("no picture")
    Image.new("1", (10_000, 10_000)).save(bomb)
    whole = a_picture(tmp_path / "in.png").read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    scenes = [{}, {"background": {"kind": "image", "asset": PICTURE}, "seconds": 0.5}]
    for path, words in (
        (text, "scenes.1.background.asset: cannot be read as a picture"),
        (bomb, "more than 50,000,000 pixels: make it smaller"),
        (half, "cannot be read as a picture"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            made({"scenes": scenes[1:] if path != text else scenes}, tmp_path, {PICTURE: path})


def test_an_asset_that_the_job_was_not_given_is_refused(tmp_path: Path) -> None:
    scenes = [{"background": {"kind": "image", "asset": PICTURE}}]
    with pytest.raises(InvalidInputError, match="there is no asset"):
        made({"scenes": scenes}, tmp_path)


@speaking
def test_a_narrated_video_with_music_is_in_step(tmp_path: Path) -> None:
    scenes = [{"title": "Hello", "narration": "Hello there.", "background": FLAT}]
    files = made({"scenes": scenes, "music": {"mood": "calm"}, "aspect": "square"}, tmp_path)
    film = files[Role.PRIMARY]
    with film.path.open("rb") as file, av.open(file, "r") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert audio.codec_context.name == "aac"
        assert (video.start_time, audio.start_time) == (0, 0)
        lengths = [float(stream.duration * stream.time_base) for stream in (video, audio)]  # type: ignore[operator]
        assert abs(lengths[0] - lengths[1]) < 1 / 24
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])

    assert len(frames(film.path)) == film.provenance["frames"] == round(lengths[0] * 24)
    assert np.abs(heard[:48_000]).max() > 0.01
    assert 0.2 < np.abs(heard).max() <= 1
    assert "Hello there." in files[Role.CAPTIONS].path.read_text()
    assert film.provenance["narration"]["voice"] == "af_heart"
    assert len(film.provenance["music"]["soundfont_sha256"]) == 64
    assert film.provenance["stages"].keys() == {"narrate", "sound", "letter", "render"}


def test_the_seed_decides_and_may_be_the_jobs_own(tmp_path: Path) -> None:
    scene = {"scenes": [{"seconds": 0.5}], "aspect": "square"}
    files = [made(scene | more, tmp_path)[Role.PRIMARY] for more in ({}, {"seed": 7}, {"seed": 8})]

    assert [file.provenance["seed"] for file in files] == [7, 7, 8]


def test_what_a_machine_lacks_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("shared.generators.needs.find_spec", lambda _: None)

    lack = VideoGenerator.unavailable()
    assert lack is not None
    assert "darkroom[video]" in lack
    wanted: list[dict[str, Any]] = [{"narration": "Hi."}, {"title": "Hi"}]
    for asked in ({"scenes": wanted[:1]}, {"scenes": wanted[1:], "music": {}}):
        with pytest.raises(InvalidInputError, match="cannot be made here: it needs"):
            made(asked, tmp_path)


def test_announcing_loads_nothing_heavy() -> None:
    program = (
        "import sys; from services.generator.generators.video import VideoGenerator as V;"
        "V.input_model.model_json_schema();"
        "print({'numpy', 'PIL', 'typst', 'av', 'mido', 'onnxruntime'} & sys.modules.keys())"
    )
    root = Path(module.__file__).parents[4]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "set()"
