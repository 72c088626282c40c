//! The calibration ladder on tasks whose signal is known.

use smith_assert::{Catalogue, Report, Subject};
use smith_task_schema::{Calibration, Severity};

use crate::made::{ACCURACY, AREA, Dice, Examples, Made, RMSE};
use crate::support::rule;

const CODES: [&str; 4] = ["C101", "C102", "C103", "C104"];

async fn climb(subject: &Subject) -> (Calibration, Vec<String>) {
    let catalogue = Catalogue::post_refactor();
    let mut found = Vec::new();
    for code in CODES {
        let Report { findings, figures } = rule(&catalogue, code).check(subject).await.unwrap();
        println!("{code} {figures:?}");
        for finding in findings {
            println!("{finding}");
            let letter = if finding.severity == Severity::Error { 'E' } else { 'W' };
            found.push(format!("{letter} {code}"));
        }
    }
    (subject.calibration().unwrap(), found)
}

fn text(value: f64) -> String {
    format!("{value:.3}")
}

/// A number from two columns and a category, with noise.
fn houses(rows: usize, seed: u64) -> Examples {
    let mut dice = Dice::new(seed);
    let rows = (0..rows).map(|_| {
        let (a, b, kind) = (dice.normal(), dice.normal(), dice.below(4));
        let price = 3.0 * a - 2.0 * b + [0.0, 4.0, 1.0, 2.0][kind] + 0.7 * dice.normal();
        vec![text(a), text(b), ["hut", "villa", "flat", "farm"][kind].to_owned(), text(price)]
    });
    Examples { columns: vec!["a", "b", "kind", "target"], rows: rows.collect() }
}

/// A class from products of columns, which a linear model does not see.
fn leaves(rows: usize, seed: u64) -> Examples {
    let mut dice = Dice::new(seed);
    let rows = (0..rows).map(|_| {
        let (a, b, c) = (dice.normal(), dice.normal(), dice.normal());
        let score = a * b + 0.5 * c + 0.3 * dice.normal();
        let class = if score > 0.6 { "oak" } else if score > -0.4 { "elm" } else { "ash" };
        vec![text(a), text(b), text(c), class.to_owned()]
    });
    Examples { columns: vec!["a", "b", "c", "target"], rows: rows.collect() }
}

#[tokio::test]
async fn a_regression_is_climbed_in_order() {
    let runtime = smith_exec::testing::runtime().await;
    let made = Made::new(&houses(900, 1), 600, "0.0", RMSE, false);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    println!("{ladder:#?}");
    assert_eq!(found, [""; 0]);
}

#[tokio::test]
async fn a_classification_is_climbed_in_order() {
    let runtime = smith_exec::testing::runtime().await;
    let made = Made::new(&leaves(900, 2), 600, "elm", ACCURACY, true);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    println!("{ladder:#?}");
    assert_eq!(found, [""; 0]);
}
