//! How well a column agrees with the answers.

use std::collections::BTreeMap;

use smith_data::table::Table;

use crate::subject::{cell, number};

/// Share of the test rows from which on a column counts as the answers.
const AGREES: f64 = 0.95;
/// How much of the way from the most frequent answer's share to 1 the agreement must go: a rare class lets any
/// constant agree with most answers.
const BEYOND_CONSTANT: f64 = 0.5;
/// Relative difference below which two numbers count as the same value.
const SAME_NUMBER: f64 = 1e-6;

/// Share of the answers that `table` holds under their ids in its column `name`, when it holds them well enough to
/// give them away; nothing otherwise.
pub(super) fn giveaway(answers: &BTreeMap<&str, &str>, table: &Table, id: &str, name: &str) -> Option<f64> {
    let (id, value) = (table.column(id)?, table.column(name)?);
    let mut agreeing: BTreeMap<&str, bool> = BTreeMap::new();
    for row in &table.rows {
        if let Some(answer) = answers.get(cell(row, id)) {
            *agreeing.entry(cell(row, id)).or_default() |= same(answer, cell(row, value));
        }
    }
    let share = agreeing.values().filter(|agrees| **agrees).count() as f64 / answers.len() as f64;
    let constant = constant_share(answers);
    let beyond = constant < 1.0 && share - constant >= BEYOND_CONSTANT * (1.0 - constant);
    (share >= AGREES && beyond).then_some(share)
}

/// Share of the most frequent answer.
fn constant_share(answers: &BTreeMap<&str, &str>) -> f64 {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers.values() {
        *counts.entry(answer).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0) as f64 / answers.len() as f64
}

fn same(a: &str, b: &str) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME_NUMBER * a.abs().max(b.abs()),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column_of(values: &[(usize, &str)]) -> Table {
        let rows = values.iter().map(|(id, value)| vec![id.to_string(), (*value).to_owned()]).collect();
        Table { headers: vec!["id".into(), "y".into()], rows }
    }

    /// 100 answers, `ones` of which are 1 and the others 0.
    fn share(ones: usize, given: impl Fn(usize, &str) -> Option<String>) -> Option<f64> {
        let ids: Vec<_> = (0..100).map(|id: usize| id.to_string()).collect();
        let truth = |id: usize| if id < ones { "1" } else { "0" };
        let answers = ids.iter().enumerate().map(|(id, text)| (text.as_str(), truth(id))).collect();
        let given: Vec<_> = (0..100).filter_map(|id| Some((id, given(id, truth(id))?))).collect();
        let rows: Vec<_> = given.iter().map(|(id, value)| (*id, value.as_str())).collect();
        giveaway(&answers, &column_of(&rows), "id", "y")
    }

    #[test]
    fn answers_are_recognised_though_written_otherwise() {
        assert_eq!(share(50, |_, truth| Some(format!("{truth}.0"))), Some(1.0));
    }

    #[test]
    fn a_few_wrong_or_absent_ones_do_not_hide_them() {
        assert_eq!(share(50, |id, truth| (id >= 5).then(|| truth.to_owned())), Some(0.95));
        assert_eq!(share(50, |id, truth| (id >= 6).then(|| truth.to_owned())), None);
    }

    #[test]
    fn a_constant_is_no_giveaway_however_rare_the_other_class() {
        assert_eq!(share(2, |_, _| Some("0".to_owned())), None);
        assert_eq!(share(2, |_, truth| Some(truth.to_owned())), Some(1.0));
        assert_eq!(share(0, |_, truth| Some(truth.to_owned())), None);
    }
}
