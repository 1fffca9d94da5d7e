"""Asks for a card by message and prints the answer, with FastStream and Darkroom's event models.

python examples/ask_with_faststream.py amqp://user:password@host:5672/
"""

import asyncio
import sys
import uuid
from datetime import UTC, datetime

from faststream.rabbit import RabbitBroker, RabbitExchange

from shared.events import MediaAccepted, RequestMedia, announce, decode, encode
from shared.messaging.topology import COMMANDS

EXCHANGE = RabbitExchange(COMMANDS, declare=False)


async def ask(url: str, title: str) -> None:
    """Print the job's id and where to look at it, or why there is none."""
    wanted = RequestMedia(generator="card", input={"title": title})
    command = announce(
        wanted, source="/example/shop", time=datetime.now(UTC), event_id=uuid.uuid4()
    )
    async with RabbitBroker(url) as broker:
        answer = await broker.request(
            encode(command), "media.request", exchange=EXCHANGE, timeout=30, persist=True
        )
    said = decode(answer.body).data
    print(said.job["urls"]["self"] if isinstance(said, MediaAccepted) else said, flush=True)


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], "Asked for with FastStream"))
