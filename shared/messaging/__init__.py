"""How services speak over RabbitMQ: topology, publishing, batches, outbox, dead letters.

Neighbours: shared/events says what is spoken, shared/database where it is kept.
"""
