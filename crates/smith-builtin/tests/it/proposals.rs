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

/// What writes a dataset, and what is proposed for it.
type Case = (fn(&Path), &'static str);

#[tokio::test]
async fn targets_are_those_that_the_data_support() {
    let cases: &[Case] = &[
        (datasets::beds, "classification bloomed by area under the ROC curve (ROC AUC)"),
        (datasets::visits, "regression pressure by root mean squared error (RMSE)"),
        (datasets::films, "multi-label genres by mean column-wise ROC AUC"),
        (datasets::letters, "classification label by accuracy"),
        (datasets::flowers, "classification label by area under the ROC curve (ROC AUC)"),
        (datasets::bells, "classification label by area under the ROC curve (ROC AUC)"),
        (datasets::strides, "classification class by area under the ROC curve (ROC AUC)"),
        (datasets::diaries, "classification source by accuracy"),
        (datasets::packed_beds, "classification bloomed by area under the ROC curve (ROC AUC)"),
        (datasets::guests, "classification linked by area under the ROC curve (ROC AUC)"),
        (datasets::stamps, "classification label by accuracy"),
        (datasets::sounds, "structured-prediction symbols by token error rate (edit distance per symbol)"),
        (datasets::readers, "ranking rating by normalised discounted cumulative gain (NDCG)"),
        (datasets::authors, "classification label by accuracy"),
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
async fn of_a_series_in_two_parts_the_longer_one_is_forecast() {
    let bench = Bench::new(|raw| {
        datasets::days(raw);
        let text = std::fs::read_to_string(raw.join("sales.csv")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let (early, late) = lines[1..].split_at(250);
        for (name, part) in [("sales_train.csv", late), ("sales_test.csv", early)] {
            std::fs::write(raw.join(name), format!("{}\n{}\n", lines[0], part.join("\n"))).unwrap();
        }
        std::fs::remove_file(raw.join("sales.csv")).unwrap();
    });
    let report = bench.brainstorm(5).await;
    let forecast = report.proposals.iter().find(|p| p.header.formulation.as_str() == "forecasting");
    let forecast = forecast.unwrap_or_else(|| panic!("{}", report.note));
    assert!(
        forecast.section("Data used").starts_with("`sales_train.csv` with"),
        "{}",
        forecast.to_markdown()
    );
}

#[tokio::test]
async fn what_is_not_taken_is_named_with_its_reason() {
    let report = Bench::new(datasets::beds).brainstorm(1).await;
    assert!(report.note.contains("`soil`") && report.note.contains("better supported"), "{}", report.note);
}
