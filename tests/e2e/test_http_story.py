"""Somebody asks for a card over HTTP and gets a picture."""

import hashlib
import uuid
from io import BytesIO

from PIL import Image

from tests.e2e.people import Person

CARD = {"title": "Pictures that arrive", "seed": 7}


def test_a_card_is_asked_for_made_and_downloaded(person: Person) -> None:
    job = person.wait(person.ask("card", CARD, metadata={"order": 4711})["id"])
    assert job["status"] == "ready", job
    assert job["metadata"] == {"order": 4711}
    assert [attempt["outcome"] for attempt in job["attempts"]] == ["succeeded"]

    asset, thumbnail = job["assets"]
    content = person.http.get(f"/v1/media/{job['id']}/content")
    digest = hashlib.sha256(content.content).hexdigest()
    assert content.status_code == 200
    assert content.headers["etag"] == f'"{digest}"'
    assert asset["sha256"] == digest
    assert content.headers["content-type"] == asset["media_type"] == "image/png"
    assert (asset["width"], asset["height"]) == (1200, 630)
    assert job["urls"]["thumbnail"] == thumbnail["url"]
    assert Image.open(BytesIO(content.content)).size == (1200, 630)


def test_a_download_is_resumed_and_revalidated(person: Person) -> None:
    job = person.wait(person.ask("card", CARD)["id"])
    url = f"/v1/media/{job['id']}/content"
    whole = person.http.get(url)
    part = person.http.get(url, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole.content[1000:2000]
    again = person.http.get(url, headers={"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304


def test_the_same_input_and_seed_give_the_same_bytes(person: Person) -> None:
    for generator, request in (("card", CARD), ("art", {"seed": 7, "width": 320, "height": 180})):
        jobs = [person.ask(generator, request) for _ in range(2)]
        first, second = (person.wait(job["id"])["assets"][0]["sha256"] for job in jobs)
        assert first == second, generator


def test_an_idempotency_key_is_one_request(person: Person) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"generator": "noop", "input": {}}
    first = person.http.post("/v1/media", json=body, headers=key)
    replay = person.http.post("/v1/media", json=body, headers=key)
    assert (first.status_code, replay.status_code) == (202, 202)
    assert first.json()["id"] == replay.json()["id"]
    other = person.http.post("/v1/media", json={**body, "metadata": {"a": 1}}, headers=key)
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"


def test_jobs_are_listed_newest_first_page_by_page(person: Person) -> None:
    asked = [person.ask("noop", {})["id"] for _ in range(5)]
    first = person.http.get("/v1/media", params={"limit": 3}).json()
    more = {"limit": 3, "cursor": first["next_cursor"]}
    second = person.http.get("/v1/media", params=more).json()
    listed = [job["id"] for job in first["items"] + second["items"]]
    assert listed[:5] == asked[::-1]


def test_generators_say_what_they_take(person: Person) -> None:
    names = {g["name"] for g in person.http.get("/v1/generators").json()["items"]}
    assert {"card", "art", "noop", "flaky"} <= names
    card = person.http.get("/v1/generators/card").json()
    assert "title" in card["input_schema"]["properties"]
    assert person.wait(person.ask("card", card["example"])["id"])["status"] == "ready"
