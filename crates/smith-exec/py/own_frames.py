"""Tracebacks that show a task's own file only, so that they read the same on every machine."""

import traceback

MOST_LINES = 20


def own_traceback(error, path):
    """The last lines of the traceback of `error`, with the frames of the file `path` alone."""
    report = traceback.TracebackException.from_exception(error)
    _keep_frames_of(report, path)
    lines = "".join(report.format()).rstrip("\n").split("\n")
    lines = [line for line in lines if not _is_underline(line)]
    return "\n".join(lines[-MOST_LINES:])


def _is_underline(line):
    """Whether a line only points at a part of the line above, which each version of Python draws differently."""
    return line.startswith("    ") and line.strip() != "" and not line.strip(" ^~")


def _keep_frames_of(report, path):
    if report is None:
        return
    own = [frame for frame in report.stack if frame.filename == path]
    report.stack = traceback.StackSummary.from_list(own)
    _keep_frames_of(report.__cause__, path)
    _keep_frames_of(report.__context__, path)
    for part in getattr(report, "exceptions", None) or ():
        _keep_frames_of(part, path)
