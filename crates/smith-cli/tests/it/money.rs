//! A budget stops a run in order, and a larger one lets it finish for the same price.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::journals;
use crate::program::{Place, run};
use crate::reference::{pipeline, reference};
use crate::tree;

/// Enough for the proposals and the estimate of one more call, but not of the two that both candidates make at
/// once: one is refused while the other is on its way.
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

    let finished = run(with_budget(cost * 2.0).arg("--resume")).expect(0).json();
    for field in ["cost_usd", "model_calls", "verified"] {
        assert_eq!(finished[field], reference.json[field], "{field}");
    }
    tree::assert_same(&reference.packages, &tree::read(&out.join("tasks")));
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
    // Also the calls that were on their way when the money ran out were kept.
    assert_eq!(endpoint.answered().values().sum::<u32>(), reference.answered.values().sum::<u32>());
}
