# expect: timeout_wall
# wall: 1
# tries: stops itself and a child
import os
import signal

os.fork()
os.kill(os.getpid(), signal.SIGSTOP)
