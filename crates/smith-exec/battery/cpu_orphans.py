# expect: timeout_cpu
# cpu: 1
# wall: 20
# tries: a relay of orphans that compute, each of which starts the next and exits
import os
import time

if os.fork() == 0:
    while True:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        if os.fork() != 0:
            os._exit(0)
time.sleep(60)
