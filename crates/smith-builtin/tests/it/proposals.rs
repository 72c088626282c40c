//! What is proposed for a dataset.

use std::path::Path;

use smith_task_schema::proposal;

use crate::datasets;
use crate::support::Bench;

/// Formulation, target and metric of the proposals.
async fn proposed(fill: fn(&Path), most: u32) -> Vec<String> {
    let report = Bench::new(fill).brainstorm(most).await;
    let headers = report.proposals.iter().map(|proposal| &proposal.header);
    headers.map(|h| format!("{} {} by {}", h.formulation, h.target, h.metric)).collect()
}

#[tokio::test]
async fn targets_are_those_that_the_data_support() {
    let cases: &[(fn(&Path), &str)] = &[
        (datasets::beds, "classification bloomed by area under the ROC curve (ROC AUC)"),
        (datasets::visits, "regression pressure by root mean squared error (RMSE)"),
        (datasets::films, "multi-label genres by mean column-wise ROC AUC"),
        (datasets::letters, "classification label by accuracy"),
        (datasets::flowers, "classification label by area under the ROC curve (ROC AUC)"),
        (datasets::bells, "classification label by area under the ROC curve (ROC AUC)"),
        (datasets::strides, "classification class by area under the ROC curve (ROC AUC)"),
        (datasets::diaries, "classification source by accuracy"),
        (datasets::packed_beds, "classification bloomed by area under the ROC curve (ROC AUC)"),
    ];
    for (fill, first) in cases {
        assert_eq!(proposed(*fill, 1).await, [*first]);
    }
}

#[tokio::test]
async fn proposals_differ_and_are_read_back() {
    let report = Bench::new(datasets::days).brainstorm(3).await;
    assert!(report.proposals.len() >= 2, "{}", report.note);
    let mut titles: Vec<_> = report.proposals.iter().map(|proposal| proposal.header.title.clone()).collect();
    titles.dedup();
    assert_eq!(titles.len(), report.proposals.len());
    for proposal in &report.proposals {
        assert_eq!(&proposal::parse(&proposal.to_markdown()).unwrap(), proposal);
    }
}

#[tokio::test]
async fn what_is_not_taken_is_named_with_its_reason() {
    let report = Bench::new(datasets::beds).brainstorm(1).await;
    assert!(report.note.contains("`soil`") && report.note.contains("better supported"), "{}", report.note);
}
