# expect: ok
# tries: locks memory, so that the system cannot take it back
import ctypes

from held import LIBC, broken, held

page = ctypes.create_string_buffer(1 << 16)
if LIBC.mlock(page, 1 << 16) == 0:
    broken("memory was locked")
if LIBC.mlockall(3) == 0:
    broken("all memory was locked")
held()
