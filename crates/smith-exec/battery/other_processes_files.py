# expect: ok
# tries: reads memory, environment and descriptors of the first process, its parent and the supervisor
import os

from held import FACTS, broken, held, reads, refused

for pid in {1, os.getppid(), FACTS["supervisor"]} - {os.getpid()}:
    for name in ("environ", "mem", "maps", "smaps", "auxv", "stack", "pagemap", "syscall", "io", "clear_refs"):
        try:
            found = reads(f"/proc/{pid}/{name}")
        except OSError:
            continue
        if found:
            broken(f"/proc/{pid}/{name} reads {found!r}")
    refused(f"memory of {pid} for writing", os.open, f"/proc/{pid}/mem", os.O_RDWR)
    for name in ("fd", "fdinfo", "map_files", "ns"):
        try:
            inside = os.listdir(f"/proc/{pid}/{name}")
        except OSError:
            continue
        for entry in inside:
            refused(f"/proc/{pid}/{name}/{entry}", os.open, f"/proc/{pid}/{name}/{entry}", os.O_RDONLY)
    for name in ("exe", "cwd", "root"):
        refused(f"/proc/{pid}/{name}", os.readlink, f"/proc/{pid}/{name}")
held()
