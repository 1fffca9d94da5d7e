"""Crash points: a process dies exactly between two steps, and what was promised is kept.

`points` is the table of all points (`python -m tests.crash_points` prints it), `seams` says where
in the code they are, `trap` wraps those methods in the process that is to die, `launcher` starts a
service so. `darkroom` holds the three services as processes, `stories` say what is asked for while
one of them dies, `promises` what must be true afterwards. The services know nothing of all this.
"""
