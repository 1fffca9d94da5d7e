"""The local stack: Postgres, RabbitMQ and the three services as processes of one machine, owned by
one supervisor."""
