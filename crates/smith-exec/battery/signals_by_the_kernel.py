# expect: ok
# tries: has the kernel send the signal: on input that becomes ready, it goes to the owner that was named
import fcntl
import os
import signal

from held import FACTS, held

for pid in {FACTS["supervisor"], os.getppid()}:
    reader, writer = os.pipe()
    try:
        fcntl.fcntl(reader, 10, signal.SIGUSR1)  # F_SETSIG
        fcntl.fcntl(reader, fcntl.F_SETOWN, pid)
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    except OSError:
        continue
    os.write(writer, b"x")
held()
