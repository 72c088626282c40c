//! Other orders in which the answers may have been written down.

use std::collections::HashSet;

use smith_data::TextColumn;

use super::climb::{Climb, Skill};
use crate::subject::number;

/// Columns by which rows may have been ordered.
const MOST_COLUMNS: usize = 12;

/// Share of the skill within train that another order must bring, and the deviations that it must have.
const SHARE: f64 = 0.5;
const DEVIATIONS: f64 = 5.0;

/// The order, in words, in which the answers fit the test examples about as well as training targets fit theirs.
pub(crate) fn other_order(climb: &Climb, inside: Skill) -> Option<&'static str> {
    orders(climb).into_iter().find_map(|(words, order)| {
        let skill = climb.skill_of(&order)?;
        (skill.correlation >= SHARE * inside.correlation && skill.deviations() >= DEVIATIONS).then_some(words)
    })
}

/// For each row the row whose answer it would have.
fn orders(climb: &Climb) -> Vec<(&'static str, Vec<usize>)> {
    let problem = &climb.problem;
    let rows = problem.submission.rows.len();
    let ids: Vec<&str> =
        problem.submission.rows.iter().map(|row| row.get(problem.id).map_or("", |id| id.trim())).collect();
    let all = || (0..rows).collect::<Vec<_>>();
    let mut in_table = all();
    in_table.sort_by_key(|&row| (problem.places.get(row).copied().flatten(), row));
    let mut by_text = all();
    by_text.sort_by_key(|&row| (ids.get(row).copied(), row));
    let mut by_number = all();
    by_number.sort_by_key(|&row| (ids.get(row).and_then(|id| id.parse::<i64>().ok()), row));
    let turned = |order: &[usize], by: usize| {
        let mut other = order.to_vec();
        other.rotate_left(by.min(rows));
        paired(order, &other)
    };
    let mut backwards = in_table.clone();
    backwards.reverse();
    let mut orders = vec![
        ("the rows of the test table in their order", paired(&in_table, &all())),
        ("the rows in the order of their ids as text", paired(&by_text, &all())),
        ("the rows in the order of their ids as numbers", paired(&by_number, &all())),
        ("ids in order as text where they stand in order as numbers", paired(&by_number, &by_text)),
        ("ids in order as numbers where they stand in order as text", paired(&by_text, &by_number)),
        ("the row before", turned(&in_table, 1)),
        ("the row behind", turned(&in_table, rows.saturating_sub(1))),
        ("the rows of the test table from the last to the first", paired(&in_table, &backwards)),
    ];
    // A table that was turned: dates by places, or places by dates.
    for by in by_columns(climb, &in_table) {
        orders.push(("the rows in the order of one of their columns", paired(&in_table, &by)));
        orders.push((
            "the rows of the test table where they stand in the order of a column",
            paired(&by, &in_table),
        ));
    }
    orders
}

/// The rows in order of each column of the test table with few values.
fn by_columns(climb: &Climb, in_table: &[usize]) -> Vec<Vec<usize>> {
    let problem = &climb.problem;
    let by = |cells: &TextColumn| {
        let value = |row: usize| {
            let text = problem.example.get(row).copied().flatten().map_or("", |example| cells.get(example));
            (number(text).map(|number| (number * 1e6) as i64), text)
        };
        let different: HashSet<&str> = in_table.iter().map(|row| value(*row).1).collect();
        let mut order = in_table.to_vec();
        order.sort_by_key(|row| value(*row));
        ((2..=in_table.len() / 2).contains(&different.len()) && order != in_table).then_some(order)
    };
    problem.test_cells.iter().take(MOST_COLUMNS).filter_map(by).collect()
}

/// The first of `from` gets the answer of the first of `to`, and so on.
fn paired(from: &[usize], to: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..from.len()).collect();
    for (&row, &answer) in from.iter().zip(to) {
        if let Some(place) = order.get_mut(row) {
            *place = answer;
        }
    }
    order
}
