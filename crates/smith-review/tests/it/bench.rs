//! The bench: scripted reviewers of which it is known what they see, on the bank of the repository.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use smith_llm::{ChatRequest, ChatResponse, LlmError, Message, MicroUsd, Sampling};
use smith_review::Reviewer;
use smith_review::bench::{BankError, BenchReport, Case, Share, measure, read_bank};
use smith_task_schema::{Criterion, StageError};
use smith_testkit::ScriptedModel;

use crate::support::{points, shown, submit};

fn bank() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reviews")
}

fn cases() -> Vec<Case> {
    read_bank(&bank()).unwrap()
}

async fn bench(model: ScriptedModel, passes: u32) -> BenchReport {
    let dir = tempfile::tempdir().unwrap();
    let reviewer = Reviewer::new(Arc::new(model), Sampling::default()).with_passes(passes);
    measure(&reviewer, &cases(), dir.path().to_path_buf()).await.unwrap()
}

/// A review that passes everything but some criteria, which it fails with this passage of `metric.py`.
fn failing(criteria: &[Criterion], quote: &str) -> ChatResponse {
    let mut arguments = points("pass", &[]);
    for point in arguments["points"].as_array_mut().unwrap() {
        if criteria.iter().any(|criterion| point["criterion"] == json!(criterion.as_str())) {
            point["verdict"] = json!("fail");
            point["evidence"] = json!([{"file": "metric.py", "quote": quote}]);
        }
    }
    submit(arguments)
}

/// Stands in every metric of the bank.
const TRUE: &str = "both = y_true.merge(y_pred";
const UNTRUE: &str = "there is no such passage";

/// The case that a request is about: the one whose description it holds.
fn case_of(request: &ChatRequest, cases: &[(String, Vec<Criterion>)]) -> Vec<Criterion> {
    let shown = shown(request);
    let (_, fails) = cases.iter().find(|(description, _)| shown.contains(description)).unwrap();
    fails.clone()
}

/// What marks each case, and what should fail there.
fn answers() -> Vec<(String, Vec<Criterion>)> {
    let mut answers: Vec<_> = cases()
        .into_iter()
        .map(|case| {
            let read = |path: &Path| std::fs::read_to_string(path).unwrap();
            // The whole `<file>` elements, because some cases differ in their scripts alone.
            let text = |path: &Path| format!("\n{}\n</file>", read(path).trim_end());
            (
                case.expected.fails,
                [&case.task.description, &case.task.prepare, &case.task.metric].map(|p| text(p)),
            )
        })
        .collect();
    let all = answers.clone();
    answers
        .drain(..)
        .map(|(fails, texts)| {
            let own = |text: &&String| all.iter().filter(|(_, others)| others.contains(text)).count() == 1;
            (texts.iter().find(own).unwrap().clone(), fails)
        })
        .collect()
}

#[test]
fn the_bank_holds_every_criterion_and_sound_tasks() {
    let cases = cases();
    let sound = cases.iter().filter(|case| case.expected.fails.is_empty()).count();
    assert_eq!((cases.len(), sound), (11, 3));
    for criterion in Criterion::ALL {
        assert!(cases.iter().any(|case| case.expected.fails.contains(&criterion)), "{criterion:?}");
    }
    assert!(cases.iter().all(|case| !case.expected.says.is_empty()
        && !case.expected.may_fail.iter().any(|c| case.expected.fails.contains(c))));
}

#[tokio::test]
async fn a_reviewer_that_passes_everything_sees_nothing_and_invents_nothing() {
    let report = bench(ScriptedModel::respond(|_| submit(points("pass", &[]))), 3).await;
    let all = &report.all;
    assert_eq!((all.defects, all.hits, all.false_alarms, all.cannot_tell), (8, 0, 0, 0));
    assert_eq!((all.precision, all.recall, all.agreement), (None, Some(0.0), Some(1.0)));
    assert_eq!((report.caught, report.alarmed), (Share { count: 0, of: 8 }, Share { count: 0, of: 3 }));
    assert_eq!((report.kappa, report.spent.model_calls, report.cases.len()), (None, 33, 11));
}

#[tokio::test]
async fn a_reviewer_that_fails_everything_sees_all_and_invents_the_rest() {
    let report = bench(ScriptedModel::respond(|_| failing(&Criterion::ALL, TRUE)), 1).await;
    let all = &report.all;
    // Of 77 judgements 7 may fail and are left out, 8 should fail.
    assert_eq!((all.judged, all.defects, all.hits, all.false_alarms), (70, 8, 8, 62));
    assert_eq!((all.precision, all.recall), (Some(0.114_286), Some(1.0)));
    assert_eq!((report.caught, report.alarmed), (Share { count: 8, of: 8 }, Share { count: 3, of: 3 }));
    let metric = report.criteria.iter().find(|one| one.criterion == Some(Criterion::Metric)).unwrap();
    assert_eq!((metric.judged, metric.hits, metric.precision), (10, 2, Some(0.2)));
}

#[tokio::test]
async fn a_reviewer_that_quotes_what_is_not_there_could_not_tell() {
    let report = bench(ScriptedModel::respond(|_| failing(&Criterion::ALL, UNTRUE)), 3).await;
    let all = &report.all;
    assert_eq!((all.hits, all.false_alarms, all.cannot_tell), (0, 0, 70));
    assert_eq!((all.precision, all.recall, all.cannot_tell_rate), (None, Some(0.0), Some(1.0)));
    assert_eq!((all.refused, all.lowered_votes), (210, 210));
    assert_eq!((report.caught.count, report.alarmed.count), (0, 0));
}

