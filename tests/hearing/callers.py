"""What a webhook receiver has heard."""

from collections.abc import Iterable

from shared.testing.webhook_receiver import ReceivedCall
from tests.hearing.words import Word


def calls_heard(calls: Iterable[ReceivedCall]) -> tuple[list[Word], list[str]]:
    """What was taken with a 2xx, in its order; and calls whose header names another event."""
    words, wrong = [], []
    for call in list(calls):
        word = Word.read(call.body)
        if call.answered < 300:
            words.append(word)
        if call.id != word.id:
            wrong.append(f"webhook-id {call.id} for the event {word.id}")
    return words, wrong
