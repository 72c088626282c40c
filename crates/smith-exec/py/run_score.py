"""Validates and scores submissions with a task's metric.py.

    run_score.py RESULT METRIC ANSWERS SUBMISSION… [--answers ANSWERS SUBMISSION…]…

Submissions are compared with the answers named last before them. Writes one JSON object to RESULT. What the metric
prints does not matter.
"""

import contextlib
import importlib.util
import inspect
import json
import math
import numbers
import os
import sys
import time

import own_tables
from own_frames import own_traceback

# Our own folder is no place for the metric to import from.
sys.path.pop(0)

from mledojo.metrics.base import CompetitionMetrics  # noqa: E402

MOST_CHARACTERS = 2000
RESULT, METRIC, *PAIRED = sys.argv[1:]


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


class Unreadable(Exception):
    """A table that pandas cannot read; its cause says why."""


@contextlib.contextmanager
def naming(path):
    """Says which table it is that cannot be read."""
    try:
        yield
    except Exception as error:
        raise Unreadable(os.path.basename(path)) from error


def tables(answers_path, submission_path):
    """Both tables, which nobody has had before."""
    with naming(answers_path):
        answers = own_tables.read(answers_path)
    with naming(submission_path):
        return own_tables.read_like(submission_path, answers), answers


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


def raised(error, phase):
    """What the metric raised."""
    return failure(type(error).__name__, str(error), phase, own_traceback(error, METRIC))


def number_failure(value):
    """What is wrong with the value that evaluate returned, if anything."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return failure("NotANumber", f"evaluate returned {type_name(value)}, not a number", "evaluate")
    if not math.isfinite(value):
        return failure("NonFiniteScore", f"evaluate returned {float(value)!r}", "evaluate")
    return None


def validate(score, metric, answers_path, submission_path):
    """Only an exception rejects; a verdict that was returned is merely noted."""
    submission, answers = tables(answers_path, submission_path)
    try:
        returned = metric.validate_submission(submission, answers)
    except BaseException as error:
        score["error"] = raised(error, "validate")
    else:
        score["valid"] = True
        score["validator_returned"] = verdict_of(returned)


def evaluate(score, metric, answers_path, submission_path):
    """Reads the tables anew, because the validator may have changed its own."""
    submission, answers = tables(answers_path, submission_path)
    try:
        value = metric.evaluate(answers, submission)
        score["python_type"] = type_name(value)
        score["error"] = number_failure(value)
        if score["error"] is None:
            # The shortest text that reads back as the same number.
            score["score"] = repr(float(value))
    except BaseException as error:
        score["error"] = raised(error, "evaluate")


def score_of(metric, answers_path, submission_path):
    """Scores one submission with tables of its own."""
    score = {"valid": False, "score": None, "error": None, "python_type": None, "validator_returned": None}
    started = time.perf_counter()
    try:
        validate(score, metric, answers_path, submission_path)
        if score["valid"]:
            evaluate(score, metric, answers_path, submission_path)
    except Unreadable as error:
        cause = error.__cause__
        score["error"] = failure(type(cause).__name__, f"{error}: {cause}", "read")
    score["seconds"] = time.perf_counter() - started
    return score


def pairs(paired):
    """Every submission with the answers that it is compared with."""
    answers, *rest = paired
    rest = iter(rest)
    for path in rest:
        if path == "--answers":
            answers = next(rest)
        else:
            yield answers, path


def scoring_of(paired):
    """The whole result. Every submission gets a fresh instance, so that none can influence the next."""
    result = {"metric_error": None, "class_name": None, "higher_is_better": None, "scores": []}
    try:
        found = metric_class(METRIC)
        result["class_name"] = found.__name__
        direction = getattr(found(), "higher_is_better", None)
        result["higher_is_better"] = direction if isinstance(direction, bool) else None
        for answers_path, submission in pairs(paired):
            result["scores"].append(score_of(found(), answers_path, submission))
    except BaseException as error:
        result["metric_error"] = presentable(own_traceback(error, METRIC))
        result["scores"] = []
    return result


def main():
    """Writes the result under another name first, so that a half-written one is never read."""
    with open(RESULT + ".part", "w", encoding="utf-8") as file:
        json.dump(scoring_of(PAIRED), file, allow_nan=False)
    os.replace(RESULT + ".part", RESULT)


# A metric may start processes that import this file again.
if __name__ == "__main__":
    main()
