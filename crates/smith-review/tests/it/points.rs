//! What a review counts for.

use smith_task_schema::{Criterion, Quotation, ReviewVerdict, Stage};

use crate::support::{PASSAGE, Place, points, quoting, scripted, submit};

#[tokio::test]
async fn every_criterion_gets_its_point() {
    let model = scripted([submit(points("pass", &[]))]);
    let report = Place::new().review(&model).await;
    let criteria: Vec<_> = report.points.iter().map(|point| point.criterion).collect();
    assert_eq!(criteria, Criterion::ALL);
    assert!(report.points.iter().all(|point| point.verdict == ReviewVerdict::Pass));
    assert_eq!((report.steps, report.passes, report.kappa, report.failing().count()), (1, 1, None, 0));
    let asked = model.requests()[0].messages[0].text();
    assert!(Criterion::ALL.iter().all(|criterion| asked.contains(&format!("- `{}`: ", criterion.as_str()))));
}

#[tokio::test]
async fn a_fail_counts_only_with_a_passage_that_stands_in_the_named_file() {
    let of = |file: &'static str, quote: &'static str| vec![(file, quote)];
    let description = |quote: &'static str| of("description.txt", quote);
    for (evidence, counts) in [
        (description(PASSAGE), true),
        // White space may differ, and nothing else.
        (description("Predict  the\tripeness\n\nof each plum"), true),
        (of("public/train.csv", "1,blue,yes"), true),
        (of("train.csv", "colour"), true),
        (of("public/", "train.csv"), true),
        (of("raw/plums.csv", "12,blue,yes"), true),
        (description("predict the ripeness of each plum"), false),
        (description("Predict the ripeness of each plum!"), false),
        (description("redict the ripeness of each plum"), false),
        (description("Predicttheripeness"), false),
        (description("Predict the … plum"), false),
        (description("Predict the"), false),
        // It stands in another file, or in none that there is.
        (of("metric.py", PASSAGE), false),
        (of("test.py", "assert True"), false),
        (of("public/train.csv", "taste"), false),
        // Of two files, the end of one and the beginning of the other are no passage.
        (description("Ids are row numbers. def prepare"), false),
        // The proposal is no part of the task, and what was not shown cannot be pointed at.
        (description("All about plums."), false),
        (of("public/description.txt", "A copy that need not be shown twice."), false),
        (description(" \n"), false),
        (vec![], false),
    ] {
        let model = scripted([submit(quoting("fail", &evidence))]);
        let report = Place::new().review(&model).await;
        assert_eq!(report.points.len(), Criterion::ALL.len());
        for point in &report.points {
            let verdict = if counts { ReviewVerdict::Fail } else { ReviewVerdict::CannotTell };
            assert_eq!(point.verdict, verdict, "{evidence:?}");
            assert_eq!((point.lowered.is_none(), point.evidence.len()), (counts, usize::from(counts)));
            assert_eq!(point.refused, u32::from(!counts && !evidence.is_empty()));
            let votes = point.votes.unwrap();
            assert_eq!(
                (votes.fail, votes.cannot_tell, votes.lowered),
                if counts { (1, 0, 0) } else { (0, 1, 1) }
            );
            let (reason, route) = (point.reason.as_str(), point.route);
            assert_eq!((reason, route), ("It says nothing of stones.", Stage::Refactor));
        }
        assert_eq!(report.failing().count(), if counts { Criterion::ALL.len() } else { 0 });
    }
}

#[tokio::test]
async fn of_several_passages_those_that_exist_are_kept() {
    let model = scripted([submit(points("fail", &["quite made up text", PASSAGE]))]);
    let report = Place::new().review(&model).await;
    let kept = Quotation { file: "description.txt".to_owned(), text: PASSAGE.to_owned() };
    assert!(report.points.iter().all(|point| point.evidence == [kept.clone()] && point.lowered.is_none()));
    assert_eq!(report.refused(), 7);
    let model = scripted([submit(points("fail", &["quite made up text"]))]);
    let report = Place::new().review(&model).await;
    let lowered = report.points[0].lowered.clone().unwrap();
    assert!(
        lowered.contains("made up") && lowered.contains("does not stand in the file"),
        "the quotation that is nowhere is named: {lowered}"
    );
}
