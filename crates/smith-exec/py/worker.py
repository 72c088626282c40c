"""A Python that has imported what takes long and forks one child for each script that it is asked to run.

    worker.py SETUP

SETUP is JSON: the `modules` to import, names that are `wanted` (modules, or what is in them) if they are there, the
`tables` that scripts will read, and `programs`, scripts of our own to compile. Nothing of a task is run for it.

It talks over the socket that is its standard output. A request is one line of JSON, `{"argv": […], "cwd": …}`, and
carries two descriptors, the script's standard output and standard error. `cwd` is the script's home and temporary
directory too. The answer is `{"status": …}`, the wait status of the child, once everything that the script left behind
is gone: processes, and files in /tmp and /dev/shm, for this only runs in namespaces of its own. Scripts run one at a
time, and never in this process.
"""

import atexit
import builtins
import contextlib
import ctypes
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import traceback
import types

MOST_BYTES = 1 << 16

# Landlock's system calls, whose numbers are the same on every architecture, and what is asked of it: to keep signals
# inside, and nothing of files. Moving files between directories must be granted by every set of rules, though.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
REFER, SIGNALS, PATH_BENEATH = 1 << 13, 1 << 1, 1

# Where everybody may write, on every system. Here nobody else does.
SCRATCH = ("/tmp", "/dev/shm")


def channel():
    """The socket, and standard output out of its way."""
    connection = socket.socket(fileno=os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return connection


def say(connection, words):
    connection.sendall(json.dumps(words).encode() + b"\n")


def request(connection):
    """The next request and its descriptors; nothing when the other side is gone."""
    text, descriptors = b"", []
    while not text.endswith(b"\n"):
        part, came, _, _ = socket.recv_fds(connection, MOST_BYTES, 2)
        descriptors += came
        if not part:
            return None, []
        text += part
    return json.loads(text), descriptors


def exit_code(reason):
    """The exit code of a SystemExit, as the interpreter makes it."""
    if reason is None:
        return 0
    if isinstance(reason, int):
        return reason & 0xFF
    print(reason, file=sys.stderr)
    return 1


def show(error):
    """The traceback of `error` without the frames of this file."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames)


def import_for(name):
    """Imports a module, or the one that a name stands in; nothing when it is not there."""
    while name:
        try:
            importlib.import_module(name)
            return
        except ImportError:
            name = name.rpartition(".")[0]


def prepare(setup):
    """Imports and reads what every script would; gives the compiled programs."""
    for name in setup["modules"]:
        importlib.import_module(name)
    for name in setup.get("wanted", []):
        import_for(name)
    if setup["tables"]:
        importlib.import_module("metric_calls")
        own_tables = importlib.import_module("own_tables")
        for path in setup["tables"]:
            own_tables.read_ahead(path)
    return {path: program(path) for path in setup["programs"]}


def program(path):
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec")


def run(argv, programs):
    """Runs the script `argv[0]` as the main program and gives its exit code."""
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(argv[0]))
    main = types.ModuleType("__main__")
    main.__file__, main.__builtins__ = argv[0], builtins
    sys.modules["__main__"] = main
    try:
        exec(programs.get(argv[0]) or program(argv[0]), main.__dict__)
    except SystemExit as end:
        return exit_code(end.code)
    except BaseException as error:
        show(error)
        return 1
    return 0


def settle(directory):
    """Makes a directory the place for everything that this process writes."""
    os.chdir(directory)
    for name in ("HOME", "TMPDIR", "MPLCONFIGDIR"):
        os.environ[name] = directory
    tempfile.tempdir = None


def stand_apart():
    """Puts this process into a Landlock domain below its parent's, out of which it can neither look into the worker nor
    change or end it. Older kernels keep signals in no domain, and some have none at all."""
    call = ctypes.CDLL(None).syscall
    rules = -1
    for attributes in (struct.pack("QQQ", REFER, 0, SIGNALS), struct.pack("Q", REFER)):
        if rules < 0:
            rules = call(CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return
    root = os.open("/", os.O_PATH)
    call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", REFER, root), 0)
    call(RESTRICT_SELF, rules, 0)
    os.close(root)
    os.close(rules)


def child(connection, asked, programs, output, errors):
    """Becomes the script. What an interpreter does at its end is done, but for freeing memory."""
    connection.close()
    stand_apart()
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    settle(asked["cwd"])
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        # A fork has its parent's state; a new process would have drawn one of its own.
        numpy.random.seed()
    code = run(asked["argv"], programs)
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def contents(directory):
    try:
        return set(os.listdir(directory))
    except OSError:
        return set()


def clear(directory, kept):
    """Deletes what a script left in a directory, and says whether all of it is gone."""
    for name in contents(directory) - kept:
        path = os.path.join(directory, name)
        if os.path.isdir(path) and not os.path.islink(path):
            open_up(path)
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)
    return contents(directory) <= kept


def open_up(path):
    """Gives the rights on every directory below `path` back to its owner."""
    with contextlib.suppress(OSError):
        os.chmod(path, 0o700)
        for folder, names, _ in os.walk(path):
            for name in names:
                inner = os.path.join(folder, name)
                if not os.path.islink(inner):
                    os.chmod(inner, 0o700)


def main():
    connection = channel()
    # Imports make much that stays and little garbage.
    gc.disable()
    programs = prepare(json.loads(sys.argv[1]))
    # Our own folder is no place for scripts to import from.
    sys.path.pop(0)
    # What is here now stays: a child that collects garbage need not touch it, which would copy it.
    gc.collect()
    gc.freeze()
    gc.enable()
    kept = {directory: contents(directory) for directory in SCRATCH}
    say(connection, {"threads": len(os.listdir("/proc/self/task"))})
    while True:
        asked, descriptors = request(connection)
        if asked is None:
            return
        forked = os.fork()
        if forked == 0:
            child(connection, asked, programs, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(forked, 0)
        try:
            # Everything in these namespaces but their first process and this one.
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        cleared = [clear(directory, kept[directory]) for directory in SCRATCH]
        say(connection, {"status": status})
        if not all(cleared):
            # The next script would find what this one left; another worker has places of its own.
            return


if __name__ == "__main__":
    main()
