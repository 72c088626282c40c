# expect: ok
# alone: yes
# tries: signals to its parent, the supervisor and everything else
import os
import signal

from held import FACTS, broken, call, held, others, refused

# First without a signal, so that nothing is lost where the sandbox does not hold.
foreign = {FACTS["supervisor"], *others()} - {os.getpid()}
for pid in foreign - {1}:
    refused(f"{pid}", os.kill, pid, 0)
try:
    for group in {os.getpgid(pid) for pid in foreign - {1} if os.path.exists(f"/proc/{pid}")} - {0, os.getpgrp()}:
        refused(f"group {group}", os.killpg, group, 0)
except ProcessLookupError:
    pass
try:
    descriptor = call("pidfd_open", FACTS["supervisor"], 0)
    refused("by a descriptor", call, "pidfd_send_signal", descriptor, 0, None, 0)
except ProcessLookupError:
    pass
for pid in foreign:
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGUSR1):
        # The first process of a namespace takes no such signal from inside; it says nothing.
        try:
            os.kill(pid, number)
        except OSError:
            continue
        if pid != 1:
            broken(f"signal to {pid}")
child = os.fork()
if child == 0:
    signal.pause()
try:
    os.kill(-1, signal.SIGKILL)
except OSError as error:
    broken(f"not even its own child: {error}")
os.waitpid(child, 0)
held()
