# expect: ok
# tries: traces, reads and takes descriptors of other processes
import ctypes
import os

from held import FACTS, denied, held, refused

for pid in {1, os.getppid(), FACTS["supervisor"]}:
    denied("ptrace", 16, pid, 0, 0)
    denied("process_vm_readv", pid, None, 0, None, 0, 0)
    denied("process_vm_writev", pid, None, 0, None, 0, 0)
    denied("kcmp", os.getpid(), pid, 0, 0, 0)
    denied("migrate_pages", pid, 0, None, None)
    denied("move_pages", pid, 0, None, None, None, 0)
denied("ptrace", 0, 0, 0, 0)
denied("pidfd_getfd", 0, 0, 0)
denied("process_madvise", 0, ctypes.c_void_p(), 0, 0, 0)
held()
