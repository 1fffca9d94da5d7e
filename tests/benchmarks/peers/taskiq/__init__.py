"""Taskiq on RabbitMQ with asyncpg."""
