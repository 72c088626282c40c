//! What a review counts for.

use smith_task_schema::{Criterion, ReviewVerdict, Stage};

use crate::support::{PASSAGE, Place, points, scripted, submit};

#[tokio::test]
async fn every_criterion_gets_its_point() {
    let model = scripted([submit(points("pass", &[]))]);
    let report = Place::new().review(&model).await;
    let criteria: Vec<_> = report.points.iter().map(|point| point.criterion).collect();
    assert_eq!(criteria, Criterion::ALL);
    assert!(report.points.iter().all(|point| point.verdict == ReviewVerdict::Pass));
    assert_eq!((report.steps, report.failing().count()), (1, 0));
    let asked = model.requests()[0].messages[0].text();
    assert!(Criterion::ALL.iter().all(|criterion| asked.contains(&format!("- `{}`: ", criterion.as_str()))));
}

#[tokio::test]
async fn a_fail_counts_only_with_a_passage_that_was_shown() {
    for (evidence, counts) in [
        (vec![PASSAGE], true),
        // White space may differ, and nothing else.
        (vec!["Predict  the\tripeness\n\nof each plum"], true),
        (vec!["1,blue,yes"], true),
        (vec!["predict the ripeness of each plum"], false),
        (vec!["Predict the ripeness of each plum!"], false),
        (vec!["Predicttheripeness"], false),
        (vec!["Predict the … plum"], false),
        // Of two files, the end of one and the beginning of the other are no passage.
        (vec!["Ids are row numbers. def prepare"], false),
        // The proposal is no part of the task, and what was not shown cannot be pointed at.
        (vec!["All about plums."], false),
        (vec!["A copy that need not be shown twice."], false),
        (vec![" \n"], false),
        (vec![], false),
    ] {
        let model = scripted([submit(points("fail", &evidence))]);
        let report = Place::new().review(&model).await;
        assert_eq!(report.points.len(), 5);
        for point in &report.points {
            let verdict = if counts { ReviewVerdict::Fail } else { ReviewVerdict::CannotTell };
            assert_eq!(point.verdict, verdict, "{evidence:?}");
            assert_eq!((point.lowered.is_none(), point.evidence.len()), (counts, usize::from(counts)));
            let (reason, route) = (point.reason.as_str(), point.route);
            assert_eq!((reason, route), ("It says nothing of stones.", Stage::Refactor));
        }
        assert_eq!(report.failing().count(), if counts { 5 } else { 0 });
    }
}

#[tokio::test]
async fn of_several_passages_those_that_exist_are_kept() {
    let model = scripted([submit(points("fail", &["made up", PASSAGE]))]);
    let report = Place::new().review(&model).await;
    assert!(report.points.iter().all(|point| point.evidence == [PASSAGE] && point.lowered.is_none()));
    let model = scripted([submit(points("fail", &["made up"]))]);
    let report = Place::new().review(&model).await;
    let lowered = report.points[0].lowered.clone().unwrap();
    assert!(lowered.contains("made up"), "the quotation that is nowhere is named: {lowered}");
}
