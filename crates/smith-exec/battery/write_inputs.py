# expect: ok
# tries: changes what it may only read
import os

from held import FACTS, held, refused

data = FACTS["inputs"] + "/data.csv"
with open(data) as file:
    assert file.read() == "id,x\n1,2\n"
refused("write", os.open, data, os.O_WRONLY)
refused("cut", os.truncate, data, 0)
refused("open and cut", os.open, data, os.O_RDONLY | os.O_TRUNC)
refused("remove", os.unlink, data)
refused("rename", os.rename, data, data + ".old")
refused("add", os.open, FACTS["inputs"] + "/new", os.O_CREAT | os.O_WRONLY)
refused("link", os.link, data, "submission.csv")
descriptor = os.open(data, os.O_RDONLY)
refused("by its descriptor", os.open, f"/proc/self/fd/{descriptor}", os.O_RDWR)
for attempt in (
    lambda: os.chmod(data, 0o666),
    lambda: os.fchmod(descriptor, 0o666),
    lambda: os.utime(data, (1, 1)),
    lambda: os.utime(descriptor, (1, 1)),
    lambda: os.setxattr(data, "user.mark", b"x"),
    lambda: os.setxattr(descriptor, "user.mark", b"x"),
):
    try:
        attempt()
    except OSError:
        pass
held()
