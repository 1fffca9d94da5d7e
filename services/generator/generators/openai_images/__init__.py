"""Pictures by OpenAI, or by any server that speaks its protocol."""

from services.generator.generators.openai_images.generator import OpenAiImagesGenerator

__all__ = ["OpenAiImagesGenerator"]
