//! Designer and Refactor: a complete task out of a proposal, and the unified format out of that task.
//!
//! Each call is one attempt with a fresh conversation. What was wrong before comes in as defects, word
//! for word, while the files of the last attempt still lie in the work directory.

use async_trait::async_trait;
use serde_json::json;
use smith_prompts::{PromptId, samples};
use smith_task_schema::{
    Defect, Design, DesignInput, Refactor, RefactorInput, StageContext, StageError, StageReport,
};

use crate::agent_loop::prompt;
use crate::setup::AgentSetup;

/// Builds complete tasks.
#[derive(Clone)]
pub struct Designer {
    setup: AgentSetup,
}

impl Designer {
    /// A Designer of this model and budget.
    #[must_use]
    pub fn new(setup: AgentSetup) -> Self {
        Self { setup }
    }
}

#[async_trait]
impl Design for Designer {
    async fn design(&self, cx: &StageContext, input: DesignInput) -> Result<StageReport, StageError> {
        write(cx, "brainstorming.md", &input.proposal.to_markdown())?;
        let max_steps = self.setup.max_steps;
        let instruction = if input.defects.is_empty() {
            prompt(PromptId::Design, &json!({"overview": input.overview, "max_steps": max_steps}))?
        } else {
            let variables =
                json!({"overview": input.overview, "max_steps": max_steps, "defects": texts(&input.defects)});
            prompt(PromptId::DesignMend, &variables)?
        };
        self.setup.attempt(cx, instruction).await
    }
}

/// Puts tasks into the unified format.
#[derive(Clone)]
pub struct Refactorer {
    setup: AgentSetup,
}

impl Refactorer {
    /// A Refactor of this model and budget.
    #[must_use]
    pub fn new(setup: AgentSetup) -> Self {
        Self { setup }
    }
}

#[async_trait]
impl Refactor for Refactorer {
    async fn refactor(&self, cx: &StageContext, input: RefactorInput) -> Result<StageReport, StageError> {
        for (name, text) in samples::FILES {
            write(cx, &format!("samples/{name}"), text)?;
        }
        let max_steps = self.setup.max_steps;
        let instruction = if input.defects.is_empty() {
            prompt(PromptId::Refactor, &json!({"max_steps": max_steps}))?
        } else {
            prompt(
                PromptId::RefactorMend,
                &json!({"max_steps": max_steps, "defects": texts(&input.defects)}),
            )?
        };
        self.setup.attempt(cx, instruction).await
    }
}

fn texts(defects: &[Defect]) -> Vec<&str> {
    defects.iter().map(|defect| defect.text.as_str()).collect()
}

/// Puts a file into the work directory before the agent begins.
fn write(cx: &StageContext, name: &str, text: &str) -> Result<(), StageError> {
    let path = cx.workdir.join(name);
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(&path, text)).map_err(|error| StageError::Fault {
        stage: cx.stage,
        message: format!("{name} cannot be written into the work directory: {error}"),
    })
}
