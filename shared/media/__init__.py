"""What a file is, told by its own bytes: its media type and its measures.

Nothing here decodes a picture or a sound: the bytes may be a stranger's, and whoever asks is a
process that must live. Neighbours: the generator asks about what was made, the api about uploads.

Child processes come here too, soon after their start and only for what they know from the first
bytes: the libraries that know the rest are imported when they are asked.
"""

from shared.media.measuring import NOTHING, Measures, measure, measure_bytes
from shared.media.sniffing import UNKNOWN, sniff, sniff_bytes

__all__ = ["NOTHING", "UNKNOWN", "Measures", "measure", "measure_bytes", "sniff", "sniff_bytes"]
