"""Video keeps the promises of every generator."""

from services.generator.generators.video import VideoGenerator
from shared.testing.generator_conformance import GeneratorConformance

TINY = {"aspect": "square", "resolution": "360p", "fps": 24}


class TestVideo(GeneratorConformance):
    generator = VideoGenerator
    inputs = (
        {**TINY, "scenes": [{"title": "Hi 🚀 日本", "subtitle": "There", "seconds": 0.5}]},
        {
            **TINY,
            "format": "webm",
            "transition": "wipe",
            "captions": "vtt",
            "scenes": [
                {"background": {"kind": "color"}, "seconds": 0.5, "caption": "Below"},
                {"title": "Paper", "background": {"style": "mesh"}, "seconds": 0.5},
            ],
        },
    )
    hostile = (
        {},
        {"scenes": []},
        {"scenes": [{}] * 41},
        {"scenes": [{"seconds": 0}]},
        {"scenes": [{"seconds": 1e9}]},
        {"scenes": [{"seconds": float("nan")}]},
        {"scenes": [{"seconds": 60}] * 4},
        {"scenes": [{"title": "x" * 121}]},
        {"scenes": [{"title": "𓀀𓀁"}]},
        {"scenes": [{"narration": "x" * 1501}]},
        {"scenes": [{"narration": ""}]},
        {"scenes": [{"background": {"kind": "image", "asset": "/etc/passwd"}}]},
        {"scenes": [{"background": {"kind": "image", "asset": "https://example.com/a.png"}}]},
        {"scenes": [{"background": {"kind": "color", "colors": ["red"]}}]},
        {"scenes": [{"filter": "movie=/etc/passwd"}]},
        {"scenes": [{}], "resolution": "100000p"},
        {"scenes": [{}], "fps": 1000},
        {"scenes": [{}], "format": "mov"},
        {"scenes": [{}], "seed": -1},
        {"scenes": [{}], "music": {"mood": "../../etc"}},
        {"scenes": [{}], "pronunciations": {"a" * 41: "b"}},
    )
