# expect: ok or disk_limit
# disk_mb: 16
# tries: fills the places for temporary files
import itertools

from held import broken, held

for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    try:
        for number in itertools.count():
            if number > 64:
                broken(f"64 MB in {folder}")
            with open(f"{folder}/file{number}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError:
        pass
held()
