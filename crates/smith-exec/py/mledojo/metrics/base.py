"""What every metric.py derives from and raises."""


class InvalidSubmissionError(Exception):
    """The submission cannot be scored; the message tells the participant why."""


class CompetitionMetrics:
    """A task's metric: checks submissions and scores them."""

    def __init__(self, higher_is_better: bool = True):
        self.higher_is_better = higher_is_better

    def evaluate(self, y_true, y_pred):
        """Returns the score of the submission `y_pred` against the answers `y_true`."""
        raise NotImplementedError

    def validate_submission(self, submission, ground_truth):
        """Raises InvalidSubmissionError unless `submission` fits `ground_truth`."""
        raise NotImplementedError
