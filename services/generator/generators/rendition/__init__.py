"""Renditions: pictures, documents, films and sounds in the size and form that somebody needs."""

from services.generator.generators.rendition.generator import RenditionGenerator

__all__ = ["RenditionGenerator"]
