# expect: ok
# tries: leaves children without environment, in other sessions and groups, and ends at once
import os

from held import held

for number in range(20):
    if os.fork() == 0:
        if number % 2:
            os.setsid()
        else:
            os.setpgid(0, 0)
        os.execve("/bin/sleep", ["kworker/0:1"[:11], "600"], {})
held()
