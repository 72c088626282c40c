# expect: timeout_cpu
# cpu: 1
# wall: 20
# tries: five processes that compute, each below the limit
import os

for _ in range(4):
    if os.fork() == 0:
        break
while True:
    pass
