# expect: oom
# memory_mb: 256
# tries: shared anonymous memory, which no limit of a single process counts
import mmap
import time

hoard = mmap.mmap(-1, 1 << 30)
for page in range(0, 1 << 30, 4096):
    hoard[page] = 1
time.sleep(60)
