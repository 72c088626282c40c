# expect: oom
# memory_mb: 256
# tries: ends its first thread alone: what the system shows of the process is then empty, but the others go on
import os
import threading

from held import LIBC


def hoards():
    hoard = bytearray(os.urandom(1 << 20)) * 150
    threading.Event().wait(60)
    return hoard


for _ in range(3):
    if os.fork() == 0:
        break
threading.Thread(target=hoards).start()
LIBC.pthread_exit(None)
