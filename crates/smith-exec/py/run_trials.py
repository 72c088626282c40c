"""Tries many submissions on a task's metric.py, good ones and hostile ones, and loses none to another.

    run_trials.py RESULT PLAN METRIC

PLAN is JSON: `trials`, each an object with the path of a `submission`, that of the `answers` and `closely`, whether to
look at more than the score; `seconds` for each trial; and `budget`, seconds for all of them.

RESULT gets one JSON object a line: first what is known of the metric, then one for each trial, in order, as soon as it
is known. Trials run in a child, one after the other. One that takes too long or ends the child costs only itself: the
next ones run in a new child. What the metric prints goes nowhere, but its first characters are noted.
"""

import io
import json
import os
import select
import signal
import sys
import time

RESULT, PLAN, METRIC = sys.argv[1:]

# Tables of answers that a child keeps.
KEPT_ANSWERS = 4
# What a metric printed is looked at up to here.
MOST_PRINTED = 20_000
# After so many lost children nothing more is tried.
MOST_LOST = 6
# Loading the metric and all that it imports may take this many times the time of a trial.
LOADING = 6


class Noted(io.StringIO):
    """Standard output of a metric: counts everything and keeps the beginning."""

    def __init__(self):
        super().__init__()
        self.characters = 0

    def write(self, text):
        text = str(text)
        if self.characters < MOST_PRINTED:
            super().write(text[: MOST_PRINTED - self.characters])
        self.characters += len(text)
        return len(text)


class Trials:
    """The child's side."""

    def __init__(self, out):
        self.out = out
        self.answers = {}
        self.calls = None
        self.found = None
        self.used = None

    def say(self, words):
        self.out.write(json.dumps(words, allow_nan=False) + "\n")
        self.out.flush()

    def load(self):
        """Imports the metric. Says what is known of it, and whether it can be used."""
        known = {"metric_error": None, "class_name": None, "higher_is_better": None}
        try:
            import metric_calls

            self.calls = metric_calls
            # Our own folder is no place for the metric to import from.
            sys.path.pop(0)
            self.found = metric_calls.metric_class(METRIC)
            known["class_name"] = self.found.__name__
            known["higher_is_better"] = metric_calls.direction_of(self.found())
        except BaseException as error:
            from own_frames import own_traceback

            trace = own_traceback(error, METRIC)
            known["metric_error"] = self.calls.presentable(trace) if self.calls else trace
        self.say(known)
        return known["metric_error"] is None

    def answers_at(self, path):
        """Answers, read once; who gets them copies them."""
        if path not in self.answers:
            if len(self.answers) >= KEPT_ANSWERS:
                self.answers.pop(next(iter(self.answers)))
            self.answers[path] = self.calls.read_answers(path)
        return self.answers[path]

    def score(self, trial):
        """The score of one submission: a fresh instance, and tables that nobody has had before."""
        calls, score = self.calls, self.calls.no_score()
        score["again"], score["shared"] = None, None
        started = time.perf_counter()
        try:
            answers = self.answers_at(trial["answers"])
            submission = calls.read_submission(trial["submission"], answers)
            metric = self.found()
            calls.validate(score, metric, METRIC, submission.copy(), answers.copy())
            if score["valid"]:
                calls.evaluate(score, metric, METRIC, submission.copy(), answers.copy())
            score["seconds"] = time.perf_counter() - started
            if trial["closely"] and score["score"] is not None:
                self.look_closely(score, metric, submission, answers)
        except calls.Unreadable as error:
            score["error"] = calls.unreadable(error)
        except BaseException as error:
            score["error"] = calls.raised(error, "evaluate", METRIC)
        score.setdefault("seconds", time.perf_counter() - started)
        return score

    def look_closely(self, score, metric, submission, answers):
        """Scores once more with the same instance, with one that has scored other submissions, and as harnesses do that
        validate and score the same two tables."""
        again, shared = self.calls.no_score(), self.calls.no_score()
        self.calls.evaluate(again, metric, METRIC, submission.copy(), answers.copy())
        if self.used is None:
            self.used = self.found()
        if again["score"] == score["score"]:
            again = self.calls.no_score()
            self.calls.evaluate(again, self.used, METRIC, submission.copy(), answers.copy())
        score["again"] = again["score"] or "none"
        given, truth, other = submission.copy(), answers.copy(), self.found()
        self.calls.validate(shared, other, METRIC, given, truth)
        if shared["valid"]:
            self.calls.evaluate(shared, other, METRIC, given, truth)
        score["shared"] = shared["score"] or "none"

    def run(self, trials):
        if not self.load():
            return
        for trial in trials:
            noted = Noted()
            sys.stdout = noted
            score = self.score(trial)
            sys.stdout = sys.__stdout__
            score["printed"] = self.calls.presentable(noted.getvalue())
            self.say(score)


