# expect: disk_limit
# wall: 30
# disk_mb: 128
# tries: makes a tree that takes long to measure and then writes much between two measurements

import os
import time

from held import broken

top = os.getcwd()
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
for number in range(5000):
    os.mkdir(str(number))
os.chdir(top)
time.sleep(1)
written = 0
for number in range(20):
    with open(f"file-{number}", "wb") as file:
        for _ in range(60):
            file.write(b"x" * (1 << 20))
            written += 1
broken(f"{written} MiB were written")
