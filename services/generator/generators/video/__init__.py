"""Videos: scenes with titles on moving backgrounds, narrated, captioned, with music."""
