# expect: disk_limit
# disk_mb: 64
# wall: 30
# tries: writes below directories that are nested deeper than a path can be long
import os
import time

for _ in range(300):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
for number in range(40):
    with open(f"file{number}", "wb") as file:
        file.write(bytes(8 << 20))
time.sleep(60)
