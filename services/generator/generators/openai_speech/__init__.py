"""Speech by OpenAI, or by any server that speaks its protocol."""

from services.generator.generators.openai_speech.generator import OpenAiSpeechGenerator

__all__ = ["OpenAiSpeechGenerator"]
