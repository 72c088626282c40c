# expect: ok
# tries: marks an input through a descriptor that may only read it

import fcntl
import os
import struct

from held import FACTS, broken, held

descriptor = os.open(FACTS["inputs"] + "/data.csv", os.O_RDONLY)
for name, request, argument in (
    ("flags", 0x40086602, struct.pack("l", 0x40 | 0x80)),
    ("version", 0x40087602, struct.pack("l", 77)),
    ("attributes", 0x401C5820, struct.pack("IIIII8x", 0x80, 0, 0, 7, 0)),
    ("seal", 0x40806685, struct.pack("IIIIQII11Q", 1, 1, 4096, 0, 0, 0, 0, *[0] * 11)),
):
    try:
        fcntl.ioctl(descriptor, request, argument)
    except OSError:
        continue
    broken(f"the {name} of an input were set")
held()
