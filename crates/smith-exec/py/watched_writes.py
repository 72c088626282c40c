"""Notes which files outside of some folders a script changes, or tries to."""

import json
import os
import sys

# Where every program writes.
ALWAYS = ("/dev/null", "/dev/shm", "/dev/tty", "/proc/self", "/dev/fd", "/dev/stdout", "/dev/stderr")
MOST = 20
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Events whose first arguments are paths that change.
CHANGES = {"os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.truncate": 1}


class Watch:
    """What happened outside of the folders."""

    def __init__(self, folders):
        self.folders = [os.path.abspath(folder) for folder in folders]
        self.strayed = []

    def begin(self):
        sys.addaudithook(self.see)

    def see(self, event, arguments):
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & WRITING:
                self.note(path)
        elif event in CHANGES:
            # What is relative to an open directory, as when a tree is deleted, comes after that tree's own name.
            if not (event != "os.truncate" and isinstance(arguments[-1], int) and arguments[-1] >= 0):
                for path in arguments[: CHANGES[event]]:
                    self.note(path)

    def note(self, path):
        if not isinstance(path, (str, bytes)) or len(self.strayed) >= MOST:
            return
        path = os.path.abspath(os.fsdecode(path))
        inside = any(path == folder or path.startswith(folder + os.sep) for folder in (*self.folders, *ALWAYS))
        if not inside and path not in self.strayed:
            self.strayed.append(path)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump([name.encode("utf-8", "replace").decode() for name in self.strayed], file)
