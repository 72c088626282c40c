"""Tables as MLE-Dojo reads them, but for text that looks like numbers. A worker reads some of them once, for all scripts that it will fork."""

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


def read_like(path, other):
    """A table whose columns are text wherever those of `other` are. On its own, a column of the labels `1`, `2` and `10+`
    would be numbers in a table that holds only the first two, and equal to none of them."""
    as_text = [name for name in other.columns if pd.api.types.infer_dtype(other[name], skipna=True) == "string"]
    return pd.read_csv(path, dtype=dict.fromkeys(as_text, str))


def read(path):
    """A table that nobody has had before."""
    copies = _ahead.get(path)
    if copies and _settings() == _SETTINGS:
        return copies.pop()
    return pd.read_csv(path)
