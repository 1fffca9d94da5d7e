"""The `darkroom` command: a thin door to the API client, the local stack and the broker's topology.

One file per group of commands; `main` puts them together, `surroundings` is what they are given.
"""
