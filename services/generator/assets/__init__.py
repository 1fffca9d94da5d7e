"""From files that a generator made to assets that everyone can rely on.

Neighbours: runtime/ hands over the files, shared/storage keeps the bytes.
"""
