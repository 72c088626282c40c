# expect: timeout_wall or process_limit
# alone: yes
# wall: 1
# tries: several such chains, which the limit of wall time has to end
import os
import time

for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        while True:
            if os.fork() != 0:
                os._exit(0)
time.sleep(60)
