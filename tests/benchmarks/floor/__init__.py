"""The floor: the same durable steps as Darkroom's, in the same batches, and nothing else.

What it costs is what RabbitMQ, Postgres, the kernel and Python ask for; what a system costs beyond
it is the price of the system. Three processes on three databases, hand-written HTTP and AMQP,
asyncpg:

1. ``accept``: a batch of requests is one statement, the jobs with an outbox row; published with
   confirms; the outbox row deleted;
2. ``work``: a batch of messages is one statement, the jobs as running (once, whatever comes twice);
   acked; made (nothing); one statement with the results and an outbox row; published; row deleted;
3. ``close``: a batch of results is one statement, a verdict each (the first counts) and an outbox
   row; acked; published; row deleted;
4. ``accept`` again: a batch of verdicts is one statement, the read model; acked.

It has no retries, leases, deadlines, cancellation, validation, health, metrics or schema; no sweep
of its outboxes; it does not come back when a connection is lost. Nobody should run it.
"""
