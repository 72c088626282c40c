# expect: ok
# tries: TCP to a listener of the harness, to the world, and as a server
import socket

from held import FACTS, held, refused


def connects(address, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(address)


def listens():
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()


refused("the harness", connects, ("127.0.0.1", FACTS["tcp"]))
refused("the world", connects, ("1.1.1.1", 80))
refused("the metadata of a cloud", connects, ("169.254.169.254", 80))
refused("IPv6", connects, ("::1", FACTS["tcp"]), socket.AF_INET6)
refused("a server", listens)
held()
