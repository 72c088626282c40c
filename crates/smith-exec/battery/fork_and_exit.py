# expect: ok
# alone: yes
# wall: 6
# tries: a chain of processes, each of which forks and exits at once, so that none lives long enough to be looked up
import os
import time

from held import held

if os.fork() == 0:
    os.setsid()
    while True:
        if os.fork() != 0:
            os._exit(0)
time.sleep(0.3)
held()
