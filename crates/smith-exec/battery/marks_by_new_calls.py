# expect: ok
# tries: changes modes and marks of files outside by calls that older lists of calls do not know

import ctypes
import os
import struct

from held import FACTS, broken, held, raw

SETXATTRAT, FILE_SETATTR, AT_FDCWD, NODUMP = 463, 469, -100, 0x80


class Attribute(ctypes.Structure):
    _fields_ = [("value", ctypes.c_uint64), ("size", ctypes.c_uint32), ("flags", ctypes.c_uint32)]


# Everything for owner, group and others.
ENTRIES = b"".join(struct.pack("<HHI", tag, 7, 0xFFFFFFFF) for tag in (1, 4, 0x20))
for name, value in ((b"system.posix_acl_access", struct.pack("<I", 2) + ENTRIES), (b"user.mark", b"mark")):
    kept = ctypes.create_string_buffer(value, len(value))
    attribute = Attribute(ctypes.addressof(kept), len(value), 0)
    for path in (FACTS["secret"], FACTS["inputs"] + "/data.csv", FACTS["inputs"], FACTS["canary"] + "/kept.txt"):
        before = os.stat(path).st_mode if os.path.exists(path) else None
        size = ctypes.c_size_t(ctypes.sizeof(attribute))
        for call in (
            (SETXATTRAT, AT_FDCWD, path.encode(), 0, name, ctypes.byref(attribute), size),
            (FILE_SETATTR, AT_FDCWD, path.encode(), struct.pack("QIIII", NODUMP, 0, 0, 0, 0), ctypes.c_size_t(24), 0),
        ):
            try:
                raw(*call)
            except OSError:
                continue
            broken(f"call {call[0]} marked {path}")
        if before is not None and os.stat(path).st_mode != before:
            broken(f"the mode of {path} was changed")
held()
