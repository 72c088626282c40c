"""What `mledojo.metrics.base` offers. Import it from there; do not copy this file.

    from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError

The environment makes the metric without arguments, reads `private/test_answer.csv` and the submission with a
plain `pd.read_csv`, calls `validate_submission(submission, answers)` and, if that raises nothing,
`evaluate(answers, submission)`. Mind the order: it differs between the two.
"""

from abc import ABC, abstractmethod

import pandas as pd


class InvalidSubmissionError(Exception):
    """A submission that cannot be scored. The message is shown to the participant."""


class CompetitionMetrics(ABC):
    """Base class of all metrics."""

    def __init__(self, higher_is_better: bool = True):
        self.higher_is_better = higher_is_better

    @abstractmethod
    def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame) -> float:
        """The score of a valid submission: a finite Python float, whatever its predictions are."""

    @abstractmethod
    def validate_submission(self, submission: pd.DataFrame, ground_truth: pd.DataFrame) -> str:
        """Raises InvalidSubmissionError unless the submission can be scored.

        Only the exception counts. Returning False, or a message, accepts the submission.
        """
