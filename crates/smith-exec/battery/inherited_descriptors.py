# expect: ok
# tries: uses descriptors that the supervisor left open
import os
import stat

from held import broken, held

for number in range(3, 4096):
    try:
        os.fstat(number)
    except OSError:
        continue
    broken(f"descriptor {number} is {os.readlink(f'/proc/self/fd/{number}')}")
if not stat.S_ISCHR(os.fstat(0).st_mode):
    broken("standard input is not /dev/null")
if not all(stat.S_ISFIFO(os.fstat(number).st_mode) for number in (1, 2)):
    broken("output is not a pipe")
held()
