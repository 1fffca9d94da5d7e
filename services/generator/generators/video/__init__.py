"""Videos: scenes with titles on moving backgrounds, narrated, captioned, with music."""

from services.generator.generators.video.generator import VideoGenerator

__all__ = ["VideoGenerator"]
