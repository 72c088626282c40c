# expect: ok
# tries: shared memory, semaphores and queues of System V and POSIX that outlive the program
import errno
import os

from held import FACTS, denied, held

for name in ("shmget", "semget", "msgget"):
    denied(name, 0, 1, 0o1666)
denied("mq_open", FACTS["nonce"].encode(), 0o102, 0o666, None)
# In a tier with a root of its own this file goes with the root; the harness looks.
try:
    os.close(os.open(f"/dev/shm/{FACTS['nonce']}", os.O_CREAT | os.O_RDWR))
except OSError as error:
    assert error.errno in (errno.EACCES, errno.ENOENT)
held()
