"""Macro-averaged F1 of the species of measured birds."""

import pandas as pd
from sklearn.metrics import f1_score

from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError

ID = "id"
# The classes of train.csv. The answers may lack a rare one, so they cannot say what is allowed.
CLASSES = ("gull", "plover", "tern")


class BirdSpeciesMetrics(CompetitionMetrics):
    """Mean over the species that occur in the answers of each one's F1; from 0 to 1, higher is better."""

    def __init__(self, value: str = "species", higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame) -> float:
        truth = y_true.set_index(ID)[self.value]
        predicted = y_pred.set_index(ID)[self.value].reindex(truth.index)
        # A species that is never predicted scores 0 instead of being undefined.
        score = f1_score(truth, predicted, labels=sorted(truth.unique()), average="macro", zero_division=0.0)
        return float(score)

    def validate_submission(self, submission: pd.DataFrame, ground_truth: pd.DataFrame) -> str:
        self._check_columns(submission)
        self._check_ids(submission[ID], ground_truth[ID])
        self._check_predictions(submission[self.value])
        return "Submission is valid."

    def _check_columns(self, submission: pd.DataFrame) -> None:
        expected = [ID, self.value]
        missing = [name for name in expected if name not in submission.columns]
        extra = [str(name) for name in submission.columns if name not in expected]
        if missing or extra:
            raise InvalidSubmissionError(f"The columns must be {expected}; missing: {missing}, not allowed: {extra}.")

    @staticmethod
    def _check_ids(ids: pd.Series, expected: pd.Series) -> None:
        if ids.isna().any():
            raise InvalidSubmissionError(f"{int(ids.isna().sum())} rows have no {ID}.")
        for problem, found in [
            ("occur more than once", ids[ids.duplicated()]),
            ("are not among the test rows", ids[~ids.isin(expected)]),
            ("are missing", expected[~expected.isin(ids)]),
        ]:
            if len(found) > 0:
                raise InvalidSubmissionError(f"{len(found)} values of {ID} {problem}, for instance {found.iloc[0]}.")

    def _check_predictions(self, predictions: pd.Series) -> None:
        # A numeric target wants, in this place: pd.to_numeric(predictions, errors="coerce"), np.isfinite, and
        # the bounds that description.txt states.
        if predictions.isna().any():
            raise InvalidSubmissionError(f"{int(predictions.isna().sum())} rows have no {self.value}.")
        wrong = predictions[~predictions.isin(CLASSES)]
        if len(wrong) > 0:
            raise InvalidSubmissionError(
                f"{len(wrong)} values of {self.value} are not among {list(CLASSES)}, for instance {wrong.iloc[0]}."
            )
