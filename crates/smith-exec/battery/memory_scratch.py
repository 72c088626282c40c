# expect: oom or disk_limit
# tiers: namespaces
# memory_mb: 128
# disk_mb: 100
# tries: fills the scratch places, which are memory, and takes memory besides

import os
import time

from held import broken

for place in ("/tmp", "/dev/shm"):
    try:
        for number in range(4):
            with open(f"{place}/file-{number}", "wb") as file:
                for _ in range(60):
                    file.write(b"x" * (1 << 20))
    except OSError:
        pass
block = bytearray(os.urandom(1 << 20)) * 100
time.sleep(3)
broken(f"{len(block) >> 20} MiB beside full scratch places")
