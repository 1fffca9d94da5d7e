"""Where generators run: child processes with limits and no network, or the event loop.

Neighbours: the service layer hands a `GenerationTask` to a `Runtime` and gets files or a classed
error. `child` is the program of a child process; it imports as little as it can.
"""
