//! What an agent gets back: MLE-Dojo's fields and error shape, as a value and as text.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::history::History;

/// Whether an action did what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActionStatus {
    /// It did.
    Success,
    /// It did not; the result says why.
    Failed,
}

impl fmt::Display for ActionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        })
    }
}

/// Kinds of failure. All but the last three carry the names of MLE-Dojo's exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ErrorType {
    /// The action does not exist, or its arguments do not fit.
    #[serde(rename = "MLEDojoError")]
    Action,
    /// There is no information of the requested type.
    #[serde(rename = "InfoError")]
    Info,
    /// The script is not Python.
    #[serde(rename = "CodeSyntaxError")]
    Syntax,
    /// The script ended with an error, or was stopped at a limit.
    #[serde(rename = "CodeRuntimeError")]
    Runtime,
    /// The script ended well and left no `submission.csv`.
    #[serde(rename = "SubmissionNotFoundError")]
    SubmissionNotFound,
    /// The submission's form is wrong.
    #[serde(rename = "InvalidSubmissionError")]
    InvalidSubmission,
    /// The submission could not be scored.
    #[serde(rename = "EvaluationError")]
    Evaluation,
    /// The step budget is spent.
    #[serde(rename = "StepBudgetSpent")]
    BudgetSpent,
    /// The time budget is spent.
    #[serde(rename = "TimeBudgetSpent")]
    TimeSpent,
    /// The session was finished.
    #[serde(rename = "SessionFinished")]
    Finished,
}

impl ErrorType {
    /// The name under which agents know it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action => "MLEDojoError",
            Self::Info => "InfoError",
            Self::Syntax => "CodeSyntaxError",
            Self::Runtime => "CodeRuntimeError",
            Self::SubmissionNotFound => "SubmissionNotFoundError",
            Self::InvalidSubmission => "InvalidSubmissionError",
            Self::Evaluation => "EvaluationError",
            Self::BudgetSpent => "StepBudgetSpent",
            Self::TimeSpent => "TimeBudgetSpent",
            Self::Finished => "SessionFinished",
        }
    }

    /// What most often leads to it, for the agent to check.
    #[must_use]
    pub fn potential_causes(self) -> &'static [&'static str] {
        match self {
            Self::Action => {
                &["the action's name is misspelt", "an argument is missing, empty or not a string"]
            }
            Self::Info => &["the info_type is misspelt"],
            Self::Syntax => {
                &["a bracket, quote or indentation is wrong", "text that is not Python is around the code"]
            }
            Self::Runtime => &[
                "the script raised an exception",
                "a file is not where the script looks for it: inputs are in public/",
                "the script needed more time, memory, disk space or output than it may use",
            ],
            Self::SubmissionNotFound => &[
                "the script does not write submission.csv",
                "the file has another name or lies in another directory than the script's working directory",
            ],
            Self::InvalidSubmission => &[
                "columns or row identifiers differ from those of sample_submission.csv",
                "values are missing, not finite or of the wrong type",
            ],
            Self::Evaluation => &["predictions have a form or a range that the metric cannot compute with"],
            Self::BudgetSpent => &["every step that this session may take has been taken"],
            Self::TimeSpent => &["the time that this session may take has passed"],
            Self::Finished => &["the session was ended, and what was submitted is final"],
        }
    }
}

/// A failure in MLE-Dojo's shape: `{status, error_type, error, details, potential_causes}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error_type: ErrorType,
    /// One sentence: what happened.
    pub(super) error: String,
    /// What helps to mend it; empty when the sentence says all.
    pub(super) details: String,
}

impl Failure {
    pub(super) fn new(error_type: ErrorType, error: impl Into<String>, details: impl Into<String>) -> Self {
        Self { error_type, error: error.into(), details: details.into() }
    }

    pub(super) fn to_value(&self) -> Value {
        json!({
            "status": ActionStatus::Failed,
            "error_type": self.error_type,
            "error": self.error,
            "details": self.details,
            "potential_causes": self.error_type.potential_causes(),
        })
    }

