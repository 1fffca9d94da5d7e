"""What can go wrong with a benchmark."""


class BenchmarkError(Exception):
    """It cannot go on; the message says why, for who started it."""
