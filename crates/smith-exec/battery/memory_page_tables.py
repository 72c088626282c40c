# expect: oom
# memory_mb: 256
# wall: 20
# tries: has the kernel keep tables of pages that hold nothing

import mmap
import time

from held import broken

MAP_NORESERVE, ROOM, STEP = 0x4000, 1 << 37, 1 << 21

kept = []
for _ in range(3):
    area = mmap.mmap(-1, ROOM, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE, prot=mmap.PROT_READ)
    kept.append(area)
    for at in range(0, ROOM, STEP):
        area[at]
time.sleep(3)
broken("768 MiB of tables were kept")
