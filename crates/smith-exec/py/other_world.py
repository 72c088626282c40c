"""A machine that differs from this one in what honest preparation does not depend on."""

import os


class Ordered:
    """The entries of a directory in the order of their names or the opposite one; stands in for what os.scandir returns."""

    def __init__(self, entries, reverse):
        with entries:
            self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=reverse))

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
    """Makes this process see what `how` says: one processor, another umask, and directories in the opposite order. Otherwise
    they are in order, so that the two orders always differ, whatever the file system."""
    listdir, scandir, reverse = os.listdir, os.scandir, bool(how.get("reverse"))
    os.listdir = lambda *given: sorted(listdir(*given), reverse=reverse)
    os.scandir = lambda *given: Ordered(scandir(*given), reverse)
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
