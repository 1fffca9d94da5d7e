"""Testing tools that ship to users: for services that speak with Darkroom, and for generators.

`eventually` waits, the builders make valid events, the fakes stand in for the broker and the clock.
"""

from shared.testing.eventually import eventually, eventually_sync

__all__ = ["eventually", "eventually_sync"]
