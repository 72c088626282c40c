//! The append-only record of a session.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smith_task_schema::figure::six_digits;

use super::action::Action;
use super::observation::ErrorType;

/// How many of the last records an agent is shown.
const SHOWN: usize = 20;

/// Outcome of an action without a failure.
const SUCCESS: &str = "SUCCESS";

/// One action that was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryRecord {
    /// Steps used once the action was done, so a reset bears the number of the step before it.
    pub step: u32,
    /// The action's name.
    pub action: String,
    /// BLAKE3 of the action's argument in hexadecimal.
    pub argument_blake3: String,
    /// Size of the action's argument in bytes.
    pub argument_bytes: u64,
    /// The source that was executed; kept for `execute_code` alone.
    pub code: Option<String>,
    /// How it ended: `SUCCESS`, or the name of the failure's [`ErrorType`].
    pub outcome: String,
    /// Score of the submission that the action made, as far as the feedback mode shows it.
    pub raw_score: Option<f64>,
    /// Seed of the session, for the actions that run a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Seconds since the session was opened.
    pub at_seconds: f64,
}

/// What an action led to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) error_type: Option<ErrorType>,
    pub(super) raw_score: Option<f64>,
    pub(super) seed: Option<u64>,
    pub(super) at_seconds: f64,
}

/// Everything that an agent did, oldest first. Questions for the history and actions refused because the
/// budget was spent are not in it: they change nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History {
    records: Vec<HistoryRecord>,
}

impl History {
    /// All records, oldest first.
    #[must_use]
    pub fn records(&self) -> &[HistoryRecord] {
        &self.records
    }

    pub(super) fn append(&mut self, step: u32, action: &Action, outcome: Outcome) {
        let argument = action.argument();
        let code = match action {
            Action::ExecuteCode { code } => Some(code.clone()),
            _ => None,
        };
        self.records.push(HistoryRecord {
            step,
            action: action.name(),
            argument_blake3: blake3::hash(argument.as_bytes()).to_hex().to_string(),
            argument_bytes: argument.len() as u64,
            code,
            outcome: outcome.error_type.map_or(SUCCESS, ErrorType::as_str).to_owned(),
            raw_score: outcome.raw_score,
            seed: outcome.seed.filter(|_| action.runs_a_script()),
            at_seconds: outcome.at_seconds,
        });
    }

    /// The last records as values, without sources and times.
    pub(super) fn summaries(&self) -> Vec<Value> {
        self.last().iter().map(HistoryRecord::summary).collect()
    }

    /// The last records as lines of text.
    pub(super) fn feedback(&self) -> String {
        let last = self.last();
        let mut text = format!("{} of {} records\n", last.len(), self.records.len());
        for record in last {
            text += &record.line();
        }
        text
    }

    fn last(&self) -> &[HistoryRecord] {
        &self.records[self.records.len().saturating_sub(SHOWN)..]
    }
}

impl HistoryRecord {
    fn summary(&self) -> Value {
        json!({
            "step": self.step,
            "action": self.action,
            "outcome": self.outcome,
            "raw_score": self.raw_score,
        })
    }

    fn line(&self) -> String {
        let score =
            self.raw_score.map(|score| format!(", raw score {}", six_digits(score))).unwrap_or_default();
        format!("step {}: {}: {}{score}\n", self.step, self.action, self.outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execute(code: &str) -> Action {
        Action::ExecuteCode { code: code.into() }
    }

    #[test]
    fn shows_the_last_records_without_sources() {
        let mut history = History::default();
        for step in 1..=25 {
            let raw_score = Some(f64::from(step));
            history.append(step, &execute("secret = 1"), Outcome { raw_score, ..Outcome::default() });
        }
        let summaries = history.summaries();
        assert_eq!(summaries.len(), SHOWN);
        assert_eq!(summaries[0]["step"], 6);
        assert_eq!(summaries[19]["raw_score"], 25.0);
        assert!(!json!(summaries).to_string().contains("secret"));
        let text = history.feedback();
        assert!(text.starts_with("20 of 25 records\nstep 6: execute_code: SUCCESS, raw score 6\n"), "{text}");
    }

    #[test]
    fn keeps_executed_sources_and_survives_serialisation() {
        let mut history = History::default();
        let failed = Outcome { error_type: Some(ErrorType::Syntax), ..Outcome::default() };
        history.append(1, &Action::ValidateCode { code: "x".into() }, failed);
        history.append(2, &execute("yy"), Outcome { raw_score: Some(1.0), ..Outcome::default() });
        history.append(2, &Action::Reset, Outcome { seed: Some(7), ..Outcome::default() });
        history.append(3, &execute("z"), Outcome { seed: Some(7), ..Outcome::default() });
        assert_eq!(history.records()[0].code, None);
        assert_eq!(history.records()[1].code.as_deref(), Some("yy"));
        assert_eq!(history.records()[1].argument_bytes, 2);
        let seeds: Vec<_> = history.records().iter().map(|record| record.seed).collect();
        assert_eq!(seeds, [None, None, None, Some(7)]);
        let text = serde_json::to_string(&history).unwrap();
        assert!(text.contains(r#""outcome":"CodeSyntaxError""#), "{text}");
        assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    }
}
