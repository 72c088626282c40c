# expect: ok
# tries: a daemon that keeps the output open, so that its end never comes
import os
import time

from held import held

if os.fork() == 0:
    os.setsid()
    time.sleep(600)
held()
