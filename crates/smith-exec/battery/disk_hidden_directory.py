# expect: disk_limit
# disk_mb: 64
# wall: 20
# tries: writes into a directory that cannot be listed
import os
import time

os.mkdir("hidden", 0o300)
for number in range(40):
    with open(f"hidden/file{number}", "wb") as file:
        file.write(bytes(8 << 20))
time.sleep(60)
