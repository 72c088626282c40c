# expect: oom
# memory_mb: 256
# wall: 20
# tries: keeps data in the buffers of sockets, which no process shows

import socket
import time

from held import broken

kept, waiting = [], 0
while len(kept) < 1800:
    pair = socket.socketpair()
    pair[0].setblocking(False)
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    kept.append(pair)
    try:
        while True:
            waiting += pair[0].send(b"x" * 65536)
    except BlockingIOError:
        pass
time.sleep(3)
broken(f"{waiting >> 20} MiB wait in sockets")
