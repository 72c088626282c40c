# expect: process_limit or ok
# processes: 64
# alone: yes
# tries: forks without end, in every child too
import os

from held import held

children = 0
while True:
    try:
        if os.fork() == 0:
            children = 0
        else:
            children += 1
    except OSError:
        if children > 1000:
            held()
        children += 1
