"""Another team's service: orders and cancels by messages, with nothing but AMQP and CloudEvents."""

from collections.abc import Callable
from datetime import UTC, datetime

import aio_pika
import orjson

from tests.chaos.orders import Json, Order
from tests.chaos.promises import Ledger, Promise
from tests.chaos.wire import Mouth

COMMANDS = "media.commands"


class CommandSender:
    """Sends commands until the broker has confirmed them."""

    def __init__(self, mouth: Mouth, ledger: Ledger, now: Callable[[], float]) -> None:
        self._mouth = mouth
        self._ledger = ledger
        self._now = now

    async def order(self, order: Order) -> Promise:
        """`RequestMedia`; twice, with the same id, if that is its kind."""
        promise = self._ledger.of(order)
        promise.sending(self._now())
        for _ in range(1 + order.twice):
            await self._send("media.request", order.key, order.spec)
            promise.accept(self._now())
            promise.answers["confirmed"] += 1
        return promise

    async def cancel(self, promise: Promise, job_id: str) -> None:
        """`CancelMedia` for a job that was accepted."""
        await self._send("media.cancel", f"cancel-{promise.order.key}", {"job_id": job_id})
        promise.cancel_answers["confirmed"] += 1

    async def _send(self, key: str, command_id: str, data: Json) -> None:
        body = orjson.dumps(
            {
                "specversion": "1.0",
                "id": command_id,
                "type": f"darkroom.{key}.v1",
                "source": "/chaos/shop",
                "time": datetime.now(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        message = aio_pika.Message(
            body,
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=command_id,
            type=f"darkroom.{key}.v1",
        )
        await self._mouth.say(COMMANDS, key, message)
