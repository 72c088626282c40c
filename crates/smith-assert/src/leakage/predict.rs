//! The simplest predictor from one feature: the most frequent class or the mean for each value, or for each of a few
//! ranges of its numbers. It learns on train and is measured on test.

use std::collections::HashMap;

use super::target::{Target, Values};
use crate::subject::number;

/// Ranges of numbers.
const BINS: usize = 32;
/// Rows that a value must have on average to be looked up.
const SUPPORT: usize = 3;

/// One feature on one side; a missing cell is empty.
pub(crate) type Cells<'c> = [&'c str];

/// How well one feature predicts: 0 as the best constant, 1 without an error. Never less than 0.
pub(crate) fn shortcut(train: (&Cells<'_>, &Target), test: (&Cells<'_>, &Target)) -> f64 {
    let codes = [by_value(train.0, test.0), by_range(train.0, test.0)];
    let scores = codes.into_iter().flatten().map(|(known, asked)| score(&known, train.1, &asked, test.1));
    scores.fold(0.0, f64::max)
}

/// Codes of the rows of train and of test.
type Coded = (Vec<usize>, Vec<usize>);

fn by_value(train: &Cells<'_>, test: &Cells<'_>) -> Option<Coded> {
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let known: Vec<usize> = train
        .iter()
        .map(|cell| {
            let next = codes.len();
            *codes.entry(cell).or_insert(next)
        })
        .collect();
    if codes.len() * SUPPORT > train.len() {
        return None;
    }
    let asked = test.iter().map(|cell| codes.get(cell).copied().unwrap_or(usize::MAX)).collect();
    Some((known, asked))
}

fn by_range(train: &Cells<'_>, test: &Cells<'_>) -> Option<Coded> {
    let numbers = |cells: &Cells<'_>| cells.iter().map(|cell| number(cell)).collect::<Vec<_>>();
    let (known, asked) = (numbers(train), numbers(test));
    let mut sorted: Vec<f64> = known.iter().flatten().copied().collect();
    if sorted.len() * 2 < known.len() || sorted.is_empty() {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..BINS).filter_map(|bin| sorted.get(bin * sorted.len() / BINS).copied()).collect();
    edges.dedup();
    let code = |value: Option<f64>| value.map_or(BINS, |value| edges.partition_point(|edge| *edge <= value));
    Some((known.into_iter().map(code).collect(), asked.into_iter().map(code).collect()))
}

fn score(known: &[usize], train: &Target, asked: &[usize], test: &Target) -> f64 {
    match &test.values {
        Values::Classes(..) => of_classes(known, &train.cells, asked, &test.cells),
        Values::Numbers(truth) => {
            let Values::Numbers(values) = &train.values else { return 0.0 };
            of_numbers(known, values, asked, truth)
        }
    }
}

fn of_classes(known: &[usize], train: &[String], asked: &[usize], test: &[String]) -> f64 {
    let mut counts: HashMap<usize, HashMap<&str, usize>> = HashMap::new();
    let mut all: HashMap<&str, usize> = HashMap::new();
    for (code, class) in known.iter().zip(train) {
        *counts.entry(*code).or_default().entry(class).or_default() += 1;
        *all.entry(class).or_default() += 1;
    }
    let most = |of: &HashMap<&str, usize>| -> Option<String> {
        let best = of.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        best.map(|(class, _)| (*class).to_owned())
    };
    let constant = most(&all).unwrap_or_default();
    let best: HashMap<usize, String> =
        counts.iter().filter_map(|(code, of)| Some((*code, most(of)?))).collect();
    let rows = test.len().max(1) as f64;
    let hits =
        asked.iter().zip(test).filter(|(code, truth)| best.get(code).unwrap_or(&constant) == *truth).count();
    let trivial = test.iter().filter(|truth| **truth == constant).count() as f64 / rows;
    if trivial < 1.0 { ((hits as f64 / rows - trivial) / (1.0 - trivial)).max(0.0) } else { 0.0 }
}

fn of_numbers(known: &[usize], train: &[f64], asked: &[usize], test: &[f64]) -> f64 {
    let mut sums: HashMap<usize, (f64, f64)> = HashMap::new();
    for (code, value) in known.iter().zip(train) {
        let (sum, count) = sums.entry(*code).or_default();
        (*sum, *count) = (*sum + value, *count + 1.0);
    }
    let constant = train.iter().sum::<f64>() / train.len().max(1) as f64;
    let (mut left, mut all) = (0.0, 0.0);
    for (code, truth) in asked.iter().zip(test) {
        let predicted = sums.get(code).map_or(constant, |(sum, count)| sum / count.max(1.0));
        left += (truth - predicted).powi(2);
        all += (truth - constant).powi(2);
    }
    if all > 0.0 && left.is_finite() { (1.0 - left / all).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(feature: impl Fn(usize) -> String, answer: impl Fn(usize) -> String) -> f64 {
        let cells = |rows: std::ops::Range<usize>| rows.map(&feature).collect::<Vec<_>>();
        let target = |rows: std::ops::Range<usize>| Target::new("y", rows.map(&answer).collect());
        let (train, test) = (cells(0..300), cells(300..400));
        let text = |cells: &[String]| cells.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
        let (train_text, test_text) = (text(&train), text(&test));
        let train: Vec<&str> = train_text.iter().map(String::as_str).collect();
        let test: Vec<&str> = test_text.iter().map(String::as_str).collect();
        shortcut((&train, &target(0..300)), (&test, &target(300..400)))
    }

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    #[test]
    fn what_tells_the_answer_scores_one() {
        let class = |row: usize| (mixed(row) % 3).to_string();
        assert!((measured(|row| format!("k{}", mixed(row) % 3), class) - 1.0).abs() < 1e-9);
        assert!((measured(|row| (mixed(row) % 3 * 1000 + mixed(row + 9) % 500).to_string(), class)) > 0.95);
        let price = |row: usize| (mixed(row) % 1000) as f64 / 3.0;
        assert!(measured(|row| price(row).to_string(), |row| price(row).to_string()) > 0.99);
    }

    #[test]
    fn what_tells_nothing_scores_about_nought() {
        let class = |row: usize| (mixed(row) % 3).to_string();
        assert!(measured(|row| row.to_string(), class) < 0.3);
        assert!(measured(|row| (mixed(row + 5) % 4).to_string(), class) < 0.3);
        assert!(measured(|_| "x".to_owned(), class) < 1e-9);
    }
}
