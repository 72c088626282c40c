# expect: process_limit or ok
# processes: 64
# alone: yes
# tries: starts threads with small stacks without end
import threading
import time

from held import held

threading.stack_size(64 << 10)
for _ in range(3000):
    try:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError:
        held()
time.sleep(60)
