//! Fleiss' kappa against statsmodels; `fixtures/make_kappa.py` makes the values.

use serde::Deserialize;
use smith_review::fleiss_kappa;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    table: Vec<[u32; 3]>,
    kappa: Option<f64>,
}

#[test]
fn kappa_is_that_of_statsmodels() {
    let golden: Golden = serde_json::from_str(include_str!("../fixtures/kappa.json")).unwrap();
    assert_eq!(golden.cases.len(), 6);
    for Case { name, table, kappa } in golden.cases {
        match (fleiss_kappa(&table), kappa) {
            (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() < 1e-12, "{name}: {ours} {theirs}"),
            (ours, theirs) => assert_eq!(ours, theirs, "{name}"),
        }
    }
}

#[test]
fn it_is_undefined_without_two_judges_of_everything() {
    assert_eq!(fleiss_kappa::<3>(&[]), None);
    assert_eq!(fleiss_kappa(&[[1, 0], [0, 1]]), None);
    assert_eq!(fleiss_kappa(&[[2, 1], [0, 2]]), None);
    assert_eq!(fleiss_kappa(&[[0_u32, 0]]), None);
}
