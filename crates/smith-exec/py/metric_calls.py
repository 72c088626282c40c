"""Finding a task's metric in its metric.py, and calling it in ways that neither believe nor excuse it."""

import contextlib
import importlib.util
import inspect
import math
import numbers
import os
import sys

import own_tables
from mledojo.metrics.base import CompetitionMetrics
from own_frames import own_traceback

MOST_CHARACTERS = 2000


def metric_class(path):
    """The class derived from CompetitionMetrics that `path` defines; of several the first by name."""
    spec = importlib.util.spec_from_file_location("metric", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["metric"] = module
    spec.loader.exec_module(module)
    classes = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, CompetitionMetrics) and value.__module__ == "metric"
    ]
    if not classes:
        raise TypeError("metric.py defines no class derived from CompetitionMetrics")
    return min(classes, key=lambda found: found.__name__)


def direction_of(metric):
    """What the instance says of its direction, if that is a bool."""
    direction = getattr(metric, "higher_is_better", None)
    return direction if isinstance(direction, bool) else None


class Unreadable(Exception):
    """A table that pandas cannot read; its cause says why."""


@contextlib.contextmanager
def naming(path):
    """Says which table it is that cannot be read."""
    try:
        yield
    except Exception as error:
        raise Unreadable(os.path.basename(path)) from error


def read_answers(path):
    """The answers, in a table that nobody has had before."""
    with naming(path):
        return own_tables.read(path)


def read_submission(path, answers):
    """A submission to these answers."""
    with naming(path):
        return own_tables.read_like(path, answers)


def verdict_of(returned):
    """The verdict in what validate_submission returned, if there is one."""
    first = returned[0] if isinstance(returned, tuple) and returned else returned
    return first if isinstance(first, bool) else None


def type_name(value):
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def presentable(text):
    """`text` without lone surrogates, which JSON readers refuse, and not too long."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"


def failure(kind, message, phase, trace=""):
    return {"kind": kind, "message": presentable(message), "phase": phase, "traceback": presentable(trace)}


def words_of(error):
    """The message of an exception, which may fail to give one."""
    try:
        return str(error)
    except Exception:
        return ""


def raised(error, phase, path):
    """What the metric in `path` raised."""
    return failure(type(error).__name__, words_of(error), phase, own_traceback(error, path))


def unreadable(error):
    """What kept a table from being read."""
    cause = error.__cause__
    return failure(type(cause).__name__, f"{error}: {words_of(cause)}", "read")


def number_failure(value):
    """What is wrong with the value that evaluate returned, if anything."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return failure("NotANumber", f"evaluate returned {type_name(value)}, not a number", "evaluate")
    if not math.isfinite(value):
        return failure("NonFiniteScore", f"evaluate returned {float(value)!r}", "evaluate")
    return None


def no_score():
    return {"valid": False, "score": None, "error": None, "python_type": None, "validator_returned": None}


def validate(score, metric, path, submission, answers):
    """Only an exception rejects; a verdict that was returned is merely noted."""
    try:
        returned = metric.validate_submission(submission, answers)
    except BaseException as error:
        score["error"] = raised(error, "validate", path)
    else:
        score["valid"] = True
        score["validator_returned"] = verdict_of(returned)


def evaluate(score, metric, path, submission, answers):
    """The score, or why there is none."""
    try:
        value = metric.evaluate(answers, submission)
        score["python_type"] = type_name(value)
        score["error"] = number_failure(value)
        if score["error"] is None:
            # The shortest text that reads back as the same number.
            score["score"] = repr(float(value))
    except BaseException as error:
        score["error"] = raised(error, "evaluate", path)
