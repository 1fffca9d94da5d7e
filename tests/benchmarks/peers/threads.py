"""How many requests an HTTP door works on at once whose task queue publishes synchronously."""

import anyio.to_thread

THREADS = 16
"""Less than Starlette's 40, which on few cores cost more CPU a job and gave no more jobs."""


def limit_threads() -> None:
    """Called in the running loop."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
