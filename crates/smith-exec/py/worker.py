"""A Python that has imported what takes long and forks one child for each script that it is asked to run.

    worker.py MODULE…

It talks over the socket that is its standard output. A request is one line of JSON, `{"argv": […], "cwd": …}`, and
carries two descriptors, the script's standard output and standard error. The answer is `{"status": …}`, the wait
status of the child, once everything that the script left behind is gone. Scripts run one at a time, and never in this
process.
"""

import atexit
import builtins
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
import types

MOST_BYTES = 1 << 16


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


def run(argv):
    """Runs the script `argv[0]` as the main program and gives its exit code."""
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(argv[0]))
    main = types.ModuleType("__main__")
    main.__file__, main.__builtins__ = argv[0], builtins
    sys.modules["__main__"] = main
    try:
        with open(argv[0], "rb") as file:
            program = compile(file.read(), argv[0], "exec")
        exec(program, main.__dict__)
    except SystemExit as end:
        return exit_code(end.code)
    except BaseException as error:
        show(error)
        return 1
    return 0


def child(connection, asked, output, errors):
    """Becomes the script. What an interpreter does at its end is done, but for freeing memory."""
    connection.close()
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    os.chdir(asked["cwd"])
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        # A fork has its parent's state; a new process would have drawn one of its own.
        numpy.random.seed()
    code = run(asked["argv"])
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def main():
    connection = channel()
    for name in sys.argv[1:]:
        importlib.import_module(name)
    say(connection, {"threads": len(os.listdir("/proc/self/task"))})
    while True:
        asked, descriptors = request(connection)
        if asked is None:
            return
        forked = os.fork()
        if forked == 0:
            child(connection, asked, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(forked, 0)
        try:
            # Everything in these namespaces but their first process and this one.
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        say(connection, {"status": status})


# Our own folder is no place for scripts to import from.
sys.path.pop(0)
main()
