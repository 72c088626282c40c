# expect: timeout_wall
# wall: 1
# tries: closes its output and waits
import os
import time

os.close(1)
os.close(2)
time.sleep(60)
