# expect: ok
# tries: files in places for temporary ones; the harness looks whether the host has them
import os

from held import FACTS, held

for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev", "/"):
    try:
        os.close(os.open(f"{folder}/{FACTS['nonce']}", os.O_CREAT | os.O_WRONLY))
    except OSError:
        pass
held()
