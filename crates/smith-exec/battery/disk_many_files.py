# expect: disk_limit
# disk_mb: 64
# wall: 20
# tries: many files, each below the limit
import itertools

for number in itertools.count():
    with open(f"file{number}", "wb") as file:
        file.write(bytes(8 << 20))
