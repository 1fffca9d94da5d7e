"""Seeded generative pictures: flow fields, domain warps and mesh gradients."""

from services.generator.generators.art.generator import ArtGenerator

__all__ = ["ArtGenerator"]
