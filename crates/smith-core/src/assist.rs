//! What the built-in designer knows, as tools for the agents of a model.

use std::path::PathBuf;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_agents::{Effect, MoreTools, Tool, ToolError};
use smith_assert::{Catalogue, Subject};
use smith_builtin::BuiltinBrainstormer;
use smith_exec::Runtime;
use smith_llm::ToolSpec;
use smith_task_schema::{
    Brainstorm, BrainstormInput, Finding, LayoutKind, Proposal, Stage, StageContext, TaskLayout,
};

/// Name of the tool whose results are the words of programs.
pub(crate) const CHECK: &str = "check_task";

/// Proposals that are shown at most.
const PROPOSALS: u32 = 8;
/// Findings that are shown at most.
const FINDINGS: usize = 30;

/// The built-in proposals for the Brainstormer, the assertions for Designer and Refactor.
pub(crate) struct Assistance {
    pub(crate) runtime: Runtime,
}

impl MoreTools for Assistance {
    fn tools(&self, cx: &StageContext) -> Vec<Box<dyn Tool>> {
        match cx.stage {
            Stage::Brainstorm => vec![Box::new(Suggest { cx: cx.clone() })],
            Stage::Design | Stage::Refactor => vec![Box::new(Check {
                runtime: self.runtime.clone(),
                workdir: cx.workdir.clone(),
                is_unified: cx.stage == Stage::Refactor,
            })],
            _ => Vec::new(),
        }
    }
}

fn spec(name: &str, description: &str) -> ToolSpec {
    let parameters = json!({"type": "object", "properties": {}, "additionalProperties": false});
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

/// What the profile supports as targets.
struct Suggest {
    cx: StageContext,
}

#[async_trait]
impl Tool for Suggest {
    fn spec(&self) -> ToolSpec {
        spec(
            "suggest_proposals",
            "What a program that knows the statistics of the dataset, and nothing of its meaning, would propose: targets with \
             metric, split and reasons, and why other columns are no targets. Takes a few seconds.",
        )
    }

    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn call(&self, _: &Value) -> Result<String, ToolError> {
        let input = BrainstormInput { overview: String::new(), max_proposals: PROPOSALS };
        let report = BuiltinBrainstormer
            .brainstorm(&self.cx, input)
            .await
            .map_err(|error| ToolError::Fault(error.to_string()))?;
        let shown: Vec<String> = report.proposals.iter().zip(1_u32..).map(digest).collect();
        Ok(if shown.is_empty() { report.note } else { format!("{}\n\n{}", shown.join("\n\n"), report.note) })
    }
}

fn digest((proposal, number): (&Proposal, u32)) -> String {
    let header = &proposal.header;
    let direction = if header.higher_is_better { "higher" } else { "lower" };
    format!(
        "{number}. {}\ntarget: {} · formulation: {} · metric: {} ({direction} is better)\n{}\n{}\n{}",
        header.title,
        header.target,
        header.formulation.as_str(),
        header.metric,
        proposal.section("Overview"),
        proposal.section("Data processing"),
        proposal.section("Justification"),
    )
}

/// The assertions that the stage will be held to.
struct Check {
    runtime: Runtime,
    workdir: PathBuf,
    is_unified: bool,
}

#[async_trait]
impl Tool for Check {
    fn spec(&self) -> ToolSpec {
        spec(
            CHECK,
            "Runs the assertions that this stage's result must pass on a copy of the work directory as it is now, and names \
             every error and warning with how to mend it. Errors send the task back. Takes up to a minute.",
        )
    }

    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn call(&self, _: &Value) -> Result<String, ToolError> {
        let fault = |error: &dyn std::fmt::Display| ToolError::Fault(error.to_string());
        let scratch = tempfile::tempdir().map_err(|error| fault(&error))?;
        let layout = TaskLayout::at(LayoutKind::Workdir, &self.workdir);
        // The stage's end copies it there.
        let copied = layout.description.is_file() && !layout.public.join("description.txt").exists();
        let subject = Subject::new(layout, Some(self.runtime.clone()), scratch.path().to_path_buf());
        let catalogue = if self.is_unified { Catalogue::post_refactor() } else { Catalogue::pre_refactor() };
        let mut outcome = catalogue.check(&subject).await.map_err(|error| fault(&error))?;
        outcome.findings.retain(|finding| !(copied && finding.path == "public/description.txt"));
        Ok(told(&outcome.findings, outcome.checks.len() - outcome.skipped.len()))
    }
}

fn told(findings: &[Finding], rules: usize) -> String {
    if findings.is_empty() {
        return format!(
            "Nothing is wrong: {rules} rules on sources, description, runs of the scripts, scores and data have no error and \
             no warning."
        );
    }
    let mut lines: Vec<String> = findings.iter().take(FINDINGS).map(Finding::to_string).collect();
    if findings.len() > FINDINGS {
        lines.push(format!("… and {} more", findings.len() - FINDINGS));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use smith_task_schema::CandidateId;
    use smith_task_schema::event::Unrecorded;
    use std::sync::Arc;

    fn context(stage: Stage, workdir: PathBuf) -> StageContext {
        let candidate = CandidateId { dataset: "shop".to_owned(), index: 1 };
        StageContext::new(candidate, stage, workdir, Arc::new(Unrecorded), Arc::new(Unrecorded))
    }

    /// A table in which the sort of a thing follows its size.
    fn dataset(workdir: &std::path::Path) {
        let row = |at: usize| {
            let size = at * 37 % 200;
            format!("{at},{size}.5,{},{}\n", at * 13 % 50, ["small", "large"][usize::from(size > 99)])
        };
        let rows: String = (0..300).map(row).collect();
        std::fs::create_dir(workdir.join("raw")).unwrap();
        std::fs::write(workdir.join("raw/things.csv"), format!("id,size,weight,sort\n{rows}")).unwrap();
    }

    #[tokio::test]
    async fn each_stage_has_its_tools_and_they_answer() {
        let dir = tempfile::tempdir().unwrap();
        dataset(dir.path());
        let assistance = Assistance { runtime: smith_exec::testing::runtime().await };
        let tools = |stage| assistance.tools(&context(stage, dir.path().to_path_buf()));
        let suggested = tools(Stage::Brainstorm)[0].call(&json!({})).await.unwrap();
        assert!(suggested.contains("target: sort") && suggested.contains("metric: "), "{suggested}");
        let checked = tools(Stage::Design)[0].call(&json!({})).await.unwrap();
        assert!(checked.contains("[L101 error]"), "{checked}");
        let checked = tools(Stage::Refactor)[0].call(&json!({})).await.unwrap();
        assert!(checked.contains("[L102 error]"), "{checked}");
        // What the stage's end copies there is not asked for.
        std::fs::write(dir.path().join("description.txt"), "Predict the sort of things.").unwrap();
        let checked = tools(Stage::Refactor)[0].call(&json!({})).await.unwrap();
        assert!(!checked.contains("public/description.txt"), "{checked}");
        assert!(tools(Stage::Review).is_empty() && tools(Stage::Validate).is_empty());
    }

    #[test]
    fn findings_are_told_with_their_weight() {
        assert!(told(&[], 90).starts_with("Nothing is wrong"));
    }
}
