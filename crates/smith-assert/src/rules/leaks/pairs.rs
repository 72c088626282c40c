//! Pairs that are asked about and stand in another table, in either order.

use std::collections::HashSet;

use smith_data::Frame;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::{place, shown, warning};
use crate::AssertError;
use crate::leakage::links::hash;
use crate::leakage::target::{Target, Values, targets};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Split, Subject};

pub(in crate::rules) const PAIRS: RuleInfo = RuleInfo {
    code: "A222",
    name: "pairs-in-other-tables",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where it is asked whether two things belong together, no other table of public/ has the pairs that do, in either \
             order.",
    why: "Edges that are hidden in one direction still stand in the other one, and a list of neighbours that was made before \
          the split has them all.",
    mend: "Take a pair out in both directions and from every table, or leave the table out of public/.",
    references: &[literature::LEAKAGE],
};

/// Columns and rows of a table that are looked at.
const MAX_COLUMNS: usize = 12;
const MAX_ROWS: usize = 2_000_000;
/// Different names that a side of the pairs must have, and the share of them that stand on both sides.
const MIN_NAMES: usize = 12;
const SHARED: f64 = 0.2;
/// Share of the cells of a column that must be such names.
const NAMES: f64 = 0.8;
/// Pairs of the test side that must stand there.
const MIN_PAIRS: usize = 20;
/// Share of those that must be of one class, of that class that must stand there, and of all pairs that may be of it.
const OF_ONE_CLASS: f64 = 0.95;
const COVERED: f64 = 0.5;
const NOT_NEARLY_ALL: f64 = 0.8;

/// What is known of the test pairs that stand in a table.
struct Found {
    pairs: usize,
    of_class: usize,
    class: String,
    in_class: usize,
}

/// `A222`.
pub(in crate::rules) fn pairs(info: &RuleInfo, cx: &Subject) -> Measured {
    let (public, split) = (cx.public()?, cx.split()?);
    let test = &split.test;
    let mut report = Report::default();
    let mut compared = 0_usize;
    if let Some((first, second)) = sides(test) {
        let asked = [first, second].map(|column| column.iter().map(hash).collect::<Vec<u64>>());
        let Some(target) = two_classes(split) else {
            return Err(AssertError::not_run("what is asked about pairs is no question of two classes"));
        };
        for table in public.tables.iter().filter(|table| table.path != test.path) {
            let known = standing(&table.frame, &asked);
            if known.is_empty() {
                continue;
            }
            compared += 1;
            for (turned, how) in [(true, "the other way round"), (false, "as they are asked")] {
                let Some(found) = found(&asked, &target, &known, turned) else { continue };
                let message = format!(
                    "it has {} of the test pairs {how}, and {} of these are {} ({} of the {} of that class). {}",
                    found.pairs,
                    found.of_class,
                    shown(&found.class),
                    found.of_class,
                    found.in_class,
                    info.mend
                );
                let path = place(cx, &table.path);
                let is_train = split.train.as_ref().is_some_and(|train| train.path == table.path);
                report.findings.push(if is_train && !turned {
                    warning(info, path, message)
                } else {
                    info.finding(path, message)
                });
            }
        }
    }
    report.findings.truncate(2);
    let count = report.findings.len() as f64;
    Ok(report
        .with(Figure::new("tables compared with the test pairs", compared as f64))
        .with(Figure::new("tables that give pairs away", count).bounded(Bound::AtMost(0.0))))
}

/// Two columns of the test table that hold names of one kind: the two sides of pairs.
fn sides(test: &Examples) -> Option<(&smith_data::TextColumn, &smith_data::TextColumn)> {
    let columns: Vec<_> = test.keys.iter().chain(&test.features).take(MAX_COLUMNS).collect();
    let names: Vec<HashSet<&str>> = columns.iter().map(|column| column.cells.iter().collect()).collect();
    for (at, first) in names.iter().enumerate() {
        for (by, second) in names.iter().enumerate().skip(at + 1) {
            let few = first.len().min(second.len());
            let shared = first.intersection(second).count();
            let are_measured =
                first.iter().take(200).any(|name| name.contains('.') && name.parse::<f64>().is_ok());
            if few >= MIN_NAMES && shared as f64 >= SHARED * few as f64 && !are_measured {
                return Some((&columns.get(at)?.cells, &columns.get(by)?.cells));
            }
        }
    }
    None
}

/// The one predicted column, if it has two classes.
fn two_classes(split: &Split) -> Option<Target> {
    let [answers] = &split.test.targets[..] else { return None };
    let names: Vec<&str> = split.predicted.iter().map(String::as_str).collect();
    let columns = [answers.iter().map(str::to_owned).collect::<Vec<String>>()];
    let target = targets(&names, &columns).into_iter().next()?;
    matches!(&target.values, Values::Classes(_, names) if names.len() == 2).then_some(target)
}

/// The pairs of names that stand in one row of a table.
fn standing(frame: &Frame, asked: &[Vec<u64>; 2]) -> HashSet<(u64, u64)> {
    let names: HashSet<u64> = asked.iter().flatten().copied().collect();
    let columns: Vec<Vec<u64>> = frame
        .columns()
        .iter()
        .take(MAX_COLUMNS)
        .map(|column| column.iter().take(MAX_ROWS).map(hash).collect::<Vec<u64>>())
        .filter(|cells| {
            let known = cells.iter().filter(|cell| names.contains(cell)).count();
            !cells.is_empty() && known as f64 >= NAMES * cells.len() as f64
        })
        .collect();
    let mut pairs = HashSet::new();
    for (at, first) in columns.iter().enumerate() {
        for second in columns.iter().skip(at + 1) {
            pairs.extend(first.iter().copied().zip(second.iter().copied()));
        }
    }
    pairs
}

/// What the pairs that stand there say of the answers; none when it is not much.
fn found(asked: &[Vec<u64>; 2], target: &Target, known: &HashSet<(u64, u64)>, turned: bool) -> Option<Found> {
    let Values::Classes(codes, names) = &target.values else { return None };
    let [first, second] = asked;
    let pair = |row: usize| {
        let (a, b) = (*first.get(row)?, *second.get(row)?);
        Some(if turned { (b, a) } else { (a, b) })
    };
    let stands: Vec<u32> = (0..first.len())
        .filter(|row| pair(*row).is_some_and(|pair| known.contains(&pair)))
        .filter_map(|row| codes.get(row).copied())
        .collect();
    let class = (0..2_u32).max_by_key(|class| stands.iter().filter(|own| *own == class).count())?;
    let of_class = stands.iter().filter(|own| **own == class).count();
    let in_class = codes.iter().filter(|own| **own == class).count();
    let gives_away = stands.len() >= MIN_PAIRS
        && of_class as f64 >= OF_ONE_CLASS * stands.len() as f64
        && of_class as f64 >= COVERED * in_class as f64
        && in_class as f64 <= NOT_NEARLY_ALL * codes.len() as f64;
    let class = names.get(class as usize)?.clone();
    gives_away.then_some(Found { pairs: stands.len(), of_class, class, in_class })
}
