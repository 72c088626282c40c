"""A machine that differs from this one in what honest preparation does not depend on."""

import os


class Reversed:
    """The entries of a directory in the opposite order; stands in for what os.scandir returns."""

    def __init__(self, entries):
        with entries:
            self.entries = iter(list(entries)[::-1])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.entries = iter(())


def enter(how):
    """Makes this process see what `how` says: another order of directories, one processor, another umask."""
    if how.get("reverse"):
        listdir, scandir = os.listdir, os.scandir
        os.listdir = lambda *given: listdir(*given)[::-1]
        os.scandir = lambda *given: Reversed(scandir(*given))
    if how.get("one_processor"):
        one_processor()
    if "umask" in how:
        os.umask(how["umask"])


def one_processor():
    """One processor instead of several, and two instead of one."""
    pretended = 2 if os.cpu_count() == 1 else 1
    os.cpu_count = lambda: pretended
    if hasattr(os, "process_cpu_count"):
        os.process_cpu_count = os.cpu_count
    if pretended == 1 and hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[os.getpid() % len(allowed)]})
