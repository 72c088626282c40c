# expect: disk_limit
# disk_mb: 16
# wall: 30
# tries: empty files without end: they take no blocks, but every one takes an inode
import itertools
import os

for number in itertools.count():
    os.close(os.open(f"file{number}", os.O_CREAT | os.O_WRONLY))
