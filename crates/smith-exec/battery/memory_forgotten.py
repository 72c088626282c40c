# expect: oom or ok
# memory_mb: 256
# wall: 5
# tries: shared memory that is taken out of the page tables again, so that no process seems to have it
import mmap
import time

from held import broken, held

try:
    hoard = mmap.mmap(-1, 1 << 30)
except OSError:
    held()
for page in range(0, 1 << 30, 4096):
    hoard[page] = 1
    if page % (8 << 20) == 0:
        hoard.madvise(mmap.MADV_DONTNEED)
hoard.madvise(mmap.MADV_DONTNEED)
time.sleep(0.5)
if hoard[0] == 1:
    broken("a gigabyte is kept")
