# expect: ok
# disk_mb: 64
# tries: takes room on the disk at once, without writing, before anybody can look

import ctypes
import os

from held import LIBC, broken, held

taken = 0
for number in range(100):
    descriptor = os.open(f"file-{number}", os.O_CREAT | os.O_RDWR)
    if LIBC.fallocate(descriptor, 0, ctypes.c_long(0), ctypes.c_long(60 << 20)) == 0:
        taken += 60
    os.close(descriptor)
if taken:
    broken(f"{taken} MiB were reserved")
held()
