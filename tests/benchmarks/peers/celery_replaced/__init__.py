"""The design that Darkroom replaces: Celery under asynchronous repositories."""
