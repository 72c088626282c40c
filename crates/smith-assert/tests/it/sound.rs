//! Nothing is found on a sound task, whatever its layout.

use smith_assert::{Catalogue, Scores};
use smith_task_schema::{LayoutKind, Verdict};

use crate::support::Task;

#[tokio::test]
async fn a_sound_task_has_no_finding_in_any_layout() {
    let runtime = smith_exec::testing::runtime().await;
    for kind in [LayoutKind::Workdir, LayoutKind::Package, LayoutKind::Repo] {
        let task = Task::unified(kind);
        let raw = smith_task_schema::hash::tree(&task.layout.raw).unwrap();
        let subject = task.subject(Some(runtime.clone()));
        let catalogue = Catalogue::post_refactor();
        let outcome = catalogue.check(&subject).await.unwrap();

        assert_eq!(outcome.findings, [], "{kind:?}");
        assert_eq!(outcome.verdict(), Verdict::Accepted);
        // Rules on data of another kind have nothing to judge here, and there is no certificate yet.
        let elsewhere =
            |code: &str| code.starts_with('Q') || ["L110", "L111", "A221", "S133"].contains(&code);
        let of_format = outcome.skipped.iter().filter(|(code, _)| !elsewhere(code));
        let skipped: Vec<_> = of_format.map(|(code, why)| (code.as_str(), why.as_str())).collect();
        let expected =
            if kind == LayoutKind::Repo { vec![("R115", "this layout has no test.py")] } else { vec![] };
        assert_eq!(skipped, expected, "{kind:?}");
        assert_eq!(outcome.checks.len(), catalogue.rules().len());
        assert!(outcome.checks.iter().all(|check| check.findings == 0 && !check.proves.is_empty()));
        assert_eq!(smith_task_schema::hash::tree(&task.layout.raw).unwrap(), raw, "the dataset is as it was");
    }
}

#[tokio::test]
async fn scores_are_those_of_sample_best_constant_and_answers() {
    let task = Task::unified(LayoutKind::Workdir);
    let subject = task.subject(Some(smith_exec::testing::runtime().await));
    let scores = subject.scores().await.unwrap().unwrap();
    let Scores { higher_is_better, sample, constant, answers } = scores;
    assert!(higher_is_better);
    assert_eq!(answers, Some(1.0));
    // 63 test rows: 17 first, 23 second, 23 juice. A constant has a third of the F1 score of its own grade.
    let f1_of_23 = 2.0 * 23.0 / (63.0 + 23.0) / 3.0;
    assert!((sample.unwrap() - f1_of_23).abs() < 1e-12);
    assert!((constant.unwrap() - f1_of_23).abs() < 1e-12);
}

#[tokio::test]
async fn there_are_no_scores_without_a_runtime_or_a_usable_metric() {
    let task = Task::unified(LayoutKind::Workdir);
    assert_eq!(task.subject(None).scores().await.unwrap(), None);

    std::fs::write(&task.layout.metric, "raise RuntimeError('no')\n").unwrap();
    let runtime = smith_exec::testing::runtime().await;
    assert_eq!(task.subject(Some(runtime)).scores().await.unwrap(), None);
}

#[tokio::test]
async fn scratch_is_left_clean() {
    let task = Task::unified(LayoutKind::Workdir);
    let subject = task.subject(Some(smith_exec::testing::runtime().await));
    Catalogue::post_refactor().check(&subject).await.unwrap();
    drop(subject);
    assert_eq!(std::fs::read_dir(task.dir.path().join("scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_sound_design_has_no_finding() {
    let task = Task::design();
    let subject = task.subject(Some(smith_exec::testing::runtime().await));
    let outcome = Catalogue::pre_refactor().check(&subject).await.unwrap();
    assert_eq!((outcome.findings, outcome.skipped), (vec![], vec![]));
    assert!(!task.layout.root.join("competition").exists(), "scripts run on a copy");
}
