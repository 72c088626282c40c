//! What defects change.

use smith_task_schema::{Defect, Stage, StageEnd};

use crate::datasets;
use crate::support::Bench;

fn defect(code: &str, text: &str) -> Defect {
    Defect {
        source: code.to_owned(),
        route: Stage::Refactor,
        text: format!("[{code} error] public/train.csv: {text}"),
    }
}

#[tokio::test]
async fn a_column_that_tells_the_answer_is_dropped() {
    let bench = Bench::new(datasets::beds);
    let proposal = bench.proposal().await;
    let told = defect("A211", "its feature `light` alone predicts the answers with a score of 0.999.");
    let report = bench.refactor(&proposal, vec![told]).await;
    assert_eq!((report.end, report.note.as_str()), (StageEnd::Finished, "`light` dropped (A211)"));
    assert!(bench.text("prepare.py").contains("light: it tells the answer."), "{}", bench.text("prepare.py"));
    assert!(!bench.text("description.txt").contains("`light`"));
    // The next attempt starts from there.
    bench.refactor(&proposal, Vec::new()).await;
    assert!(!bench.text("description.txt").contains("`light`"));
}

#[tokio::test]
async fn a_split_that_fails_becomes_a_plainer_one_and_then_a_reason() {
    let bench = Bench::new(datasets::visits);
    let proposal = bench.proposal().await;
    bench.design(&proposal, Vec::new()).await;
    assert!(bench.text("prepare.py").contains("GroupShuffleSplit"));
    let failed = || vec![defect("R101", "python prepare.py ended with exit code 1.")];
    assert_eq!(bench.design(&proposal, failed()).await.end, StageEnd::Finished);
    assert!(!bench.text("prepare.py").contains("GroupShuffleSplit"));
    let report = bench.design(&proposal, failed()).await;
    assert_eq!(report.end, StageEnd::GaveUp);
    assert!(report.note.contains("exit code 1"), "{}", report.note);
}

#[tokio::test]
async fn a_label_that_cannot_be_asked_for_is_left_out() {
    let bench = Bench::new(datasets::films);
    let proposal = bench.proposal().await;
    let failed = vec![defect("Q133", "\"genres: war\" comes from the column \"genres\" of raw/.")];
    let report = bench.refactor(&proposal, failed).await;
    assert_eq!((report.end, report.note.as_str()), (StageEnd::Finished, "`war` not asked for (Q133)"));
    assert!(bench.text("prepare.py").contains("WANTED = [\"comedy\", \"drama\", \"music\"]"));
}

#[tokio::test]
async fn of_pictures_that_look_alike_one_is_kept() {
    let bench = Bench::new(datasets::flowers);
    let proposal = bench.proposal().await;
    let failed = || vec![defect("Q103", "86 of 1000 test examples have a copy among the training examples.")];
    let report = bench.refactor(&proposal, failed()).await;
    assert_eq!(report.note, "of pictures that look alike one is kept (Q103)");
    assert!(bench.text("prepare.py").contains("images = images[first_looks(list(images[\"source\"]))]"));
    assert!(bench.text("description.txt").contains("Of pictures that look alike one is kept."));
    assert_eq!(bench.refactor(&proposal, failed()).await.end, StageEnd::GaveUp);
}

#[tokio::test]
async fn a_metric_that_fails_is_changed_once() {
    for code in ["V003", "C101"] {
        let bench = Bench::new(datasets::visits);
        let proposal = bench.proposal().await;
        let failed = || vec![defect(code, "The best score does not beat a constant.")];
        let report = bench.design(&proposal, failed()).await;
        assert!(report.note.contains("mean absolute error"), "{code}: {}", report.note);
        assert!(bench.text("metric.py").contains("mean_absolute_error"));
        assert_eq!(bench.design(&proposal, failed()).await.end, StageEnd::GaveUp, "{code}");
    }
}

#[tokio::test]
async fn an_unknown_defect_ends_the_candidate() {
    let bench = Bench::new(datasets::beds);
    let proposal = bench.proposal().await;
    let report = bench.refactor(&proposal, vec![defect("P102", "there is no prepare().")]).await;
    assert_eq!(report.end, StageEnd::GaveUp);
    assert!(report.note.starts_with("no other design of this target mends it"), "{}", report.note);
}
