# expect: ok
# tries: the system calls of another ABI, which have numbers of their own
import errno
import os
import platform

from held import broken, held, raw, refused

if platform.machine() != "x86_64":
    held()
X32 = 0x40000000
# Some under the usual number, and those whose number is another: ioctl, ptrace, process_vm_readv, execveat.
for number in (39, 101, 165, 272, 425, 514, 521, 539, 545):
    code = refused(f"x32 call {number}", raw, X32 | number, 0, 0, 0, 0, 0, 0)
    if code not in (errno.EPERM, errno.ENOSYS):
        broken(f"x32 call {number}: {os.strerror(code)}")
held()
