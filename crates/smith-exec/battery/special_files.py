# expect: ok
# tries: devices, pipes and files with their owner's rights as output
import os
import stat

from held import broken, denied, held, refused

refused("a pipe", os.mkfifo, "submission.csv")
refused("a device", os.mknod, "memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1))
refused("a disk", os.mknod, "disk", 0o666 | stat.S_IFBLK, os.makedev(254, 0))
for bit in (stat.S_ISUID, stat.S_ISGID):
    with open("program", "w") as file:
        file.write("x")
        for attempt in (lambda: os.chmod("program", 0o755 | bit), lambda: os.fchmod(file.fileno(), 0o755 | bit)):
            try:
                attempt()
            except OSError:
                pass
    if os.stat("program").st_mode & bit:
        broken("chmod gave the owner's rights")
    os.unlink("program")
    try:
        os.close(os.open("program", os.O_CREAT | os.O_WRONLY, 0o755 | bit))
        if os.stat("program").st_mode & bit:
            broken("a file was made with its owner's rights")
        os.unlink("program")
    except OSError:
        pass
denied("openat2", -100, b"program", b"\0" * 24, 24)
held()