def child(trials, reading, writing):
    """A process of its own for the metric, and for what it starts."""
    os.close(reading)
    os.setpgid(0, 0)
    code = 1
    try:
        with open(writing, "w", encoding="utf-8") as out:
            Trials(out).run(trials)
        code = 0
    finally:
        os._exit(code)


class Lines:
    """Lines from a pipe, within a time."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.rest = b""

    def next(self, seconds):
        """The next line; nothing when there is none; TimeoutError when it does not come in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                raise TimeoutError
            part = os.read(self.descriptor, 1 << 16)
            if not part:
                return None
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode("utf-8", "replace")


def end(process):
    """Ends a child and what it started, and says how it ended."""
    for kill in (os.killpg, os.kill):
        try:
            kill(process, signal.SIGKILL)
        except OSError:
            pass
    return os.waitpid(process, 0)[1]


def lost(kind, message, seconds):
    error = {"kind": kind, "message": message, "phase": "evaluate", "traceback": ""}
    return {
        "valid": False,
        "score": None,
        "error": error,
        "python_type": None,
        "validator_returned": None,
        "again": None,
        "shared": None,
        "printed": "",
        "seconds": seconds,
    }


class Plan:
    """The parent's side: which trials are still to be run, and how long they may take."""

    def __init__(self, plan, out):
        self.trials = plan["trials"]
        self.seconds = plan["seconds"]
        self.until = time.monotonic() + plan["budget"]
        self.out = out
        self.done = 0
        self.known = False
        self.lost = 0

    def write(self, line):
        self.out.write(line + "\n")
        self.out.flush()

    def take(self, line):
        """A trial's result."""
        self.write(line)
        self.done += 1

    def left(self):
        return self.until - time.monotonic()

    def run_some(self):
        """Runs trials in a child until it is lost or all are done. Says whether going on makes sense."""
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            child(self.trials[self.done :], reading, writing)
        os.close(writing)
        started, lines = time.monotonic(), Lines(reading)
        try:
            if not self.loaded(lines):
                return False
            while self.done < len(self.trials):
                started = time.monotonic()
                line = lines.next(min(self.seconds, max(self.left(), 0.1)))
                if line is None:
                    self.lose("Died", end(process), started)
                    process = None
                    return True
                self.take(line)
            return False
        except TimeoutError:
            if not self.known:
                self.no_metric(f"loading metric.py took more than {LOADING * self.seconds:g} seconds")
                return False
            if self.left() > 0:
                self.lose("TookTooLong", None, started)
            return True
        finally:
            if process is not None:
                end(process)
            os.close(reading)

    def loaded(self, lines):
        line = lines.next(LOADING * self.seconds)
        if line is None:
            if not self.known:
                self.no_metric("the process ended while metric.py was being loaded")
            return False
        if not self.known:
            self.write(line)
            self.known = True
        return json.loads(line).get("metric_error") is None

    def no_metric(self, why):
        self.write(json.dumps({"metric_error": why, "class_name": None, "higher_is_better": None}))

    def lose(self, kind, status, started):
        seconds = time.monotonic() - started
        self.lost += 1
        if kind == "Died":
            message = f"the process ended ({how(status)})"
        else:
            message = f"it took more than {self.seconds:g} seconds"
        self.take(json.dumps(lost(kind, message, seconds)))

    def run(self):
        while self.done < len(self.trials) and self.lost < MOST_LOST and self.left() > 0:
            if not self.run_some():
                return


def how(status):
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"


def main():
    with open(PLAN, encoding="utf-8") as file:
        plan = json.load(file)
    with open(RESULT, "w", encoding="utf-8") as out:
        Plan(plan, out).run()


# A metric may start processes that import this file again.
if __name__ == "__main__":
    main()
