# expect: ok
# tries: reads what belongs to the machine and its users
import os

from held import FACTS, held, reads, refused

for path in (
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/ssh/ssh_host_ed25519_key",
    "/root/.bashrc",
    "/root/.ssh/id_ed25519",
    "/var/log/dpkg.log",
    "/var/lib/dpkg/status",
    "/var/run/docker.sock",
    "/run/secrets/kubernetes.io/serviceaccount/token",
    "/sys/kernel/vmcoreinfo",
    "/boot/config",
):
    refused(path, reads, path)
# The engine of a container writes files for it, with nothing of the machine in them.
ETC = {"passwd", "group", "ld.so.cache", "localtime", "mime.types", "alternatives"}
if FACTS["tier"] == "container":
    ETC |= {"hosts", "hostname", "resolv.conf", "mtab"}
PLACES = ["/root", "/home", "/var", "/opt", "/srv", "/mnt", "/etc", "/boot"]
if FACTS["tier"] != "container":
    # Engines show the names of devices, and a file of their own.
    PLACES += ["/run", "/sys"]
for path in PLACES:
    try:
        names = os.listdir(path)
    except OSError:
        continue
    if path != "/etc" or set(names) - ETC:
        refused(path, lambda: names)
held()
