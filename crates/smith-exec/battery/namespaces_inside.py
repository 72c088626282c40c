# expect: ok
# tries: namespaces of its own, in which it would be root again
import os

from held import broken, denied, held

for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000, 0x80):
    denied("unshare", flag)
    denied("setns", 0, flag)
    denied("clone", flag | 17, 0, 0, 0, 0)
denied("clone3", b"\0" * 88, 88)
status = os.system("unshare --user --map-root-user true 2>/dev/null")
if status == 0:
    broken("a user namespace was made")
held()
