//! Brainstorming from the profile.

use async_trait::async_trait;
use smith_data::ProfileOptions;
use smith_task_schema::{Brainstorm, BrainstormInput, BrainstormReport, StageContext, StageError};

use crate::proposal;
use crate::propose::{choose, consider};

/// Targets that are not taken are named with their reasons, up to so many.
const REFUSED: usize = 60;

/// Proposes the targets that the profile of the dataset supports.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinBrainstormer;

#[async_trait]
impl Brainstorm for BuiltinBrainstormer {
    async fn brainstorm(
        &self,
        cx: &StageContext,
        input: BrainstormInput,
    ) -> Result<BrainstormReport, StageError> {
        let (root, name) = (cx.workdir.join("raw"), cx.candidate.dataset.clone());
        let fault = |message: String| StageError::Fault { stage: cx.stage, message };
        let work = tokio::task::spawn_blocking(move || {
            let mut options = ProfileOptions::default();
            options.name = Some(name);
            let profile = smith_data::profile(&root, &options)?;
            Ok::<_, smith_data::DataError>(consider(&root, &profile))
        });
        let considered = work
            .await
            .map_err(|error| fault(error.to_string()))?
            .map_err(|error| fault(error.to_string()))?;
        let chosen = choose(considered, usize::try_from(input.max_proposals).unwrap_or(usize::MAX));
        let proposals = chosen.drafts.iter().map(proposal::of).collect();
        Ok(BrainstormReport { proposals, steps: 0, note: note(&chosen.refused) })
    }
}

/// What was not taken, and why.
fn note(refused: &[String]) -> String {
    if refused.is_empty() {
        return "nothing in the dataset looks like a target".to_owned();
    }
    let mut lines: Vec<String> =
        refused.iter().take(REFUSED).map(|line| smith_data::words::safe_line(line, 300)).collect();
    if refused.len() > REFUSED {
        lines.push(format!("… and {} more", refused.len() - REFUSED));
    }
    format!("not taken: {}", lines.join("; "))
}
