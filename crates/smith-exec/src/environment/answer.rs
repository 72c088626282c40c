//! What an action led to, before it becomes an observation.

use serde_json::{Value, json};
use smith_task_schema::figure::six_digits;

use super::execution::Execution;
use super::feedback::FeedbackMode;
use super::observation::{ActionStatus, ErrorType, Failure};

/// The parts of an observation that an action decides.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) error_type: Option<ErrorType>,
    pub(super) feedback: String,
    pub(super) result: Value,
    pub(super) raw_score: Option<f64>,
    pub(super) improvement: Option<f64>,
}

/// A valid submission, as far as its agent is told of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Graded {
    pub(super) raw_score: Option<f64>,
    pub(super) improvement: Option<f64>,
}

impl Answer {
    /// An action that ran no script and gives `data`.
    pub(super) fn success(feedback: impl Into<String>, data: &Value) -> Self {
        let result = json!({"status": ActionStatus::Success, "data": data});
        Self { error_type: None, feedback: feedback.into(), result, raw_score: None, improvement: None }
    }

    /// An action that was not carried out.
    pub(super) fn failure(failure: &Failure) -> Self {
        Self {
            error_type: Some(failure.error_type),
            feedback: failure.feedback("Action failed"),
            result: failure.to_value(),
            raw_score: None,
            improvement: None,
        }
    }

    /// A validation that ended at the syntax check, or after the script was run. `note` comes first.
    pub(super) fn validated(note: &str, ran: &Result<Execution, Failure>) -> Self {
        let heading = format!("=== Code Validation Results ===\n{note}");
        let success = json!({"status": ActionStatus::Success});
        let (failure, feedback, syntax, runtime) = match ran {
            Err(failure) => (
                Some(failure.clone()),
                failure.feedback("Syntax check failed"),
                failure.to_value(),
                Value::Null,
            ),
            Ok(execution) => {
                let feedback = format!("Syntax check successful\n{}", execution.feedback("Runtime check"));
                (execution.failure(), feedback, success, execution.to_value())
            }
        };
        let error_type = failure.map(|failure| failure.error_type);
        Self {
            error_type,
            feedback: heading + &feedback,
            result: json!({"status": status(error_type), "syntax": syntax, "runtime": runtime}),
            raw_score: None,
            improvement: None,
        }
    }

    /// An execution, with the grade of its submission when the script ended well, and the best score so far.
    pub(super) fn executed(
        note: &str,
        execution: &Execution,
        grade: Option<&Result<Graded, Failure>>,
        best: Option<f64>,
        mode: FeedbackMode,
    ) -> Self {
        let mut feedback =
            format!("=== Code Execution Results ===\n{note}{}", execution.feedback("Execution"));
        let refused = grade.and_then(|grade| grade.as_ref().err());
        let error_type = execution.failure().as_ref().or(refused).map(|failure| failure.error_type);
        let graded = grade.and_then(|grade| grade.as_ref().ok());
        if let Some(grade) = grade {
            feedback += &evaluation_feedback(grade, best, mode);
        }
        Self {
            error_type,
            feedback,
            result: json!({
                "status": status(error_type),
                "execution": execution.to_value(),
                "submission": grade.map(submission_value),
            }),
            raw_score: graded.and_then(|graded| graded.raw_score),
            improvement: graded.and_then(|graded| graded.improvement),
        }
    }

    pub(super) fn status(&self) -> ActionStatus {
        status(self.error_type)
    }
}

fn status(error_type: Option<ErrorType>) -> ActionStatus {
    if error_type.is_none() { ActionStatus::Success } else { ActionStatus::Failed }
}

fn evaluation_feedback(grade: &Result<Graded, Failure>, best: Option<f64>, mode: FeedbackMode) -> String {
    let name = match mode {
        FeedbackMode::Validation { .. } => "Validation Score",
        _ => "Raw Score",
    };
    let mut text = String::from("=== Submission Evaluation ===\n");
    match grade {
        Ok(Graded { raw_score: Some(score), .. }) => {
            text += &format!("Submission successful\n{name}: {}\n", six_digits(*score));
        }
        Ok(_) => text += "Submission successful\nThe submission is valid. This session shows no scores.\n",
        Err(failure) => text += &failure.feedback("Submission error"),
    }
    if let Some(best) = best {
        text += &format!("Best {name}: {}\n", six_digits(best));
    }
    text
}

fn submission_value(grade: &Result<Graded, Failure>) -> Value {
    match grade {
        Ok(Graded { raw_score: Some(score), .. }) => {
            json!({"status": ActionStatus::Success, "raw_score": score})
        }
        Ok(_) => json!({"status": ActionStatus::Success}),
        Err(failure) => failure.to_value(),
    }
}
