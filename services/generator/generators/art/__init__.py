"""Seeded generative pictures: flow fields, attractors, paper cuts, stained glass and more."""

from services.generator.generators.art.generator import ArtGenerator

__all__ = ["ArtGenerator"]
