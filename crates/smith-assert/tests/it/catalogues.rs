//! Catalogues: order, records, own rules.

use std::sync::Arc;

use async_trait::async_trait;
use smith_assert::{AssertError, Catalogue, Rule, RuleInfo, Subject};
use smith_task_schema::{CheckRecord, Finding, Layer, LayoutKind, Severity, TaskLayout, Verdict};

use crate::support::{Task, append, edit, short};

static NO_JUICE: RuleInfo = RuleInfo {
    code: "X001",
    name: "no-juice",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "The description does not speak of juice.",
    why: "An example of an embedder's own rule.",
    mend: "Write about something else.",
};

struct NoJuice;

#[async_trait]
impl Rule for NoJuice {
    fn info(&self) -> &'static RuleInfo {
        &NO_JUICE
    }

    async fn check(&self, cx: &Subject) -> Result<Vec<Finding>, AssertError> {
        let text = std::fs::read_to_string(&cx.layout().description).unwrap();
        Ok(text
            .contains("juice")
            .then(|| NO_JUICE.finding("description.txt", "it speaks of juice"))
            .into_iter()
            .collect())
    }
}

#[tokio::test]
async fn own_rules_run_last_and_are_recorded() {
    let task = Task::unified(LayoutKind::Workdir);
    let outcome =
        Catalogue::post_refactor().with(Arc::new(NoJuice)).check(&task.subject(None)).await.unwrap();
    assert_eq!(short(&outcome.findings), ["W X001 description.txt"]);
    assert_eq!(outcome.verdict(), Verdict::Accepted);
    let record = CheckRecord { rule: "X001".into(), proves: NO_JUICE.proves.into(), findings: 1 };
    assert_eq!(outcome.checks.last(), Some(&record));
}

#[tokio::test]
async fn errors_come_first_and_then_the_order_of_codes() {
    let task = Task::unified(LayoutKind::Workdir);
    append(&task.layout.description, "\nSee prepare.py.\n");
    edit(&task.layout.prepare, "default_rng(SEED)", "default_rng()");
    edit(&task.layout.metric, "def evaluate", "def score");
    let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
    let expected = [
        "E D103 description.txt:24",
        "E M104 metric.py:7",
        "W D104 public/description.txt",
        "W P105 prepare.py:15",
    ];
    assert_eq!(short(&outcome.findings), expected);
}

#[tokio::test]
async fn without_a_runtime_running_rules_are_skipped_and_not_recorded() {
    let task = Task::unified(LayoutKind::Package);
    let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
    assert!(outcome.skipped.iter().all(|(_, why)| why == "no Python runtime"));
    assert_eq!(outcome.skipped.len(), 14);
    assert!(outcome.checks.iter().all(|check| outcome.skipped.iter().all(|(code, _)| *code != check.rule)));
}

#[tokio::test]
async fn an_empty_directory_is_rejected_and_not_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    for kind in [LayoutKind::Workdir, LayoutKind::Package, LayoutKind::Repo] {
        let layout = TaskLayout::at(kind, dir.path());
        let runtime = smith_exec::testing::runtime().await;
        let subject = Subject::new(layout, Some(runtime), dir.path().join("scratch"));
        for catalogue in [Catalogue::pre_refactor(), Catalogue::post_refactor()] {
            let outcome = catalogue.check(&subject).await.unwrap();
            assert_eq!(outcome.verdict(), Verdict::Rejected);
            assert!(
                outcome.findings.iter().all(|finding| finding.rule.starts_with('L')),
                "{:#?}",
                outcome.findings
            );
        }
    }
}
