"""Text to image by a diffusion model whose weights are mounted: nothing leaves the machine."""

from services.generator.generators.diffusers.generator import DiffusersGenerator

__all__ = ["DiffusersGenerator"]
