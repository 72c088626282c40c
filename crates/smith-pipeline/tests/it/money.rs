//! Budgets of a run, of its datasets and of its candidates: what ends where, and that nothing is paid twice.

use smith_llm::MicroUsd;
use smith_pipeline::{BudgetLimits, Outcome, RunSummary, explain};
use smith_task_schema::{BudgetLevel, Event, Stage};

use crate::support::{Act, Actors, Setting, events, fixture};

/// Each stage makes one call at this price: one for the proposals, four for a candidate.
const CALL: u64 = 100;

fn setting(run: Option<u64>, dataset: Option<u64>, candidate: Option<u64>) -> Setting {
    let mut setting = Setting::new();
    // One after the other, so that it is known who comes first.
    setting.options.concurrency = 1;
    setting.options.budget = limits(run, dataset, candidate);
    setting
}

fn limits(run: Option<u64>, dataset: Option<u64>, candidate: Option<u64>) -> BudgetLimits {
    let mut limits = BudgetLimits::default();
    [limits.run, limits.dataset, limits.candidate] =
        [run, dataset, candidate].map(|limit| limit.map(MicroUsd));
    limits
}

fn outcomes(summary: &RunSummary) -> Vec<(&str, u32, Outcome)> {
    summary.rows.iter().map(|row| (row.dataset.as_str(), row.index, row.outcome)).collect()
}

fn stops(setting: &Setting, dataset: &str, index: u32) -> Vec<(BudgetLevel, String)> {
    let stop = |event| match event {
        Event::BudgetSpent { level, reason } => Some((level, reason)),
        _ => None,
    };
    events(&setting.journal(dataset, index)).into_iter().filter_map(stop).collect()
}

#[tokio::test]
async fn a_candidate_that_used_up_its_budget_ends_and_the_run_goes_on() {
    let mut setting = setting(None, None, Some(2 * CALL + CALL / 2));
    let summary = setting.run(&Actors::paid(2, CALL, |_| Act::Well)).await.unwrap();
    assert_eq!(outcomes(&summary), [1, 2].map(|index| ("ferries", index, Outcome::OverBudget)));
    assert_eq!((summary.cost_micro_usd, summary.verified, summary.rejected), (5 * CALL, 0, 0));
    assert!(!summary.has_faults() && summary.tasks.is_empty(), "nothing is said of the task: {summary:#?}");
    let reason = &summary.rows[1].reason;
    assert!(
        reason.starts_with("over the budget of a candidate: the budget of $0.000250 is reached"),
        "{reason}"
    );
    assert_eq!(stops(&setting, "ferries", 2), [(BudgetLevel::Candidate, reason.clone())]);

    // Asked again with the same budget it is refused again, and nothing is sent.
    assert_eq!(setting.run(&Actors::paid(2, CALL, |_| Act::Well)).await.unwrap().cost_micro_usd, 5 * CALL);
    setting.options.budget = limits(None, None, Some(4 * CALL));
    let finished = setting.run(&Actors::paid(2, CALL, |_| Act::Well)).await.unwrap();
    assert_eq!((finished.verified, finished.cost_micro_usd, finished.model_calls), (2, 9 * CALL, 9));
}

#[tokio::test]
async fn when_a_datasets_budget_is_used_up_its_other_candidates_are_skipped() {
    let mut setting = setting(None, Some(6 * CALL + CALL / 2), None);
    setting.add("boats", &fixture("raw"));
    let summary = setting.run(&Actors::paid(3, CALL, |_| Act::Well)).await.unwrap();
    let expected = ["ferries", "boats"].map(|dataset| {
        [(1, Outcome::Accepted), (2, Outcome::OverBudget), (3, Outcome::OverBudget)]
            .map(|(index, outcome)| (dataset, index, outcome))
    });
    assert_eq!(outcomes(&summary), expected.concat());
    assert_eq!((summary.cost_micro_usd, summary.verified), (12 * CALL, 2));
    for dataset in ["ferries", "boats"] {
        let [(level, reason)] = &stops(&setting, dataset, 3)[..] else { panic!("{dataset}") };
        assert_eq!(*level, BudgetLevel::Dataset);
        assert!(
            reason.starts_with("skipped: over the budget of a dataset: the budget of $0.000650"),
            "{reason}"
        );
        assert_eq!(events(&setting.journal(dataset, 3)).len(), 1, "it was not begun");
    }
    setting.options.budget = limits(None, Some(13 * CALL), None);
    let finished = setting.run(&Actors::paid(3, CALL, |_| Act::Well)).await.unwrap();
    assert_eq!((finished.verified, finished.cost_micro_usd), (6, 26 * CALL));
}

