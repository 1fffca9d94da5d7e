"""The few AMQP frames that come by the thousand, written and read by hand.

aio-pika and aiormq keep connecting, channels, recovery, heartbeats and everything that happens
rarely. What is diverted here: deliveries on their way to batches, acks, publishing, confirms. A
message then costs a slice of a batch, where it would be a task and several futures of its own.
Neighbours: `consumer` and `acker` take and ack, `publisher` publishes.
"""
