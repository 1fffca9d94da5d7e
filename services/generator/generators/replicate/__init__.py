"""Models at Replicate, or at a server that speaks its protocol."""

from services.generator.generators.replicate.generator import ReplicateGenerator

__all__ = ["ReplicateGenerator"]
