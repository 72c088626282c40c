# expect: timeout_wall
# wall: 1
# tries: ignores every signal that can be ignored, in children too
import os
import signal
import time

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
os.fork()
os.fork()
time.sleep(60)
