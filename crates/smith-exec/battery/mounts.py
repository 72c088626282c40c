# expect: ok
# tries: mounts and roots, by the old calls and the new
from held import denied, held

denied("mount", b"none", b"/tmp", b"tmpfs", 0, None)
denied("mount", None, b"/", None, 32, None)
denied("umount2", b"/proc", 2)
denied("pivot_root", b".", b".")
denied("chroot", b".")
denied("open_tree", -100, b"/", 1)
denied("move_mount", 0, b"", -100, b"/", 4)
denied("fsopen", b"tmpfs", 0)
denied("fsconfig", 0, 0, None, None, 0)
denied("fsmount", 0, 0, 0)
denied("fspick", -100, b"/", 0)
denied("mount_setattr", -100, b"/", 0, b"\0" * 32, 32)
held()
