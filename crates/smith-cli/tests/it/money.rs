//! A budget stops a run in order, and a larger one lets it finish for the same price.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::journals;
use crate::program::{Place, run};
use crate::reference::{pipeline, reference};
use crate::tree;

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

    let stopped = run(&mut with_budget(cost / 2.0)).expect(1);
    stopped.says(&["budget", "--budget-usd", "--resume", "run"]);
    let spent = stopped.json()["cost_usd"].as_f64().unwrap();
    assert!(spent > 0.0 && spent <= cost / 2.0, "{spent} of {cost}");

    // As little as before is not enough to go on, and costs nothing.
    let again = run(with_budget(cost / 2.0).arg("--resume")).expect(1);
    assert!(again.json()["cost_usd"].as_f64().unwrap() <= cost / 2.0);

    let finished = run(with_budget(cost * 2.0).arg("--resume")).expect(0).json();
    for field in ["cost_usd", "model_calls", "verified"] {
        assert_eq!(finished[field], reference.json[field], "{field}");
    }
    tree::assert_same(&reference.packages, &tree::read(&out.join("tasks")));
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
    // Also the calls that were on their way when the money ran out were kept.
    assert_eq!(endpoint.answered().values().sum::<u32>(), reference.answered.values().sum::<u32>());
}
