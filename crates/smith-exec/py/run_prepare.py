"""Runs a task's prepare(raw, public, private).

    run_prepare.py PREPARE RAW PUBLIC PRIVATE

Ends with 0 when it returned, with 1 after writing the traceback of what it raised to standard error. The variable
SMITH_PREPARE, which the task does not see, is JSON: how this machine shall seem to be, and the `report`, a path, that
gets the list of the files that were changed outside of the folders; `rewritten`, another path, that gets the list of
the files in RAW that hold something else than before.
"""

import contextlib
import errno
import gc
import importlib.util
import json
import os
import sys
from pathlib import Path

import other_world
import rewritten_files
import watched_writes
from own_frames import own_traceback

# Our own folder is no place for the task to import from.
sys.path.pop(0)


@contextlib.contextmanager
def uncollected():
    """Imports make much that stays and little garbage: looking for it takes a seventh of their time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def load_prepare(path):
    """Imports the file `path` and returns its function `prepare`."""
    spec = importlib.util.spec_from_file_location("prepare", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["prepare"] = module
    with uncollected():
        spec.loader.exec_module(module)
    function = getattr(module, "prepare", None)
    if not callable(function):
        raise AttributeError("prepare.py defines no function 'prepare(raw, public, private)'")
    return function


def let_be_removed(folder):
    """Makes removing `folder` do nothing once it is empty: many scripts remove raw in the end, and where the sandbox
    shows it as a mount of its own the kernel refuses."""
    remove = os.rmdir

    def rmdir(path, *, dir_fd=None):
        try:
            remove(path, dir_fd=dir_fd)
        except OSError as error:
            if error.errno != errno.EBUSY or os.path.abspath(os.fsdecode(path)) != os.path.abspath(folder):
                raise

    os.rmdir = rmdir


def main(path, folders):
    """Runs prepare; what it raises ends the program, and so does a premature exit."""
    let_be_removed(folders[0])
    how = json.loads(os.environ.pop("SMITH_PREPARE", "{}"))
    watch = watched_writes.Watch([*folders, os.getcwd()])
    contents = rewritten_files.Contents(folders[0]) if "rewritten" in how else None
    code = 0
    try:
        other_world.enter(how)
        watch.begin()
        load_prepare(path)(*map(Path, folders))
    except BaseException as error:
        print(own_traceback(error, path), file=sys.stderr)
        code = 1
    if "report" in how:
        watch.write(how["report"])
    if contents:
        contents.write(how["rewritten"])
    sys.exit(code)


main(sys.argv[1], sys.argv[2:])
