# expect: oom
# memory_mb: 256
# tries: twenty processes, each below the limit, together above it
import os
import time

for _ in range(20):
    if os.fork() == 0:
        break
hoard = bytearray(os.urandom(1 << 20)) * 40
time.sleep(60)
