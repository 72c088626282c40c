//! Tables of `public/` that hold sums or means of the answers, for groups that several columns make.

use std::collections::{HashMap, HashSet};

use smith_data::TextColumn;
use smith_task_schema::Finding;

use super::{place, shown};
use crate::quality::{number, rows};
use crate::rule::RuleInfo;
use crate::subject::{Examples, PublicTable, Split, Subject};

/// Groups with test rows that are compared, at least, and different values among those that agree.
const LEAST_GROUPS: usize = 20;
const LEAST_VALUES: usize = 10;
/// Share of these that agree with the answers of all rows, and at most with those of train alone.
const AGREES: f64 = 0.6;
const BY_TRAIN: f64 = 0.4;
/// Relative difference that rounding explains.
const ROUNDING: f64 = 1e-4;
/// Share of the table's rows that have a key of their own.
const OWN_KEY: f64 = 0.95;

/// The answers of a group: of train, and of both sides.
#[derive(Default)]
struct Group {
    known: Vec<f64>,
    all: Vec<f64>,
}

/// A column of a table that is the sum, the mean, the least or the greatest answer of the rows with the same values in all
/// common columns, those of the test rows among them.
pub(super) fn told(info: &RuleInfo, cx: &Subject, split: &Split, tables: &[PublicTable]) -> Option<Finding> {
    let train = split.train.as_ref()?;
    let sides = [train.path.as_str(), split.test.path.as_str()];
    tables.iter().filter(|table| !sides.contains(&table.path.as_str())).find_map(|table| {
        let (column, how, share) = of_table(split, train, table)?;
        let message = format!(
            "its column {} is the {how} of the answers of all rows with the same values in the columns that it shares with \
             the test data, for {:.0} % of the groups with test rows. {}",
            shown(&column),
            share * 100.0,
            info.mend
        );
        Some(info.finding(place(cx, &table.path), message))
    })
}

fn of_table(split: &Split, train: &Examples, table: &PublicTable) -> Option<(String, &'static str, f64)> {
    let frame = &table.frame;
    let shared: Vec<(usize, &str)> = frame
        .names()
        .iter()
        .enumerate()
        .filter(|(_, name)| split.test.features.iter().any(|feature| feature.name == **name))
        .map(|(at, name)| (at, name.as_str()))
        .collect();
    let own = rows::keys(shared.iter().filter_map(|(at, _)| frame.columns().get(*at)), frame.rows());
    let places: HashMap<u64, usize> = own.into_iter().enumerate().map(|(row, key)| (key, row)).collect();
    if shared.is_empty() || (places.len() as f64) < OWN_KEY * frame.rows() as f64 {
        return None;
    }
    let others = frame.names().iter().zip(frame.columns()).enumerate();
    let others: Vec<(&String, &TextColumn)> = others
        .filter(|(at, _)| !shared.iter().any(|(known, _)| known == at))
        .map(|(_, other)| other)
        .collect();
    let keys_of = |side: &Examples| {
        let of = |name: &str| side.features.iter().find(|feature| feature.name == name);
        rows::keys(shared.iter().filter_map(|(_, name)| of(name)).map(|feature| &feature.cells), side.rows)
    };
    let (of_train, of_test) = (keys_of(train), keys_of(&split.test));
    (0..split.predicted.len()).find_map(|target| {
        let mut groups: HashMap<u64, Group> = HashMap::new();
        for (side, keys, is_train) in [(train, &of_train, true), (&split.test, &of_test, false)] {
            for (key, answer) in keys.iter().zip(side.targets.get(target)?.iter()) {
                let (Some(answer), true) = (number(answer), places.contains_key(key)) else { continue };
                let group = groups.entry(*key).or_default();
                group.all.push(answer);
                group.known.extend(is_train.then_some(answer));
            }
        }
        groups.retain(|_, group| group.all.len() > group.known.len());
        if groups.len() < LEAST_GROUPS {
            return None;
        }
        others.iter().find_map(|(name, column)| {
            let (how, share) = agreeing(&groups, &places, column)?;
            Some(((*name).clone(), how, share))
        })
    })
}

/// The statistic that a column is, with the share of the groups for which it is.
fn agreeing(
    groups: &HashMap<u64, Group>,
    places: &HashMap<u64, usize>,
    column: &TextColumn,
) -> Option<(&'static str, f64)> {
    type Statistic = fn(&[f64]) -> Option<f64>;
    const STATISTICS: [(&str, Statistic); 4] = [
        ("sum", |values| (!values.is_empty()).then(|| values.iter().sum())),
        ("mean", |values| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)),
        ("least", |values| values.iter().copied().reduce(f64::min)),
        ("greatest", |values| values.iter().copied().reduce(f64::max)),
    ];
    STATISTICS.into_iter().find_map(|(how, statistic)| {
        let (mut compared, mut hits, mut by_train) = (0_usize, 0_usize, 0_usize);
        let mut values = HashSet::new();
        for (key, group) in groups {
            let Some(given) = places.get(key).and_then(|row| number(column.get(*row))) else { continue };
            let is = |value: Option<f64>| {
                value.is_some_and(|value| (value - given).abs() <= ROUNDING * given.abs().max(1.0))
            };
            compared += 1;
            by_train += usize::from(is(statistic(&group.known)));
            if is(statistic(&group.all)) {
                hits += 1;
                values.insert(given.to_bits());
            }
        }
        let share = hits as f64 / compared.max(1) as f64;
        let holds = compared >= LEAST_GROUPS && share >= AGREES && values.len() >= LEAST_VALUES;
        (holds && (by_train as f64) < BY_TRAIN * compared as f64).then_some((how, share))
    })
}