#[tokio::test]
async fn a_reviewer_that_knows_the_answers_is_right_throughout() {
    let answers = answers();
    let report =
        bench(ScriptedModel::respond(move |request| failing(&case_of(request, &answers), TRUE)), 3).await;
    assert_eq!((report.all.precision, report.all.recall), (Some(1.0), Some(1.0)), "{:#?}", report.all);
    assert_eq!((report.caught.count, report.alarmed.count, report.kappa), (8, 0, Some(1.0)));
    assert!(report.criteria.iter().all(|one| one.recall == Some(1.0) && one.cannot_tell == 0));
}

#[tokio::test]
async fn one_good_pass_of_three_is_outvoted_and_agreement_tells() {
    let answers = answers();
    let model = ScriptedModel::respond(move |request| {
        let is_first = request.label.as_deref().unwrap().ends_with("attempt 1");
        if is_first { failing(&case_of(request, &answers), TRUE) } else { submit(points("pass", &[])) }
    });
    let report = bench(model, 3).await;
    assert_eq!((report.all.hits, report.all.recall), (0, Some(0.0)));
    // In 8 of 70 judgements two of three agree, in the others all.
    assert_eq!(report.all.agreement, Some(0.961_905));
    assert!(report.kappa.is_some_and(|kappa| (-0.1..0.0).contains(&kappa)), "{:?}", report.kappa);
}

#[tokio::test]
async fn faults_are_a_column_apart_and_a_spent_budget_ends_the_bench() {
    let pass = || Ok(submit(points("pass", &[])));
    let spent = || LlmError::BudgetReached {
        limit: MicroUsd(5),
        spent: MicroUsd(4),
        reserved: MicroUsd(0),
        needed: MicroUsd(2),
    };
    let script = vec![pass(), Err(LlmError::Fault("down".into())), pass(), Err(spent())];
    let report = bench(ScriptedModel::results(script), 1).await;
    let names: Vec<_> = report.cases.iter().map(|case| case.case.as_str()).collect();
    assert_eq!(names, ["bearing-accuracy", "bearing-no-trace"]);
    assert_eq!(report.faults.len(), 1);
    assert!(report.faults[0].0 == "bearing-grades" && report.faults[0].1.contains("down"));
    assert!(report.stopped.is_some());
    assert_eq!((report.all.judged, report.spent.model_calls), (12, 2));

    let model = Arc::new(ScriptedModel::results([Err(LlmError::Mistake("no key".into()))]));
    let reviewer = Reviewer::new(model, Sampling::default()).with_passes(1);
    let failed = measure(&reviewer, &cases(), PathBuf::new()).await.unwrap_err();
    assert!(matches!(failed, StageError::Mistake(_)));
}

#[tokio::test]
async fn a_reviewer_is_shown_neither_labels_nor_names_of_cases() {
    let model = Arc::new(ScriptedModel::respond(|_| submit(points("pass", &[]))));
    let reviewer = Reviewer::new(model.clone(), Sampling::default()).with_passes(1);
    let cases = cases();
    measure(&reviewer, &cases, PathBuf::new()).await.unwrap();
    for (request, case) in model.requests().iter().zip(&cases) {
        let said: String = request.messages.iter().map(Message::text).collect();
        assert!(!said.contains(&case.name) && !said.contains(&case.expected.says), "{}", case.name);
        assert!(!said.contains("expected.toml") && said.contains("<file name=\"raw/\""));
    }
}

/// A bank with one case, and a change to it.
fn bank_with(change: impl Fn(&Path)) -> Result<Vec<Case>, BankError> {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case");
    for (name, text) in [
        ("prepare.py", "def prepare(raw, public, private): ..."),
        ("public/test.csv", "id\n1\n"),
        ("private/test_answer.csv", "id,a\n1,2\n"),
        ("expected.toml", "fails = [\"leakage\"]\nsays = \"It leaks.\"\n"),
    ] {
        let path = case.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    change(&case);
    read_bank(dir.path())
}

#[test]
fn a_bank_that_cannot_be_used_says_why() {
    assert_eq!(bank_with(|_| ()).unwrap()[0].expected.fails, [Criterion::Leakage]);
    let expected =
        |text: &'static str| move |case: &Path| std::fs::write(case.join("expected.toml"), text).unwrap();
    let said = |result: Result<Vec<Case>, BankError>| result.unwrap_err().to_string();
    for (text, part) in [
        ("fails = [\"beauty\"]\nsays = \"\"\n", "beauty"),
        ("fails = [\"usefulness\"]\nsays = \"\"\n", "no review asks for `usefulness`"),
        ("fails = []\n", "says"),
        ("fails = []\nsays = \"\"\nfail = []\n", "fail"),
    ] {
        assert!(said(bank_with(expected(text))).contains(part), "{text}");
    }
    assert!(
        said(bank_with(|case| std::fs::remove_file(case.join("expected.toml")).unwrap())).contains("no case")
    );
    assert!(
        said(bank_with(|case| std::fs::remove_dir_all(case.join("private")).unwrap()))
            .contains("not prepared")
    );
    assert!(
        said(bank_with(|case| std::fs::write(case.join("proposal.md"), "good").unwrap()))
            .contains("proposal.md")
    );
    assert!(matches!(read_bank(Path::new("nowhere")), Err(BankError::Unreadable { .. })));
}
