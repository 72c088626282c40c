//! What grading says about one submission.

use serde::{Deserialize, Serialize};

use crate::gate::Refusal;
use crate::{Score, Scoring};

/// What became of one submission on its way through the gate, `validate_submission` and `evaluate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Grade {
    /// The gate refused its form; Python did not see it.
    Refused(Refusal),
    /// The metric saw it.
    Scored(Scoring),
}

impl Grade {
    /// The score of a submission that was accepted; only finite numbers.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.first().filter(|score| score.valid)?.score
    }

    /// The metric's direction; absent when the metric was not asked or does not state one.
    #[must_use]
    pub fn higher_is_better(&self) -> Option<bool> {
        match self {
            Self::Refused(_) => None,
            Self::Scored(scoring) => scoring.higher_is_better,
        }
    }

    /// Why there is no score; empty when there is one.
    #[must_use]
    pub fn message(&self) -> String {
        let scoring = match self {
            Self::Refused(refusal) => return refusal.to_string(),
            Self::Scored(scoring) => scoring,
        };
        if let Some(error) = &scoring.metric_error {
            return format!("the task's metric cannot be used: {error}");
        }
        match scoring.scores.first() {
            Some(Score { error: Some(error), .. }) => format!("{}: {}", error.kind, error.message),
            Some(_) => String::new(),
            None => format!("the metric did not finish: {}", scoring.status),
        }
    }

    fn first(&self) -> Option<&Score> {
        match self {
            Self::Scored(scoring) if scoring.metric_error.is_none() => scoring.scores.first(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::RefusalKind;
    use crate::{JobStatus, ScoreError, ScorePhase};

    fn scored(score: Option<Score>) -> Grade {
        Grade::Scored(Scoring {
            status: JobStatus::Ok,
            metric_error: None,
            class_name: Some("M".into()),
            higher_is_better: Some(false),
            scores: score.into_iter().collect(),
        })
    }

    fn score(number: Option<f64>, error: Option<&str>) -> Score {
        let error = error.map(|kind| ScoreError {
            kind: kind.into(),
            message: "why".into(),
            phase: ScorePhase::Validate,
            traceback: String::new(),
        });
        let valid = error.is_none();
        Score { valid, score: number, error, python_type: None, validator_returned: None, seconds: 0.0 }
    }

    #[test]
    fn says_the_score_or_why_there_is_none() {
        let refusal =
            Refusal { kind: RefusalKind::Nul, line: Some(2), column: None, message: "a zero byte".into() };
        for (grade, number, message) in [
            (scored(Some(score(Some(0.5), None))), Some(0.5), ""),
            (scored(Some(score(None, Some("KeyError")))), None, "KeyError: why"),
            (scored(None), None, "the metric did not finish: exit code 0"),
            (Grade::Refused(refusal), None, "line 2: a zero byte"),
        ] {
            assert_eq!((grade.score(), grade.message().as_str()), (number, message), "{grade:?}");
        }
    }
}
