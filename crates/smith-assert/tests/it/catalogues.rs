//! Catalogues: order, records, own rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use smith_assert::{AssertError, Catalogue, Report, Rule, RuleInfo, Subject};
use smith_task_schema::{Bound, CheckVerdict, Figure, Layer, LayoutKind, Severity, TaskLayout, Verdict};

use crate::support::{Task, append, edit, short};

static NO_JUICE: RuleInfo = RuleInfo {
    code: "X001",
    name: "no-juice",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "The description does not speak of juice.",
    why: "An example of an embedder's own rule.",
    mend: "Write about something else.",
    references: &[],
};

struct NoJuice;

#[async_trait]
impl Rule for NoJuice {
    fn info(&self) -> &'static RuleInfo {
        &NO_JUICE
    }

    async fn check(&self, cx: &Subject) -> Result<Report, AssertError> {
        let text = std::fs::read_to_string(&cx.layout().description).unwrap();
        let found = text.contains("juice").then(|| NO_JUICE.finding("description.txt", "it speaks of juice"));
        let juices = Figure::new("juices", text.matches("juice").count() as f64);
        Ok(Report::from(Vec::from_iter(found)).with(juices.bounded(Bound::AtMost(0.0))))
    }
}

#[tokio::test]
async fn own_rules_run_last_and_are_recorded() {
    let task = Task::unified(LayoutKind::Workdir);
    let outcome =
        Catalogue::post_refactor().with(Arc::new(NoJuice)).check(&task.subject(None)).await.unwrap();
    assert_eq!(short(&outcome.findings), ["W X001 description.txt"]);
    assert_eq!(outcome.verdict(), Verdict::Accepted);
    let record = outcome.checks.last().unwrap();
    assert_eq!((record.rule.as_str(), record.findings, record.verdict), ("X001", 1, CheckVerdict::Warned));
    assert!(!record.figures[0].holds());
    let twice = Catalogue::post_refactor().with(Arc::new(NoJuice)).with(Arc::new(NoJuice));
    assert_eq!(twice.rules().len(), Catalogue::post_refactor().rules().len() + 1, "a code has one rule");
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
        "E P105 prepare.py:15",
        "W D104 public/description.txt",
    ];
    assert_eq!(short(&outcome.findings), expected);
}

#[tokio::test]
async fn behind_a_layer_that_rejects_nothing_is_run() {
    let task = Task::unified(LayoutKind::Workdir);
    edit(&task.layout.metric, "def evaluate", "def score");
    let catalogue = Catalogue::post_refactor();
    let layer = |rule: &str| catalogue.find(rule).unwrap().layer;
    for (layers, found) in [([Layer::Static, Layer::Data], true), ([Layer::Data, Layer::Dynamic], false)] {
        let outcome = catalogue.check_until_rejected(&task.subject(None), &layers).await.unwrap();
        assert_eq!(outcome.verdict() == Verdict::Rejected, found, "{layers:?}");
        assert_eq!(outcome.checks.len(), catalogue.rules().len());
        let not_reached = outcome.skipped.iter().filter(|(_, why)| why == "its layer was not reached");
        let left: Vec<Layer> = not_reached.map(|(rule, _)| layer(rule)).collect();
        let ran: &[Layer] = if found { &layers[..1] } else { &layers };
        assert!(!left.is_empty() && left.iter().all(|layer| !ran.contains(layer)), "{layers:?}: {left:?}");
    }
}

#[tokio::test]
async fn without_a_runtime_running_rules_are_recorded_as_not_run() {
    let task = Task::unified(LayoutKind::Package);
    let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
    let without_runtime = outcome.skipped.iter().filter(|(_, why)| why == "no Python runtime");
    let left: BTreeSet<&str> = without_runtime.map(|(code, _)| code.as_str()).collect();
    let catalogue = Catalogue::post_refactor();
    let running = catalogue
        .rules()
        .iter()
        .map(|rule| rule.info())
        .filter(|info| matches!(info.layer, Layer::Dynamic | Layer::Execution));
    assert_eq!(left, running.map(|info| info.code).filter(|code| !code.starts_with('D')).collect());
    // The rest has nothing to judge here: data of another kind, a certificate.
    let others = || outcome.skipped.iter().filter(|(_, why)| why != "no Python runtime");
    assert!(
        others().all(
            |(code, _)| code.starts_with(['Q', 'C']) || ["L110", "L111", "A221"].contains(&code.as_str())
        ),
        "{:?}",
        outcome.skipped
    );
    let not_run = outcome.checks.iter().filter(|check| check.verdict == CheckVerdict::NotRun);
    let codes: Vec<_> = not_run.map(|check| (check.rule.clone(), check.reason.clone().unwrap())).collect();
    assert_eq!(codes, outcome.skipped);
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
