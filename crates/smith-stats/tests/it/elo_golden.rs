//! Ratings and standard errors of SciPy and statsmodels; `tests/fixtures/make_elo.py` made the file and says how.

use serde_json::Value;
use smith_stats::elo::{Battles, EloOptions, Ratings, Unit, rate};

fn cases() -> Vec<Value> {
    let fixture: Value = serde_json::from_str(include_str!("../fixtures/elo.json")).unwrap();
    fixture["cases"].as_array().unwrap().clone()
}

fn battles(case: &Value) -> Battles {
    let mut battles = Battles::default();
    for row in case["battles"].as_array().unwrap() {
        let name = |cell: &Value| format!("model {cell}");
        let (winner, weight) = (row[2].as_str().unwrap().parse().unwrap(), row[3].as_f64().unwrap());
        let task = format!("task {}", row[4]);
        battles.push(&name(&row[0]), &name(&row[1]), winner, weight, Some(&task), None).unwrap();
    }
    battles
}

fn options(unit: Unit, rounds: usize) -> EloOptions {
    let mut options = EloOptions::default();
    options.unit = Some(unit);
    options.rounds = rounds;
    options
}

/// Figures of the models by their numbers.
fn by_number(ratings: &Ratings, of: fn(&smith_stats::elo::Rating) -> f64) -> Vec<f64> {
    let mut models: Vec<_> = ratings.ratings.iter().collect();
    models.sort_by(|a, b| a.model.cmp(&b.model));
    models.into_iter().map(of).collect()
}

#[track_caller]
fn agree(found: &[f64], reference: &Value, what: &str) {
    let reference: Vec<f64> =
        reference.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    assert_eq!(found.len(), reference.len(), "{what}");
    for (found, reference) in found.iter().zip(&reference) {
        assert!((found - reference).abs() < 1e-6, "{what}: {found}, reference {reference}");
    }
}

#[test]
fn ratings_are_an_exact_solution_to_a_millionth_of_a_point() {
    for case in cases() {
        let overall = rate(&battles(&case), &options(Unit::Battles, 0)).unwrap().overall;
        assert_eq!(overall.ridged, None);
        agree(&by_number(&overall, |rating| rating.elo), &case["elo"], case["name"].as_str().unwrap());
    }
}

#[test]
fn sandwich_errors_are_those_of_statsmodels() {
    for case in cases() {
        for (unit, name) in [(Unit::Battles, "battles"), (Unit::Tasks, "tasks")] {
            let overall = rate(&battles(&case), &options(unit, 0)).unwrap().overall;
            assert_eq!(overall.sandwich_unit, Some(unit));
            let found = by_number(&overall, |rating| rating.standard_error.unwrap());
            agree(&found, &case["standard_errors"][name], case["name"].as_str().unwrap());
        }
    }
}

#[test]
fn both_ways_to_an_interval_tell_the_same_story() {
    let case = &cases()[0];
    for unit in [Unit::Battles, Unit::Tasks] {
        let overall = rate(&battles(case), &options(unit, 2000)).unwrap().overall;
        for rating in &overall.ratings {
            let (drawn, estimated) = (rating.high.unwrap() - rating.low.unwrap(), rating.sandwich.unwrap());
            let ratio = drawn / (estimated.high - estimated.low);
            assert!((0.8..1.6).contains(&ratio), "{unit:?} {ratio} {rating:?}");
            assert!(rating.low.unwrap() < rating.elo && rating.elo < rating.high.unwrap());
        }
    }
}
