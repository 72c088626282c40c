"""Notes which files of a folder a script leaves behind with another content than it found."""

import json
import os
import zlib

# Files that are looked at, and bytes of the beginning and of the end of each.
MOST_FILES = 20_000
LOOKED_AT = 4096
MOST = 20


class Contents:
    """The files of a folder as they were."""

    def __init__(self, folder):
        self.folder = folder
        self.before = {path: print_of(path) for path in files(folder)}

    def rewritten(self):
        """Files that are still there and hold something else. Those that were deleted or added do not count."""
        for path, before in self.before.items():
            after = print_of(path)
            if before is not None and after is not None and after != before:
                yield os.path.relpath(path, self.folder)

    def write(self, path):
        names = sorted(self.rewritten())[:MOST]
        with open(path, "w", encoding="utf-8") as file:
            json.dump([name.encode("utf-8", "replace").decode() for name in names], file)


def files(folder):
    """The paths of at most so many files."""
    count = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            if count >= MOST_FILES:
                return
            count += 1
            yield os.path.join(directory, name)


def print_of(path):
    """The length of a file, and a sum over its beginning and its end; None for what cannot be read."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            sum_of = zlib.crc32(file.read(LOOKED_AT))
            file.seek(max(size - LOOKED_AT, 0))
            return size, zlib.crc32(file.read(LOOKED_AT), sum_of)
    except OSError:
        return None
