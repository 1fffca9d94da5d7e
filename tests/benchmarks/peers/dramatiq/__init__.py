"""Dramatiq on RabbitMQ with psycopg."""
