//! Agents without a model, to be measured beside others: each hands in what a person without time would.

use std::str::FromStr;
use std::time::Instant;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_exec::environment::{
    Action, ActionStatus, Environment, EnvironmentConfig, FeedbackMode, Observation, solve_report,
};
use smith_exec::{ExecError, Limits, Runtime};
use smith_task_schema::event;
use smith_task_schema::{
    CallKey, Event, RecordError, Solve, SolveReport, StageContext, StageError, ValidateInput,
};

use crate::solver::script;

/// Hands in the sample submission as it is.
const COPY: &str = "import shutil\n\nshutil.copyfile(\"public/sample_submission.csv\", \"submission.csv\")\n";

/// Which agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BuiltinAgent {
    /// The sample submission, unchanged.
    Sample,
    /// A linear model over all columns.
    Linear,
    /// Nearest neighbours.
    Neighbours,
    /// Gradient boosting.
    Boosting,
    /// All of these, one submission after the other.
    Ladder,
}

impl BuiltinAgent {
    /// All of them, the plainest first.
    pub const ALL: [Self; 5] = [Self::Sample, Self::Linear, Self::Neighbours, Self::Boosting, Self::Ladder];

    /// The word by which it is named.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Linear => "linear",
            Self::Neighbours => "neighbours",
            Self::Boosting => "boosting",
            Self::Ladder => "ladder",
        }
    }

    /// What it hands in, in order.
    fn scripts(self) -> Vec<String> {
        match self {
            Self::Sample => vec![COPY.to_owned()],
            Self::Linear | Self::Neighbours | Self::Boosting => vec![script(self.as_str())],
            Self::Ladder => [Self::Sample, Self::Linear, Self::Neighbours, Self::Boosting]
                .into_iter()
                .flat_map(Self::scripts)
                .collect(),
        }
    }
}

impl std::fmt::Display for BuiltinAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// There is no built-in agent of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no built-in agent {0:?}; there are sample, linear, neighbours, boosting and ladder")]
pub struct UnknownAgent(pub String);

impl FromStr for BuiltinAgent {
    type Err = UnknownAgent;

    fn from_str(name: &str) -> Result<Self, UnknownAgent> {
        let found = Self::ALL.into_iter().find(|agent| agent.as_str() == name);
        found.ok_or_else(|| UnknownAgent(name.chars().take(80).collect()))
    }
}

/// A built-in agent with what it needs to act.
#[derive(Clone)]
pub struct BuiltinSolver {
    agent: BuiltinAgent,
    runtime: Runtime,
    limits: Limits,
    feedback: FeedbackMode,
    max_steps: u32,
}

impl BuiltinSolver {
    /// This agent with so many actions, within the limits of the runtime.
    #[must_use]
    pub fn new(agent: BuiltinAgent, runtime: Runtime, max_steps: u32) -> Self {
        let limits = runtime.limits();
        Self { agent, runtime, limits, feedback: FeedbackMode::default(), max_steps }
    }

    /// Other limits of one script.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What the environment says of submissions. These agents do not look at it; the mode decides what counts.
    #[must_use]
    pub fn with_feedback(mut self, feedback: FeedbackMode) -> Self {
        self.feedback = feedback;
        self
    }

    fn config(&self, cx: &StageContext, input: ValidateInput) -> EnvironmentConfig {
        let mut config = EnvironmentConfig::new(input.name, input.task, cx.workdir.clone());
        config.limits = self.limits;
        config.feedback = self.feedback;
        config.max_steps = Some(self.max_steps);
        config
    }
}

#[async_trait]
impl Solve for BuiltinSolver {
    async fn solve(&self, cx: &StageContext, input: ValidateInput) -> Result<SolveReport, StageError> {
        let fault = |error: ExecError| StageError::Fault { stage: cx.stage, message: error.to_string() };
        let mut environment = match Environment::open(self.runtime.clone(), self.config(cx, input)).await {
            Ok(environment) => environment,
            Err(error @ ExecError::Task { .. }) => return Ok(SolveReport::unplayable(error.to_string())),
            Err(ExecError::Mistake(message)) => return Err(StageError::Mistake(message)),
            Err(error) => return Err(fault(error)),
        };
        let mut note = String::from("no action was left");
        for (step, code) in (1..=self.max_steps).zip(self.agent.scripts()) {
            let arguments = json!({ "code": code });
            let started = begin(cx, step, &arguments)?;
            let seen = environment.step(Action::parse(ACTION, &arguments)).await.map_err(fault)?;
            note = format!("{}: submission {step} {}", self.agent, seen.action_status);
            end(cx, step, &seen, started)?;
        }
        let score = environment.finish().await.map_err(fault)?;
        Ok(solve_report(environment.history().records(), &score, note))
    }
}

const ACTION: &str = "execute_code";

/// Actions stand in the journal as tool calls, so that every trajectory is read in the same way.
fn key(cx: &StageContext, step: u32) -> CallKey {
    CallKey { stage: cx.stage, round: cx.round, attempt: cx.attempt, step }
}

fn begin(cx: &StageContext, step: u32, arguments: &Value) -> Result<Instant, RecordError> {
    let (key, id, name) = (key(cx, step), format!("action_{step}"), ACTION.to_owned());
    cx.recorder.record(Event::ToolCallStarted { key, id, name, arguments: arguments.clone() })?;
    Ok(Instant::now())
}

fn end(cx: &StageContext, step: u32, seen: &Observation, started: Instant) -> Result<(), RecordError> {
    cx.recorder.record(Event::ToolCallFinished(Box::new(event::ToolCall {
        key: key(cx, step),
        id: format!("action_{step}"),
        name: ACTION.to_owned(),
        output: seen.to_text(),
        is_error: seen.action_status == ActionStatus::Failed,
        seconds: started.elapsed().as_secs_f64(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agent_is_found_by_its_name_and_hands_something_in() {
        for agent in BuiltinAgent::ALL {
            assert_eq!(agent.as_str().parse(), Ok(agent));
            assert!(agent.scripts().iter().all(|script| script.contains("submission.csv")), "{agent}");
        }
        assert_eq!(BuiltinAgent::Ladder.scripts().len(), 4);
        let error = BuiltinAgent::from_str("forest").unwrap_err().to_string();
        assert!(error.contains("\"forest\"") && error.contains("boosting"), "{error}");
    }
}
