"""Celery on RabbitMQ with SQLAlchemy Core on psycopg."""
