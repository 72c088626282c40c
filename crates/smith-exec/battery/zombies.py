# expect: process_limit or ok
# processes: 64
# alone: yes
# tries: leaves thousands of ended children uncollected
import os
import time

from held import held

for _ in range(5000):
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        held()
time.sleep(60)
