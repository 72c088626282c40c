//! Stages in a work directory of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_builtin::{BuiltinBrainstormer, BuiltinDesigner, BuiltinRefactorer};
use smith_task_schema::{
    Brainstorm, BrainstormInput, BrainstormReport, CallKey, CandidateId, Defect, Design, DesignInput, Event,
    Proposal, Recall, RecallModelCall, RecordError, Recorder, Refactor, RefactorInput, Stage, StageContext,
    StageReport,
};
use tempfile::TempDir;

/// The stages write nothing into the journal themselves, and ask it nothing.
struct Nowhere;

impl Recorder for Nowhere {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        panic!("nothing is to be recorded: {event:?}")
    }
}

impl Recall for Nowhere {
    fn recall(&self, _key: &CallKey) -> Option<RecallModelCall> {
        None
    }
}

/// A work directory with a dataset in `raw/`.
pub(crate) struct Bench {
    dir: TempDir,
}

impl Bench {
    pub(crate) fn new(fill: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let raw = dir.path().join("raw");
        std::fs::create_dir(&raw).unwrap();
        fill(&raw);
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn context(&self, stage: Stage) -> StageContext {
        let candidate = CandidateId { dataset: "garden".to_owned(), index: 1 };
        StageContext::new(
            candidate,
            stage,
            self.dir.path().to_path_buf(),
            Arc::new(Nowhere),
            Arc::new(Nowhere),
        )
    }

    pub(crate) async fn brainstorm(&self, max_proposals: u32) -> BrainstormReport {
        let input = BrainstormInput { overview: String::new(), max_proposals };
        BuiltinBrainstormer.brainstorm(&self.context(Stage::Brainstorm), input).await.unwrap()
    }

    /// The best proposal.
    pub(crate) async fn proposal(&self) -> Proposal {
        let report = self.brainstorm(1).await;
        report.proposals.into_iter().next().unwrap_or_else(|| panic!("{}", report.note))
    }

    pub(crate) async fn design(&self, proposal: &Proposal, defects: Vec<Defect>) -> StageReport {
        let input = DesignInput { overview: String::new(), proposal: proposal.clone(), defects };
        BuiltinDesigner.design(&self.context(Stage::Design), input).await.unwrap()
    }

    pub(crate) async fn refactor(&self, proposal: &Proposal, defects: Vec<Defect>) -> StageReport {
        let input = RefactorInput { proposal: proposal.clone(), defects };
        BuiltinRefactorer.refactor(&self.context(Stage::Refactor), input).await.unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The four files of the task, one behind the other.
    pub(crate) fn task(&self) -> String {
        let files = ["description.txt", "prepare.py", "metric.py", "test.py"];
        files.map(|name| format!("======== {name}\n{}", self.text(name))).join("\n")
    }
}
