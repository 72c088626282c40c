# expect: ok
# tries: UDP to the harness, and name resolution
import socket

from held import FACTS, held, refused


def sends(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"hello", address)


refused("the harness", sends, ("127.0.0.1", FACTS["udp"]))
refused("a name server", sends, ("8.8.8.8", 53))
refused("everybody", sends, ("255.255.255.255", 9))
refused("a name", socket.getaddrinfo, "example.com", 80)
held()
