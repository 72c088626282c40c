"""Validates and scores submissions with a task's metric.py.

    run_score.py RESULT METRIC ANSWERS SUBMISSION… [--answers ANSWERS SUBMISSION…]…

Submissions are compared with the answers named last before them. Writes one JSON object to RESULT. What the metric
prints does not matter.
"""

import json
import os
import sys
import time

import metric_calls as calls
from own_frames import own_traceback

# Our own folder is no place for the metric to import from.
sys.path.pop(0)

RESULT, METRIC, *PAIRED = sys.argv[1:]


def tables(answers_path, submission_path):
    """Both tables, which nobody has had before: the validator may change those that it was given."""
    answers = calls.read_answers(answers_path)
    return calls.read_submission(submission_path, answers), answers


def score_of(metric, answers_path, submission_path):
    """Scores one submission with tables of its own."""
    score = calls.no_score()
    started = time.perf_counter()
    try:
        calls.validate(score, metric, METRIC, *tables(answers_path, submission_path))
        if score["valid"]:
            calls.evaluate(score, metric, METRIC, *tables(answers_path, submission_path))
    except calls.Unreadable as error:
        score["error"] = calls.unreadable(error)
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
        found = calls.metric_class(METRIC)
        result["class_name"] = found.__name__
        result["higher_is_better"] = calls.direction_of(found())
        for answers_path, submission in pairs(paired):
            result["scores"].append(score_of(found(), answers_path, submission))
    except BaseException as error:
        result["metric_error"] = calls.presentable(own_traceback(error, METRIC))
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
