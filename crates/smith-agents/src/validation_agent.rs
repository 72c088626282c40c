//! The validation agent: tries to solve a task in the interactive environment (paper, sections 3.2 and 4.1). The same agent is
//! the one by which models are measured (section 5).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use smith_exec::environment::{Environment, EnvironmentConfig, FeedbackMode, solve_report};
use smith_exec::{ExecError, Limits};
use smith_prompts::PromptId;
use smith_task_schema::{
    Solve, SolveReport, StageContext, StageError, Submission, Validate, ValidateInput, ValidationReport,
};
use tokio::sync::Mutex;

use crate::agent_loop::prompt;
use crate::agent_loop::{Conversation, LoopEnd};
use crate::environment_tools::{SharedEnvironment, action_tools};
use crate::setup::AgentSetup;
use crate::toolbox::{MAX_OUTPUT, Toolbox};

/// A ReAct agent with a small budget of actions.
#[derive(Clone)]
pub struct ValidationAgent {
    setup: AgentSetup,
    feedback: FeedbackMode,
}

impl ValidationAgent {
    /// A validation agent; its step budget counts model calls (10 in the paper).
    #[must_use]
    pub fn new(setup: AgentSetup) -> Self {
        Self { setup, feedback: FeedbackMode::default() }
    }

    /// What the agent is told about its submissions, instead of the score of each.
    #[must_use]
    pub fn with_feedback(mut self, feedback: FeedbackMode) -> Self {
        self.feedback = feedback;
        self
    }

    /// The environment, or in words why the task cannot be opened, which is a defect of the task.
    async fn open(
        &self,
        cx: &StageContext,
        input: ValidateInput,
    ) -> Result<Result<Environment, String>, StageError> {
        let mut config = EnvironmentConfig::new(input.name, input.task, cx.workdir.clone());
        // An environment keeps no whole outputs, so that it needs no more of them than a prompt bears.
        config.limits = Limits { kept_bytes: MAX_OUTPUT / 2, ..self.setup.limits };
        config.feedback = self.feedback;
        match Environment::open(self.setup.runtime.clone(), config).await {
            Ok(environment) => Ok(Ok(environment)),
            Err(error @ ExecError::Task { .. }) => Ok(Err(error.to_string())),
            Err(ExecError::Mistake(message)) => Err(StageError::Mistake(message)),
            Err(error) => Err(StageError::Fault { stage: cx.stage, message: error.to_string() }),
        }
    }

    /// The whole conversation in an environment.
    async fn act(
        &self,
        cx: &StageContext,
        environment: &SharedEnvironment,
    ) -> Result<(Conversation, LoopEnd), StageError> {
        let toolbox = Toolbox::new(action_tools(environment)).map_err(StageError::Mistake)?;
        let instruction = prompt(
            PromptId::Validate,
            &json!({
                "max_steps": self.setup.max_steps,
                "limit_seconds": self.setup.limits.wall.as_secs(),
            }),
        )?;
        let mut conversation = self.setup.open(instruction);
        let end = self.setup.agent(cx, &toolbox).run(&mut conversation).await?;
        Ok((conversation, end))
    }
}

#[async_trait]
impl Validate for ValidationAgent {
    async fn validate(
        &self,
        cx: &StageContext,
        input: ValidateInput,
    ) -> Result<ValidationReport, StageError> {
        let environment = match self.open(cx, input).await? {
            Ok(environment) => Arc::new(Mutex::new(environment)),
            Err(defect) => return Ok(ValidationReport { note: defect, ..ValidationReport::default() }),
        };
        let (conversation, end) = self.act(cx, &environment).await?;
        let environment = environment.lock().await;
        Ok(ValidationReport {
            steps: conversation.steps(),
            submissions: submissions(&environment),
            best: environment.best(),
            higher_is_better: environment.higher_is_better(),
            sample: None,
            constant: None,
            answers: None,
            note: end.note,
        })
    }
}

#[async_trait]
impl Solve for ValidationAgent {
    async fn solve(&self, cx: &StageContext, input: ValidateInput) -> Result<SolveReport, StageError> {
        let environment = match self.open(cx, input).await? {
            Ok(environment) => Arc::new(Mutex::new(environment)),
            Err(defect) => return Ok(SolveReport::unplayable(defect)),
        };
        let (conversation, end) = self.act(cx, &environment).await?;
        let mut environment = environment.lock().await;
        let fault = |error: ExecError| StageError::Fault { stage: cx.stage, message: error.to_string() };
        let score = environment.finish().await.map_err(fault)?;
        let report = solve_report(environment.history().records(), &score, end.note);
        Ok(SolveReport { model_calls: conversation.steps(), ..report })
    }
}

fn submissions(environment: &Environment) -> Vec<Submission> {
    environment
        .history()
        .records()
        .iter()
        .filter(|record| record.action == "execute_code")
        .map(|record| Submission {
            step: record.step,
            score: record.raw_score,
            error: record.raw_score.is_none().then(|| record.outcome.clone()),
        })
        .collect()
}
