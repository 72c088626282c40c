# expect: ok
# tries: becomes somebody else, by calls and by programs that run with their owner's rights
import os
import subprocess

from held import broken, held, refused

with open("/proc/self/status") as file:
    status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(status[name], 16):
        broken(f"{name} is {status[name]}")
if status["NoNewPrivs"].strip() != "1":
    broken("new privileges")
own = os.getuid()
refused("another user", os.setuid, own + 1)
refused("another group", os.setgid, os.getgid() + 1)
refused("other groups", os.setgroups, [0])
if own:
    refused("root", os.setresuid, 0, 0, 0)
for command in (["su", "-c", "id -u"], ["sudo", "-n", "id", "-u"], ["passwd", "-d", "root"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
    try:
        ended = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=5)
    except OSError:
        continue
    if ended.returncode == 0:
        # In a namespace `su` changes from its only user to the same.
        if own or command[0] != "su":
            broken(f"{command} gave {ended.stdout!r}")
held()
