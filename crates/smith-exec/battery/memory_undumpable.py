# expect: oom
# memory_mb: 256
# tries: hides its memory from the supervisor by making itself undumpable
import ctypes
import os
import time

LIBC = ctypes.CDLL(None)
LIBC.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
for _ in range(8):
    if os.fork() == 0:
        break
LIBC.prctl(4, 0, 0, 0, 0)
hoard = bytearray(os.urandom(1 << 20)) * 100
time.sleep(60)
