//! What every agent of this crate is built from.

use std::sync::Arc;

use smith_exec::{Limits, Runtime};
use smith_llm::{ChatModel, Sampling};
use smith_task_schema::{StageContext, StageError, StageReport};

use crate::agent_loop::{AgentLoop, Conversation};
use crate::folding::Folding;
use crate::outputs::Outputs;
use crate::tool::Tool;
use crate::toolbox::Toolbox;
use crate::tools;
use crate::workspace::Workspace;

/// Tools of the caller's own, beside the standard ones.
pub trait MoreTools: Send + Sync {
    /// The tools for one attempt of a stage.
    fn tools(&self, cx: &StageContext) -> Vec<Box<dyn Tool>>;
}

/// Model, machine and budget of an agent.
#[derive(Clone)]
#[non_exhaustive]
pub struct AgentSetup {
    /// The model that answers.
    pub model: Arc<dyn ChatModel>,
    /// Runs what the agent wants to run.
    pub runtime: Runtime,
    /// Model calls of one attempt.
    pub max_steps: u32,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Limits of one program.
    pub limits: Limits,
    /// How conversations are kept within the model's window.
    pub folding: Folding,
    /// Tools beside the standard ones; none by default.
    pub more: Option<Arc<dyn MoreTools>>,
}

impl AgentSetup {
    /// The paper's budget: 30 steps (section 4.1).
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, runtime: Runtime) -> Self {
        Self {
            model,
            runtime,
            max_steps: 30,
            sampling: Sampling::default(),
            limits: tools::default_limits(),
            folding: Folding::default(),
            more: None,
        }
    }

    /// Another step budget.
    #[must_use]
    pub fn with_max_steps(mut self, max_steps: u32) -> Self {
        self.max_steps = max_steps;
        self
    }

    /// Another way to draw answers.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Another window, or another way to keep within it.
    #[must_use]
    pub fn with_folding(mut self, folding: impl Into<Folding>) -> Self {
        self.folding = folding.into();
        self
    }

    /// Tools beside the standard ones.
    #[must_use]
    pub fn with_tools(mut self, more: Arc<dyn MoreTools>) -> Self {
        self.more = Some(more);
        self
    }

    /// A conversation that is kept within the window.
    pub(crate) fn open(&self, instruction: String) -> Conversation {
        Conversation::open(instruction, BEGIN).within(self.folding)
    }

    /// The standard tools for the work directory of one attempt.
    pub(crate) fn toolbox(&self, cx: &StageContext) -> Result<Toolbox, StageError> {
        let workspace = Workspace::new(cx.workdir.clone());
        let outputs = Outputs::new(workspace.clone());
        let mut tools = tools::standard_keeping(&workspace, &self.runtime, self.limits, &outputs);
        tools.extend(self.more.iter().flat_map(|more| more.tools(cx)));
        Ok(Toolbox::new(tools).map_err(StageError::Mistake)?.with_outputs(outputs))
    }

    /// The loop over `toolbox` for one attempt.
    pub(crate) fn agent<'a>(&self, cx: &'a StageContext, toolbox: &'a Toolbox) -> AgentLoop<'a> {
        AgentLoop {
            model: self.model.clone(),
            toolbox,
            cx,
            max_steps: self.max_steps,
            sampling: self.sampling,
            ends_with: None,
        }
    }

    /// One attempt with the standard tools, from an instruction to the model's last word.
    pub(crate) async fn attempt(
        &self,
        cx: &StageContext,
        instruction: String,
    ) -> Result<StageReport, StageError> {
        let toolbox = self.toolbox(cx)?;
        let mut conversation = self.open(instruction);
        let end = self.agent(cx, &toolbox).run(&mut conversation).await?;
        Ok(StageReport { steps: conversation.steps(), end: end.end, note: end.note })
    }
}

/// First message of the user; everything that matters stands in the instruction.
const BEGIN: &str = "Begin.";
