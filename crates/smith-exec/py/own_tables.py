"""Tables as MLE-Dojo reads them. A worker reads some of them once, for all scripts that it will fork."""

import warnings

import pandas as pd

# As many copies as one grading reads: what is forked may change one without anybody else seeing it.
COPIES = 2

_ahead = {}


def _settings():
    """What code of a task can change that changes how a table is read."""
    return pd.read_csv, list(warnings.filters), pd.describe_option("all", False)


_SETTINGS = _settings()


def read_ahead(path):
    """Reads a table for whoever is forked later. One that cannot be read is left to them, to find out why."""
    try:
        _ahead[path] = [pd.read_csv(path) for _ in range(COPIES)]
    except Exception:
        pass


def read(path):
    """A table that nobody has had before."""
    copies = _ahead.get(path)
    if copies and _settings() == _SETTINGS:
        return copies.pop()
    return pd.read_csv(path)
