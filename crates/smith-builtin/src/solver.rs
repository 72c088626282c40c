//! The validation agent: solutions of growing strength, written out as scripts and run in the environment.

use async_trait::async_trait;
use serde_json::json;
use smith_exec::environment::{Action, Environment, EnvironmentConfig};
use smith_exec::{ExecError, Limits, Runtime};
use smith_task_schema::{StageContext, StageError, Submission, Validate, ValidateInput, ValidationReport};

/// The script; its first line says which rung of the ladder it is.
const SCRIPT: &str = include_str!("../templates/solve.py");
/// What is tried first: the rung that suits the data, as a person would choose it.
const FITTING: [&str; 1] = ["fitting"];
/// All rungs, from the plainest: climbed when the first was not enough.
const RUNGS: [&str; 3] = ["linear", "neighbours", "boosting"];

/// The solution of one rung.
pub(crate) fn script(rung: &str) -> String {
    format!("RUNG = {}\n{SCRIPT}", json!(rung))
}

/// Climbs a ladder of plain solutions through the actions of the interactive environment.
#[derive(Clone)]
pub struct LadderSolver {
    runtime: Runtime,
    limits: Limits,
    max_steps: u32,
}

impl LadderSolver {
    /// A solver with so many actions.
    #[must_use]
    pub fn new(runtime: Runtime, max_steps: u32) -> Self {
        let limits = runtime.limits();
        Self { runtime, limits, max_steps }
    }

    /// Other limits of one script.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

#[async_trait]
impl Validate for LadderSolver {
    async fn validate(
        &self,
        cx: &StageContext,
        input: ValidateInput,
    ) -> Result<ValidationReport, StageError> {
        let fault = |error: ExecError| StageError::Fault { stage: cx.stage, message: error.to_string() };
        let mut config = EnvironmentConfig::new(input.name, input.task, cx.workdir.clone());
        config.limits = self.limits;
        config.max_steps = Some(self.max_steps);
        let mut environment = match Environment::open(self.runtime.clone(), config).await {
            Ok(environment) => environment,
            Err(error @ ExecError::Task { .. }) => {
                return Ok(ValidationReport { note: error.to_string(), ..ValidationReport::default() });
            }
            Err(error) => return Err(fault(error)),
        };
        let mut note = String::from("no solution was run");
        let rungs: &[&str] = if cx.attempt > 1 { &RUNGS } else { &FITTING };
        for rung in rungs.iter().take(self.max_steps as usize) {
            let action = Action::parse("execute_code", &json!({ "code": script(rung) }));
            let seen = environment.step(action).await.map_err(fault)?;
            note = format!("{rung}: {}", without_time(&seen.to_text()));
        }
        Ok(report(&environment, &note))
    }
}

/// An observation without how long it took: the same dataset twice gives the same bytes.
fn without_time(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("execution time:"));
    lines.collect::<Vec<_>>().join("\n")
}

fn report(environment: &Environment, note: &str) -> ValidationReport {
    let records = environment.history().records();
    let submissions: Vec<Submission> = records
        .iter()
        .map(|record| Submission {
            step: record.step,
            score: record.raw_score,
            error: record.raw_score.is_none().then(|| record.outcome.clone()),
        })
        .collect();
    ValidationReport {
        steps: u32::try_from(records.len()).unwrap_or(u32::MAX),
        submissions,
        best: environment.best(),
        higher_is_better: environment.higher_is_better(),
        sample: None,
        constant: None,
        answers: None,
        note: note.chars().take(2000).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_keeps_everything_but_its_time() {
        let text = "status: SUCCESS\nexecution time: 3.0 s\nRaw Score: 0.63\n";
        assert_eq!(without_time(text), "status: SUCCESS\nRaw Score: 0.63");
    }
}
