# expect: signal 9
# tries: kills itself; that is not mistaken for a limit
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
