"""Many at once: each is made, and everyone hears of each exactly once."""

from collections import Counter

from pika.adapters.blocking_connection import BlockingChannel

from tests.e2e.people import Listener, Person, subject

NOOP = {"generator": "noop", "input": {}, "priority": "batch"}


def test_two_thousand_jobs_and_exactly_as_many_final_words(
    channel: BlockingChannel, person: Person
) -> None:
    listener = Listener(channel, "media.ready.noop")
    answers = person.ask_for_many([NOOP] * 1000) + person.ask_for_many([NOOP] * 1000)
    asked = [answer["job"]["id"] for answer in answers]
    listener.collect(asked)
    # One more, to prove that whatever was still under way has arrived.
    listener.collect([person.ask("noop", {}, priority="batch")["id"]])
    heard = Counter(map(subject, listener.events))
    assert {job: heard[job] for job in asked} == dict.fromkeys(asked, 1)
    assert all(person.wait(job)["status"] == "ready" for job in asked[::200])


def test_an_invalid_request_in_a_batch_harms_no_neighbour(person: Person) -> None:
    bad = {"generator": "card", "input": {"title": 7}}
    answers = person.ask_for_many([NOOP] * 500 + [bad] + [NOOP] * 499)
    assert len(answers) == 1000
    assert answers[500]["status"] == 422
    assert answers[500]["problem"]["errors"][0]["pointer"] == "/input/title"
    good = [answer["job"]["id"] for answer in answers if answer["status"] == 202]
    assert len(good) == 999
    assert all(person.wait(job)["status"] == "ready" for job in good[::100])
