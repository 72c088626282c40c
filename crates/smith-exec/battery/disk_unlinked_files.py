# expect: disk_limit
# disk_mb: 64
# wall: 20
# tries: writes to files that have no name any more
import os
import time

kept = []
for number in range(40):
    file = open("file", "wb")
    os.unlink("file")
    file.write(bytes(8 << 20))
    file.flush()
    kept.append(file)
time.sleep(60)
