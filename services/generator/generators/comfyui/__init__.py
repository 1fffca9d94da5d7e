"""Workflows on servers of one's own that run ComfyUI."""

from services.generator.generators.comfyui.generator import ComfyUiGenerator

__all__ = ["ComfyUiGenerator"]
