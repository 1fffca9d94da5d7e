"""Listens for media that is ready, with nothing but pika: any AMQP client can do this.

    python examples/listen.py [AMQP-URL] [--count N]

Without a URL it takes that of the stack which runs from this checkout.
"""

import argparse
import json
from pathlib import Path

import pika

STACK = Path(__file__).parents[1] / ".darkroom/stack.json"
QUEUE = "example.pictures"
ONE_HOUR_MS = 3_600_000


def main() -> None:
    """Print one line for each piece of media, until Ctrl-C or `--count` of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", help="amqp://user:password@host:5672/")
    parser.add_argument("--count", type=int, help="stop after so many")
    told = parser.parse_args()
    connection = pika.BlockingConnection(pika.URLParameters(told.url or url_of_stack()))
    channel = connection.channel()

    # A durable queue of our own keeps what is said while we are away. (x-expires removes this
    # example's queue when nobody has listened for an hour: leave that out in a real service.)
    channel.queue_declare(
        QUEUE, durable=True, arguments={"x-queue-type": "quorum", "x-expires": ONE_HOUR_MS}
    )
    channel.queue_bind(QUEUE, "media.events", "media.ready.#")
    channel.basic_qos(prefetch_count=20)
    print(f"listening on {QUEUE}", flush=True)

    seen: set[str] = set()
    for method, _, body in channel.consume(QUEUE):
        event = json.loads(body)
        if event["id"] not in seen:  # the same event may come twice, with the same id
            seen.add(event["id"])
            print(describe(event), flush=True)
        channel.basic_ack(method.delivery_tag)  # after our own work is done, never before
        if told.count and len(seen) >= told.count:
            break
    connection.close()


def describe(event: dict) -> str:
    """The job, the generator and the file."""
    data = event["data"]
    asset = next(asset for asset in data["assets"] if asset["role"] == "primary")
    return f"{data['job_id']} {data['generator']} {asset['media_type']} {asset['sha256']}"


def url_of_stack() -> str:
    """The broker of the stack that runs from this checkout."""
    return json.loads(STACK.read_text())["rabbitmq"]


if __name__ == "__main__":
    main()
