//! A budget stops a run in order, and a larger one lets it finish for the same price.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::journals;
use crate::program::{Place, run};
use crate::reference::{pipeline, reference};
use crate::tree;

/// Enough for the proposals and the estimate of one more call, but not of the two that both candidates make at
/// once: one waits for what the other gives back.
const ONE_CALL: f64 = 0.2;

#[test]
fn a_run_that_reached_its_budget_goes_on_with_a_larger_one() {
    let reference = reference();
    let cost = reference.bill();
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::from_millis(60)));
    let out = place.path("run");
    let with_budget = |budget: f64| {
        let mut command = pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
        command.args(["--budget-usd", &budget.to_string()]);
        command
    };

    // Each process goes as far as its budget bears, the second with what the first could not use.
    for (number, budget) in [ONE_CALL, ONE_CALL, cost / 2.0].into_iter().enumerate() {
        let mut command = with_budget(budget);
        if number > 0 {
            command.arg("--resume");
        }
        let stopped = run(&mut command).expect(1);
        stopped.says(&["budget", "--budget-usd", "--resume", &out.display().to_string()]);
        let spent = stopped.json()["cost_usd"].as_f64().unwrap();
        assert!(spent > 0.0 && spent <= budget, "{spent} of {budget}");
    }

    // A run that is not given another budget keeps the one that it was started with.
    let mut unlimited = pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
    run(unlimited.arg("--resume")).expect(1).says(&["budget of $0.200000"]);

    let finished = run(with_budget(cost * 2.0).arg("--resume")).expect(0).json();
    for field in ["cost_usd", "model_calls", "verified"] {
        assert_eq!(finished[field], reference.json[field], "{field}");
    }
    tree::assert_same(&reference.packages, &tree::read(&out.join("tasks")));
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
    // Also the calls that were on their way when the money ran out were kept.
    assert_eq!(endpoint.answered().values().sum::<u32>(), reference.answered.values().sum::<u32>());
}

/// Less than one call of a candidate may cost.
const NO_CALL: &str = "0.01";

#[test]
fn candidates_over_their_budget_are_left_open_and_go_on_with_a_larger_one() {
    let reference = reference();
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::ZERO));
    let out = place.path("run");
    let with_budget = |budget: &str| {
        let mut command = pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
        command.args(["--budget-per-candidate", budget, "--budget-per-dataset", "1000"]);
        command.args([
            "--in-flight",
            "2",
            "--requests-per-minute",
            "100000",
            "--tokens-per-minute",
            "900000000",
        ]);
        command
    };
    let stopped = run(with_budget(NO_CALL).args(["--effort", "low"])).expect(1).json();
    let rows = stopped["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && stopped["tasks"].as_array().unwrap().is_empty(), "{stopped:#}");
    for row in rows {
        assert_eq!((&row["outcome"], &row["input_tokens"]), (&"over_budget".into(), &0.into()), "{row:#}");
        assert!(row["reason"].as_str().unwrap().contains("the budget of $0.010000 is reached"), "{row:#}");
    }
    assert_eq!(stopped["cost_usd"], stopped["proposing"][0]["cost_usd"], "the proposals are the dataset's");

    let finished = run(with_budget("1000").arg("--resume")).expect(0).json();
    for field in ["cost_usd", "model_calls", "verified", "input_tokens", "output_tokens"] {
        assert_eq!(finished[field], reference.json[field], "{field}");
    }
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
    // Every agent was asked to think a little, and told the bound that was reserved for.
    for body in endpoint.answered().keys() {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["reasoning_effort"], &body["max_tokens"]), (&"low".into(), &12_288.into()));
    }
    let per_task = &finished["per_task"];
    let each = finished["cost_usd"].as_f64().unwrap() / finished["verified"].as_f64().unwrap();
    assert!((per_task["cost_usd"].as_f64().unwrap() - each).abs() < 1e-9, "{per_task}");
    assert_eq!((&per_task["paper_cost_usd"], &per_task["paper_seconds"]), (&0.78.into(), &420.0.into()));
}
