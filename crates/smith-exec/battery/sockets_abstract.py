# expect: ok
# tries: sockets of the host without a file, by stream and by datagram
import socket

from held import FACTS, held, refused


def connects(name, kind):
    with socket.socket(socket.AF_UNIX, kind) as client:
        client.connect("\0" + name)


refused("stream", connects, FACTS["abstract"], socket.SOCK_STREAM)
refused("datagram", connects, FACTS["abstract_datagram"], socket.SOCK_DGRAM)
refused("X11", connects, "/tmp/.X11-unix/X0", socket.SOCK_STREAM)
here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
refused("by a pair", here.connect, "\0" + FACTS["abstract"])
try:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
except OSError:
    held()
refused("by a pair of datagrams", here.sendto, b"hello", "\0" + FACTS["abstract_datagram"])
held()
