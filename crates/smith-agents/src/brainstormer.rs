//! Brainstormer: proposals out of a dataset (paper, section 3.1).

use std::path::Path;

use async_trait::async_trait;
use serde_json::json;
use smith_prompts::PromptId;
use smith_task_schema::proposal::{self, Proposal};
use smith_task_schema::{Brainstorm, BrainstormInput, BrainstormReport, StageContext, StageEnd, StageError};

use crate::agent_loop::prompt;
use crate::setup::AgentSetup;

/// Explores a dataset and writes `brainstorming_<i>.md` files.
#[derive(Clone)]
pub struct Brainstormer {
    setup: AgentSetup,
}

impl Brainstormer {
    /// A Brainstormer of this model and budget.
    #[must_use]
    pub fn new(setup: AgentSetup) -> Self {
        Self { setup }
    }
}

#[async_trait]
impl Brainstorm for Brainstormer {
    async fn brainstorm(
        &self,
        cx: &StageContext,
        input: BrainstormInput,
    ) -> Result<BrainstormReport, StageError> {
        let toolbox = self.setup.toolbox(cx)?;
        let agent = self.setup.agent(cx, &toolbox);
        let instruction = prompt(
            PromptId::Brainstorm,
            &json!({
                "max_proposals": input.max_proposals,
                "max_steps": self.setup.max_steps,
                "overview": input.overview,
            }),
        )?;
        let mut conversation = self.setup.open(instruction);
        loop {
            let end = agent.run(&mut conversation).await?;
            let written = read_proposals(&cx.workdir, input.max_proposals);
            if written.problems.is_empty() || end.end == StageEnd::StepsSpent {
                return Ok(BrainstormReport {
                    proposals: written.proposals,
                    steps: conversation.steps(),
                    note: end.note,
                });
            }
            conversation.say(prompt(PromptId::BrainstormRepair, &json!({"problems": written.problems}))?);
        }
    }
}

/// What lies in the work directory: proposals that can be read, and what is wrong with the others.
struct Written {
    proposals: Vec<Proposal>,
    problems: Vec<String>,
}

fn read_proposals(workdir: &Path, max: u32) -> Written {
    let mut written = Written { proposals: Vec::new(), problems: Vec::new() };
    let indices = proposal_indices(workdir);
    for index in indices.iter().filter(|index| **index > max) {
        written.problems.push(format!(
            "brainstorming_{index}.md: at most {max} proposals are wanted; keep the best as brainstorming_1.md to brainstorming_{max}.md and delete the others"
        ));
    }
    for index in indices.into_iter().filter(|index| *index <= max) {
        let name = format!("brainstorming_{index}.md");
        let text = match read_small(&workdir.join(&name)) {
            Ok(text) => text,
            Err(error) => {
                written.problems.push(format!("{name}: cannot be read as text: {error}"));
                continue;
            }
        };
        match proposal::parse(&text) {
            Ok(proposal) if written.proposals.iter().any(|p| p.header.title == proposal.header.title) => {
                written
                    .problems
                    .push(format!("{name}: its title is that of another proposal; proposals must differ"));
            }
            Ok(proposal) => written.proposals.push(proposal),
            Err(error) => {
                written.problems.extend(error.problems.iter().map(|problem| format!("{name}: {problem}")));
            }
        }
    }
    written
}

/// Largest proposal that is read, in bytes.
const MAX_PROPOSAL: u64 = 1 << 20;

/// A regular file of moderate size as text; links, pipes and giants are not opened.
fn read_small(path: &Path) -> std::io::Result<String> {
    let meta = path.symlink_metadata()?;
    if !meta.is_file() || meta.len() > MAX_PROPOSAL {
        return Err(std::io::Error::other("it must be a regular file of at most 1 MiB"));
    }
    std::fs::read_to_string(path)
}

/// The numbers of all `brainstorming_<i>.md`, in order.
fn proposal_indices(workdir: &Path) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir(workdir) else { return Vec::new() };
    let mut indices: Vec<u32> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_prefix("brainstorming_")?.strip_suffix(".md")?.parse().ok()
        })
        .collect();
    indices.sort_unstable();
    indices
}
