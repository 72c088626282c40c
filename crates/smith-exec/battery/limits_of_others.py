# expect: ok
# tries: sets limits, priority and processors of other processes: no limit of processor time kills more quietly
import ctypes
import os

from held import FACTS, call, held, refused

old = ctypes.create_string_buffer(64)
for pid in {os.getppid(), FACTS["supervisor"]} - {0, os.getpid()}:
    # Reads only: whoever may read them may set them.
    refused(f"limits of {pid}", call, "prlimit64", pid, 0, None, old)
    refused(f"nice of {pid}", os.setpriority, os.PRIO_PROCESS, pid, 0)
    refused(f"scheduling of {pid}", os.sched_setscheduler, pid, os.SCHED_OTHER, os.sched_param(0))
    refused(f"processors of {pid}", os.sched_setaffinity, pid, os.sched_getaffinity(0))
    refused(f"input and output of {pid}", call, "ioprio_set", 1, pid, 0)
# Of every process of its user; in a namespace those are its own.
if FACTS["tier"] != "namespaces":
    same = os.getpriority(os.PRIO_USER, 0)
    refused("nice of its user", os.setpriority, os.PRIO_USER, 0, same)
held()
