# expect: ok
# tries: sockets of the host that are files, by stream and by datagram, also from a pair of sockets
import socket

from held import FACTS, held, refused


def connects(path, kind):
    with socket.socket(socket.AF_UNIX, kind) as client:
        client.connect(path)


refused("stream", connects, FACTS["socket"], socket.SOCK_STREAM)
refused("datagram", connects, FACTS["socket_datagram"], socket.SOCK_DGRAM)
for path in ("/var/run/docker.sock", "/run/systemd/private", "/run/dbus/system_bus_socket", "/dev/log"):
    refused(path, connects, path, socket.SOCK_STREAM)
    refused(path, connects, path, socket.SOCK_DGRAM)
try:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
except OSError:
    held()
refused("by a pair", here.sendto, b"hello", FACTS["socket_datagram"])
refused("by a pair, connected anew", here.connect, FACTS["socket_datagram"])
held()
