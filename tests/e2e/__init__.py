"""The whole system as its users meet it: processes, HTTP, and AMQP by a client that is not ours."""
