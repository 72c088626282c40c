# expect: ok
# tries: a daemon in a session of its own that goes on writing after the program has ended
import os
import time

from held import held

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("heartbeat", "a") as file:
                file.write("x")
            time.sleep(0.001)
    os._exit(0)
time.sleep(0.2)
held()
