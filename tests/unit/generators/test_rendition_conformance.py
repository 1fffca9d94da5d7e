"""Renditions keep the promises of every generator."""

from services.generator.generators.rendition import RenditionGenerator
from shared.testing.generator_conformance import GeneratorConformance
from tests.unit.generators.renditions import ID, document, encoded, film, quarters, tone

PHOTO = ID
SOUND = ID[:-1] + "8"
FILM = ID[:-1] + "9/1"
PAPER = ID[:-1] + "a"


class TestRendition(GeneratorConformance):
    generator = RenditionGenerator
    assets = {  # noqa: RUF012 - a mapping that nobody changes
        PHOTO: encoded(quarters(), "JPEG"),
        SOUND: tone(),
        FILM: film(),
        PAPER: document(),
    }
    inputs = (
        {"source": PHOTO, "width": 100},
        {"source": PHOTO, "widths": [64, 128], "format": "png"},
        {"source": PHOTO, "width": 64, "height": 64, "fit": "cover", "format": "avif"},
        {"source": PHOTO, "width": 64, "height": 64, "fit": "contain", "format": "jpeg"},
        {"source": PAPER, "page": 2, "width": 120, "format": "png"},
        {"source": FILM, "at": 1.5, "width": 120},
        {"operation": "placeholder", "source": PHOTO},
        {"operation": "waveform", "source": SOUND, "width": 300, "height": 60},
        {"operation": "waveform", "source": SOUND, "style": "wave", "format": "svg"},
        {"operation": "audio", "source": SOUND, "format": "ogg"},
        {"operation": "audio", "source": SOUND, "format": "mp3"},
        {"operation": "audio", "source": SOUND, "format": "m4a", "start": 0.5, "end": 1},
        {"operation": "audio", "source": SOUND, "format": "flac"},
        {"operation": "qr", "text": "https://example.com", "format": "png", "width": 256},
        {"operation": "qr", "text": "https://example.com", "modules": "rounded", "source": PHOTO},
    )
    hostile = (
        {},
        {"source": "../../etc/passwd"},
        {"source": "https://example.com/a.png"},
        {"source": ID.replace("0", "1")},
        {"source": PHOTO, "width": 0},
        {"source": PHOTO, "width": 8193},
        {"source": PHOTO, "width": 8000, "height": 8000, "fit": "fill"},
        {"source": PHOTO, "width": 8000, "height": 2001, "fit": "fill", "format": "avif"},
        {"source": PHOTO, "widths": [10] * 9},
        {"source": PHOTO, "widths": [10], "width": 10},
        {"source": PHOTO, "fit": "cover", "width": 10},
        {"source": PHOTO, "format": "mp3"},
        {"source": PHOTO, "style": "line"},
        {"source": PHOTO, "crop": {"left": 0, "top": 0, "width": 401, "height": 1}},
        {"source": PHOTO, "page": 2},
        {"source": PAPER, "page": 3},
        {"source": PHOTO, "background": "red"},
        {"source": SOUND},
        {"source": PHOTO, "operation": "audio"},
        {"source": FILM, "operation": "audio"},
        {"source": SOUND, "operation": "audio", "start": 3},
        {"source": SOUND, "operation": "audio", "start": 1, "end": 1},
        {"operation": "qr"},
        {"operation": "qr", "text": "\u200b \u202e\x07"},
        {"operation": "qr", "text": "x" * 2001},
        {"operation": "qr", "text": "x" * 2000, "error_level": "H"},
        {"operation": "qr", "text": "x", "color": "#aaaaaa"},
        {"operation": "qr", "text": "x", "color": "#ffffff", "background": "#000000"},
        {"operation": "qr", "text": "x", "width": 20},
        {"operation": "qr", "text": "x", "source": PHOTO, "error_level": "L"},
        {"operation": "qr", "text": "x", "source": FILM},
        {"operation": "qr", "text": "x", "quality": 5},
    )
