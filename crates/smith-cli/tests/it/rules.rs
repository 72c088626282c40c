//! `rules`, `explain`, and rules that are left out.

use serde_json::json;

use crate::program::{Place, run};
use crate::reference::reference;

#[test]
fn rules_are_listed_and_each_can_be_explained() {
    let place = Place::new();
    let rules = run(place.smith().args(["rules", "--json"])).expect(0).json();
    let rules = rules.as_array().unwrap();
    assert!(rules.len() > 40 && rules.iter().all(|rule| rule["family"].is_string()), "{rules:#?}");
    let shown =
        run(place.smith().args(["rules", "--select", "A10,target-in-test", "--ignore", "A101"])).expect(0);
    assert!(shown.stdout.contains("A102") && !shown.stdout.contains("A101"), "{}", shown.stdout);
    for what in ["S105", "s105", "answers-score-best"] {
        let shown = run(place.smith().args(["explain", what])).expect(0).stdout;
        assert!(shown.starts_with("S105 answers-score-best · error · execution"), "{shown}");
    }
    run(place.smith().args(["explain", "S999"])).expect(2).says(&["S999", "smith rules"]);
    run(place.smith().args(["rules", "--ignore", "S999"])).expect(2).says(&["`S999`"]);
}

#[test]
fn a_task_is_explained_step_by_step_with_its_costs() {
    let task = reference().task("caffeine");
    let place = Place::new();
    let explained = run(place.smith().arg("explain").arg(&task).arg("--json")).expect(0).json();
    assert_eq!(explained["certificate_holds"], json!(true));
    let steps = explained["steps"].as_array().unwrap();
    let stages: Vec<_> = steps.iter().filter_map(|step| step["stage"].as_str()).collect();
    assert_eq!((stages.first(), stages.last()), (Some(&"design"), Some(&"validate")), "{stages:?}");
    assert!(steps.iter().any(|step| step["cost_usd"].as_f64() > Some(0.0)));
    let shown = run(place.smith().arg("explain").arg(&task)).expect(0).stdout;
    for part in [": accepted", "certificate: holds", "assertions: ", "S105"] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
}
