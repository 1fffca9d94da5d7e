"""Sound that is worked with as numbers: cut, mixed, levelled, and written to a file at the end.

Neighbours: speech, music and video make sounds; rendition draws them. Nothing here is imported to
announce a generator: it needs numpy, and PyAV (the extras speech, music, video, rendition).
"""
