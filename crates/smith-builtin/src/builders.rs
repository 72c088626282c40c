//! Designer and Refactor: the files of a task out of its plan.

use std::path::Path;

use async_trait::async_trait;
use smith_task_schema::{
    Defect, Design, DesignInput, Proposal, Refactor, RefactorInput, StageContext, StageEnd, StageError,
    StageReport,
};

use crate::mend::mend;
use crate::plan::Plan;
use crate::{proposal, render};

/// The plan in the work directory, as the last attempt left it.
const PLAN: &str = "plan.json";

/// Writes complete tasks.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinDesigner;

/// Writes them in the unified format.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinRefactorer;

#[async_trait]
impl Design for BuiltinDesigner {
    async fn design(&self, cx: &StageContext, input: DesignInput) -> Result<StageReport, StageError> {
        build(cx, &input.proposal, &input.defects, true)
    }
}

#[async_trait]
impl Refactor for BuiltinRefactorer {
    async fn refactor(&self, cx: &StageContext, input: RefactorInput) -> Result<StageReport, StageError> {
        build(cx, &input.proposal, &input.defects, false)
    }
}

fn build(
    cx: &StageContext,
    proposal: &Proposal,
    defects: &[Defect],
    runnable: bool,
) -> Result<StageReport, StageError> {
    let fault = |message: String| StageError::Fault { stage: cx.stage, message };
    let known = left_by_an_attempt(&cx.workdir);
    let plan = match known {
        Some(plan) => plan,
        None => proposal::plan(proposal).map_err(StageError::Mistake)?,
    };
    let changed = plan.mended.len();
    let plan = match mend(plan, defects) {
        Ok(plan) => plan,
        Err(reason) => return Ok(StageReport { steps: 0, end: StageEnd::GaveUp, note: reason }),
    };
    let mut files = render::task(&plan, runnable).map_err(fault)?;
    let json = serde_json::to_string_pretty(&plan).map_err(|error| fault(error.to_string()))?;
    files.push((PLAN, json));
    for (name, text) in files {
        std::fs::write(cx.workdir.join(name), text)
            .map_err(|error| fault(format!("{name} cannot be written into the work directory: {error}")))?;
    }
    let news = plan.mended.get(changed..).unwrap_or_default();
    let note = if news.is_empty() { "written from the plan".to_owned() } else { news.join("; ") };
    Ok(StageReport { steps: 0, end: StageEnd::Finished, note })
}

fn left_by_an_attempt(workdir: &Path) -> Option<Plan> {
    serde_json::from_str(&std::fs::read_to_string(workdir.join(PLAN)).ok()?).ok()
}
