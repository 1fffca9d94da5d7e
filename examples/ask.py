"""Asks for a card by message and prints the answer, with nothing but pika.

python examples/ask.py amqp://user:password@host:5672/
"""

import json
import sys
import uuid
from datetime import UTC, datetime

import pika

command = {
    "specversion": "1.0",
    "id": str(uuid.uuid4()),
    "type": "darkroom.media.request.v1",
    "source": "/example/shop",
    "time": datetime.now(UTC).isoformat(),
    "data": {"generator": "card", "input": {"title": "Asked for by message"}},
}
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
answers = channel.queue_declare("", exclusive=True).method.queue
question = pika.BasicProperties(reply_to=answers, correlation_id=command["id"], delivery_mode=2)
channel.basic_publish("media.commands", "media.request", json.dumps(command).encode(), question)
_, _, body = next(channel.consume(answers, auto_ack=True))
print(json.dumps(json.loads(body), indent=2))
channel.connection.close()
