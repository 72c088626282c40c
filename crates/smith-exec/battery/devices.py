# expect: ok
# tries: changes the devices of the machine that it is given, and opens those that it is not
import os
import stat

from held import broken, held, refused, writes

for name in ("null", "zero", "full", "random", "urandom"):
    path = "/dev/" + name
    before = os.stat(path)
    # The mode that it has already: harmless where it succeeds. Another one tells a refusal from a pretence.
    try:
        os.chmod(path, stat.S_IMODE(before.st_mode) | stat.S_ISVTX)
    except OSError:
        pass
    if os.stat(path).st_mode != before.st_mode:
        os.chmod(path, stat.S_IMODE(before.st_mode))
        broken(f"chmod {path}")
    refused(f"remove {path}", os.unlink, path)
for path in ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/fuse", "/dev/kvm"):
    refused(path, os.open, path, os.O_RDONLY)
for path in ("/dev/tty", "/dev/tty0", "/dev/console", "/dev/ptmx", "/dev/pts/0", "/dev/uinput", "/dev/net/tun"):
    refused(path, os.open, path, os.O_RDWR)
writes("/dev/null")
held()