#[tokio::test]
async fn proposals_are_paid_from_the_datasets_budget() {
    let mut setting = setting(None, Some(CALL / 2), Some(1));
    let summary = setting.run(&Actors::paid(1, CALL, |_| Act::Well)).await.unwrap();
    let [(dataset, reason)] = &summary.refused[..] else { panic!("{summary:#?}") };
    assert!(dataset == "ferries" && reason.starts_with("over the budget of a dataset"), "{reason}");
    assert!(!summary.has_faults() && summary.cost_micro_usd == 0, "{summary:#?}");
    setting.options.budget = BudgetLimits::default();
    let finished = setting.run(&Actors::paid(1, CALL, |_| Act::Well)).await.unwrap();
    assert_eq!((finished.verified, finished.refused.len()), (1, 0));
}

#[tokio::test]
async fn the_runs_own_budget_stops_the_run() {
    let setting = setting(Some(3 * CALL + 1), None, Some(4 * CALL));
    let error = setting.run(&Actors::paid(2, CALL, |_| Act::Well)).await.unwrap_err();
    assert!(
        error.is_budget() && error.to_string().starts_with("the budget of $0.000301 is reached"),
        "{error}"
    );
    let summary = setting.summary();
    assert_eq!(outcomes(&summary), [1, 2].map(|index| ("ferries", index, Outcome::Open)));
    assert_eq!(summary.cost_micro_usd, 3 * CALL);
}

/// What a killed process paid is missing to the next one, at every level: proposals, a design and a refactoring here.
#[tokio::test]
async fn what_a_killed_process_spent_counts_at_every_level() {
    for (level, enough) in [("run", 5), ("dataset", 5), ("candidate", 4)] {
        let mut setting = setting(None, None, None);
        let first =
            Actors::paid(1, CALL, |call| if call.stage == Stage::Refactor { Act::Hangs } else { Act::Well });
        setting.killed(&first).await;
        assert_eq!(setting.summary().cost_micro_usd, 3 * CALL);
        let at = |limit: u64| match level {
            "run" => limits(Some(limit), None, None),
            "dataset" => limits(None, Some(limit), None),
            _ => limits(None, None, Some(limit)),
        };
        setting.options.budget = at(enough * CALL - 1);
        let stopped = setting.run(&Actors::paid(1, CALL, |_| Act::Well)).await;
        assert_eq!(stopped.is_err(), level == "run", "{level}");
        assert_eq!((setting.summary().cost_micro_usd, setting.summary().verified), (4 * CALL, 0), "{level}");
        setting.options.budget = at(enough * CALL);
        let finished = setting.run(&Actors::paid(1, CALL, |_| Act::Well)).await.unwrap();
        assert_eq!((finished.cost_micro_usd, finished.verified), (5 * CALL, 1), "{level}");
    }
}

#[tokio::test]
async fn the_summary_says_what_each_candidate_took() {
    let setting = setting(None, None, None);
    let summary = setting.run(&Actors::paid(2, CALL, |_| Act::Well)).await.unwrap();
    let json = serde_json::to_value(&summary).unwrap();
    for (row, calls) in [(&json["proposing"][0], 1), (&json["rows"][0], 4), (&json["rows"][1], 4), (&json, 9)]
    {
        for (field, each) in
            [("input_tokens", 10), ("cached_tokens", 4), ("output_tokens", 5), ("reasoning_tokens", 2)]
        {
            assert_eq!(row[field], calls * each, "{field} of {row}");
        }
        assert!((row["cost_usd"].as_f64().unwrap() - f64::from(calls) * 1e-4).abs() < 1e-12, "{row}");
        assert!(row["seconds"].as_f64().unwrap() > 0.0);
    }
    let per_task = summary.per_task.unwrap();
    assert!((per_task.cost_usd - 4.5e-4).abs() < 1e-12, "{per_task:?}");
    let validation: f64 = summary.rows.iter().map(|row| row.validation_seconds).sum();
    assert!(validation > 0.0, "{summary:#?}");
    let work: f64 =
        summary.rows.iter().map(|row| row.spent.seconds).sum::<f64>() + summary.proposing[0].spent.seconds;
    assert!((per_task.seconds * 2.0 - (work - validation)).abs() < 1e-9, "{per_task:?}");

    // The steps of the explanation add up to the candidate.
    let explained = explain(&summary.tasks[0].path).unwrap();
    let tokens: u64 = explained.steps.iter().map(|step| step.usage.reasoning_tokens).sum();
    let cost: f64 = explained.steps.iter().map(|step| step.cost_usd).sum();
    assert_eq!(
        (tokens, summary.rows[0].spent.cost_usd.map(|known| (known - cost).abs() < 1e-12)),
        (8, Some(true))
    );
}

#[tokio::test]
async fn nothing_is_compared_that_was_not_paid_for() {
    let setting = setting(None, None, None);
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert_eq!((summary.verified, summary.per_task), (1, None));
}
