# expect: ok
# tries: crashes so that its memory is written to a file
import os

from held import broken, held

child = os.fork()
if child == 0:
    os.abort()
_, status = os.waitpid(child, 0)
if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != 6:
    broken(f"it ended by {status}")
if os.WCOREDUMP(status) or [name for name in os.listdir(".") if name.startswith("core")]:
    broken("there is a core file")
held()
