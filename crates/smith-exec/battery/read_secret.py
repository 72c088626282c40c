# expect: ok
# tries: reads a secret beside the work folder by every way to it
import os

from held import FACTS, broken, held, others, reads, refused

secret = FACTS["secret"]
refused("by its path", reads, secret)
refused("from here", reads, os.path.relpath(secret))
os.symlink(secret, "link")
refused("by a link", reads, "link")
refused("as a copy", os.link, secret, "copy")
refused("moved here", os.rename, secret, "moved")
for pid in ["self", "thread-self", *others()]:
    for way in ("root", "cwd"):
        refused(f"through /proc/{pid}/{way}", reads, f"/proc/{pid}/{way}{secret}")
outside = os.path.dirname(secret)
try:
    if os.path.basename(secret) in os.listdir(outside):
        broken("its folder shows it")
except OSError:
    pass
try:
    folder = os.open(outside, os.O_PATH)
except OSError:
    held()
refused("from its folder", lambda: os.open(os.path.basename(secret), os.O_RDONLY, dir_fd=folder))
held()
