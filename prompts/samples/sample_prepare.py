"""Species of birds from repeated measurements; no bird is in both parts."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

SEED = 20240
ID = "id"
TARGET = "species"
# Rows of one bird are alike, so they stay together, and its ring number would tell them apart.
GROUP = "ring_number"
# `species_code` is the target in other words; the ringer writes `remarks` with the species in sight.
PROXIES = ["species_code", "remarks"]


def prepare(raw: Path, public: Path, private: Path):
    birds = load(raw / "measurements.csv")
    in_test = choose_test_rows(birds)
    check_groups(birds, in_test)

    columns = [ID] + [name for name in birds.columns if name not in (ID, TARGET, GROUP)]
    train = birds.loc[~in_test, columns + [TARGET]]
    test = birds.loc[in_test, columns]
    answers = birds.loc[in_test, [ID, TARGET]]
    sample = random_submission(answers[ID], sorted(train[TARGET].unique()))
    check_parts(birds, train, test, answers, sample)

    for frame, path in [
        (train, public / "train.csv"),
        (test, public / "test.csv"),
        (sample, public / "sample_submission.csv"),
        (answers, private / "test_answer.csv"),
    ]:
        frame.to_csv(path, index=False, lineterminator="\n")


def load(path: Path) -> pd.DataFrame:
    """Usable rows in random order, with ids that were given after shuffling and so say nothing."""
    birds = pd.read_csv(path).dropna(subset=[TARGET, GROUP]).drop(columns=PROXIES).drop_duplicates()
    birds = birds.sample(frac=1.0, random_state=SEED).reset_index(drop=True)
    birds.insert(0, ID, np.arange(len(birds)))
    return birds


def choose_test_rows(birds: pd.DataFrame) -> np.ndarray:
    """About a fifth of the birds with all their rows, species in proportion."""
    folds = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=SEED)
    _, test_rows = next(folds.split(birds, birds[TARGET], groups=birds[GROUP]))
    in_test = np.zeros(len(birds), dtype=bool)
    in_test[test_rows] = True
    return in_test


def random_submission(ids: pd.Series, classes: list[str]) -> pd.DataFrame:
    """Valid predictions that do not look at the answers."""
    rng = np.random.default_rng(SEED)
    return pd.DataFrame({ID: ids.to_numpy(), TARGET: rng.choice(classes, size=len(ids))})


def check_groups(birds: pd.DataFrame, in_test: np.ndarray) -> None:
    shared = set(birds.loc[in_test, GROUP]) & set(birds.loc[~in_test, GROUP])
    assert not shared, f"{len(shared)} birds are in both parts"


def check_parts(
    birds: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, answers: pd.DataFrame, sample: pd.DataFrame
) -> None:
    assert len(train) + len(test) == len(birds), "rows were lost or doubled"
    assert 0.1 < len(test) / len(birds) < 0.3, "the test part is far from a fifth"
    assert not set(train[ID]) & set(test[ID]), "the parts share ids"
    assert test[ID].is_unique, "ids of the test part are not unique"
    assert list(test[ID]) == list(answers[ID]) == list(sample[ID]), "ids differ between the files of the test part"
    assert list(sample.columns) == list(answers.columns), "sample submission and answers differ in columns"
    for name in [TARGET, GROUP, *PROXIES]:
        assert name not in test.columns, f"{name} is in the test part"
    assert set(answers[TARGET]) <= set(train[TARGET]), "a species occurs in the test part only"
    assert answers[TARGET].notna().all() and train[TARGET].notna().all(), "a label is missing"
