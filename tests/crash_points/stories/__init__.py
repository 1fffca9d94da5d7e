"""What is asked for while a service dies, and how it must end.

Neighbours: `story` is what they have in common; `making`, `stopping`, `messages` and `calling` tell
them; `promises` checks what came of it.
"""

from collections.abc import Mapping

from tests.crash_points.points import StoryName
from tests.crash_points.stories import calling, making, messages, stopping
from tests.crash_points.stories.story import Scene, Story

STORIES: Mapping[StoryName, Story] = {
    StoryName.QUICK: making.Quick(),
    StoryName.LASTING: making.Lasting(),
    StoryName.RETRIED: making.Retried(),
    StoryName.RELEASED: making.Released(),
    StoryName.ORDERED: making.Ordered(),
    StoryName.IN_DOUBT: making.InDoubt(),
    StoryName.DECIDED: making.Decided(),
    StoryName.TAKEN_OVER: making.TakenOver(),
    StoryName.USED_UP: making.UsedUp(),
    StoryName.CANCELED: stopping.Canceled(),
    StoryName.UNANSWERED: stopping.Unanswered(),
    StoryName.EXPIRED: stopping.Expired(),
    StoryName.PAUSED: stopping.Paused(),
    StoryName.COMMANDED: messages.Commanded(),
    StoryName.CALLED_OFF: messages.CalledOff(),
    StoryName.REFUSED: messages.Refused(),
    StoryName.POISON: messages.Poison(),
    StoryName.REPLAYED: messages.Replayed(),
    StoryName.CALLED: calling.Called(),
}

__all__ = ["STORIES", "Scene", "Story"]
