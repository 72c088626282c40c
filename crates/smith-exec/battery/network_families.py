# expect: ok
# tries: sockets of every other family, and further protocols of the internet's
import socket

from held import held, refused

for family in range(2, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        refused(f"family {family}, type {kind}", socket.socket, family, kind)
for protocol in (262, 132, 33, 136, 255, 1):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        refused(f"protocol {protocol}", socket.socket, socket.AF_INET, kind, protocol)
held()
