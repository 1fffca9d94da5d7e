"""Measurements, run by hand: `make bench`, or `python -m tests.benchmarks --help`.

``suite`` knows them all, ``system`` is what is compared, ``servers`` what it runs on, ``client``
who asks for jobs, ``usage`` what that costs, ``report`` what is said about it. ``noop`` is the
short version for who is changing something: one stack, one number for each part.
"""
