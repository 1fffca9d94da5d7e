"""Speech: a text read aloud by a neural voice, with captions that fit it."""

from services.generator.generators.speech.generator import SpeechGenerator

__all__ = ["SpeechGenerator"]