    /// The failure as lines of feedback, after a heading such as `Submission error`.
    pub(super) fn feedback(&self, heading: &str) -> String {
        let mut text = format!("{heading} ({}): {}\n", self.error_type.as_str(), self.error);
        if !self.details.is_empty() {
            text += &format!("Error details: {}\n", self.details);
        }
        text += "Potential causes:\n";
        for cause in self.error_type.potential_causes() {
            text += &format!("- {cause}\n");
        }
        text
    }
}

/// The answer to one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observation {
    /// Whether the action succeeded.
    pub action_status: ActionStatus,
    /// What happened, in words for the agent.
    pub feedback: String,
    /// What happened, as the value that MLE-Dojo returns for this action.
    pub result: Value,
    /// Score of the submission that this very step made, as far as the feedback mode shows it.
    pub current_raw_score: Option<f64>,
    /// Best score since the session was opened or reset, as far as the feedback mode shows it.
    pub best_raw_score: Option<f64>,
    /// By how much this step's score is better than the best before it, whatever the direction of the metric: less
    /// than zero when it is worse, nothing for the first score.
    #[serde(default)]
    pub improvement: Option<f64>,
    /// Steps taken so far, this one included.
    pub steps_used: u32,
    /// Steps left; `None` when the session has no budget.
    pub steps_left: Option<u32>,
    /// Seconds left; `None` when the session has no time budget.
    #[serde(default)]
    pub seconds_left: Option<f64>,
}

impl Observation {
    /// The observation as MLE-Dojo's environment gives it, with the last records of the session's history. There are no leaderboards and so no position scores.
    /// `feedback_status` says whether there is feedback, which there always is; whether the action succeeded is in
    /// `action_status`.
    #[must_use]
    pub fn to_mle_dojo(&self, history: &History) -> Value {
        json!({
            "action_status": self.action_status,
            "feedback": {"base": {"feedback_status": ActionStatus::Success, "feedback": self.feedback}},
            "current_raw_score": self.current_raw_score,
            "current_position_score": null,
            "best_raw_score": self.best_raw_score,
            "best_position_score": null,
            "history_summary": history.feedback(),
        })
    }

    /// The observation as text for an agent: its status, the feedback, and the budget. The only things
    /// in it that differ between two equal runs are a line `execution time: 0.6 s` and, with a time budget, what is
    /// left of it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut budget = format!("steps used: {}", self.steps_used);
        if let Some(left) = self.steps_left {
            budget += &format!(", left: {left}");
        }
        if let Some(seconds) = self.seconds_left {
            budget += &format!(", time left: {seconds:.0} s");
        }
        format!("status: {}\n{}\n{budget}\n", self.action_status, self.feedback.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_the_shape_that_agents_of_the_field_read() {
        let value = Failure::new(ErrorType::Evaluation, "no", "since").to_value();
        assert_eq!(value["status"], "FAILED");
        assert_eq!(value["error_type"], "EvaluationError");
        assert_eq!(value["error"], "no");
        assert_eq!(value["details"], "since");
        assert!(value["potential_causes"][0].is_string());
    }

    #[test]
    fn serialised_names_of_errors_are_those_shown() {
        for kind in [
            ErrorType::Action,
            ErrorType::Info,
            ErrorType::Syntax,
            ErrorType::Runtime,
            ErrorType::SubmissionNotFound,
            ErrorType::InvalidSubmission,
            ErrorType::Evaluation,
            ErrorType::BudgetSpent,
            ErrorType::TimeSpent,
            ErrorType::Finished,
        ] {
            assert_eq!(json!(kind), kind.as_str());
        }
    }

    #[test]
    fn text_begins_with_the_status_and_ends_with_the_budget() {
        let mut observation = Observation {
            action_status: ActionStatus::Failed,
            feedback: "what happened\n".into(),
            result: Value::Null,
            current_raw_score: None,
            best_raw_score: None,
            improvement: None,
            steps_used: 2,
            steps_left: Some(3),
            seconds_left: None,
        };
        assert_eq!(observation.to_text(), "status: FAILED\nwhat happened\nsteps used: 2, left: 3\n");
        observation.steps_left = None;
        assert!(observation.to_text().ends_with("\nsteps used: 2\n"));
        observation.seconds_left = Some(59.6);
        assert!(observation.to_text().ends_with("\nsteps used: 2, time left: 60 s\n"));
    }
}
