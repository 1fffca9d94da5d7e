"""Asks for a card by message and waits for the answer, with nothing but pika.

    python examples/request.py [AMQP-URL] [--title TITLE]

Without a URL it takes that of the stack which runs from this checkout.
"""

import argparse
import json
import uuid
from datetime import UTC, datetime

import pika
from listen import url_of_stack

ANSWERS = ("media.ready.#", "media.failed.#", "media.canceled.#", "media.expired.#")
PATIENCE_SECONDS = 60


def main() -> int:
    """Print the event that answers; the exit code is 0 when the media is ready."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", help="amqp://user:password@host:5672/")
    parser.add_argument("--title", default="Asked for by message")
    told = parser.parse_args()
    where = pika.URLParameters(told.url or url_of_stack())
    connection = pika.BlockingConnection(where)
    channel = connection.channel()
    channel.confirm_delivery()  # publishing fails when nobody would get the command

    answers = channel.queue_declare("", exclusive=True).method.queue
    for pattern in (*ANSWERS, "media.rejected.#"):  # before we ask, or we miss the answer
        channel.queue_bind(answers, "media.events", pattern)

    command = a_request("card", {"title": told.title})
    properties = pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=2,
        message_id=command["id"],
        user_id=where.credentials.username,  # the broker vouches for it
    )
    body = json.dumps(command).encode()
    channel.basic_publish("media.commands", "media.request", body, properties, mandatory=True)

    for method, _, said in channel.consume(answers, inactivity_timeout=PATIENCE_SECONDS):
        if method is None:
            print("no answer in time")
            return 1
        event = json.loads(said)
        if event.get("correlationid") == command["id"]:
            print(json.dumps(event, indent=2))
            return 0 if event["type"] == "darkroom.media.ready.v1" else 1
    return 1


def a_request(generator: str, fields: dict) -> dict:
    """`RequestMedia` in its envelope. Sent again with the same id it asks for nothing twice."""
    command_id = str(uuid.uuid4())
    return {
        "specversion": "1.0",
        "id": command_id,
        "type": "darkroom.media.request.v1",
        "source": "/example/shop",
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "correlationid": command_id,
        "data": {"generator": generator, "input": fields},
    }


if __name__ == "__main__":
    raise SystemExit(main())
