# expect: output_limit
# tries: complains without end, from several processes in sessions of their own
import os
import sys

for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        break
while True:
    sys.stderr.write("x" * 4096)
