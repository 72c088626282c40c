//! Features that are the target in other words, and features that are known only when the outcome is.

use smith_data::words::safe_line;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::sides::Sides;
use super::{agrees, place, shown, warning};
use crate::leakage::agree::{Relation, agreement};
use crate::leakage::arithmetic::{
    MAX_COLUMNS, Numbers, Share, combined, is_measured, numbers, rounding, scaled, weighed,
};
use crate::leakage::coarse::{one_each, ranges};
use crate::leakage::derived::derived;
use crate::leakage::placeholder::{Told, told};
use crate::leakage::target::{Target, Values};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const TARGET_COPY: RuleInfo = RuleInfo {
    code: "A210",
    name: "target-among-features",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No feature is the target under another name, notation or scale or says in which range it lies, no features \
             stand for its classes one by one, no two features make it by adding, subtracting, multiplying or dividing, \
             no weighted sum of features makes it exactly, and neither the time between two times nor the difference or \
             quotient of two numbers decides it.",
    why: "Such a task is solved by copying a column; what it asks for is given.",
    mend: "Drop the column, or those that make it together, from train and test before they are written.",
    references: &[literature::LEAKAGE],
};

pub(in crate::rules) const KNOWN_AFTERWARDS: RuleInfo = RuleInfo {
    code: "A212",
    name: "feature-known-afterwards",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No feature gives a class away by being filled, or by being empty.",
    why: "A value that exists only after one outcome would not be there when a prediction is wanted; one look at it \
          replaces the model.",
    mend: "Drop the column from train and test: it is known only when the outcome is.",
    references: &[literature::LEAKAGE],
};

/// Features that are looked at.
const MAX_FEATURES: usize = 400;
/// Agreement from which on a feature is the target.
const COPY: f64 = 0.995;
/// Rank correlation that is worth a word.
const RISES: f64 = 0.9995;
/// Rows on which it proves that the feature is made of the target.
const MANY_ROWS: usize = 500;
/// Examples of both sides together that prove a copy.
const MIN_ROWS: usize = 60;
/// Share of a class that a filled or empty column tells, from which on it is an error.
const TELLS: f64 = 0.2;

/// `A210`.
pub(in crate::rules) fn target_copy(info: &RuleInfo, cx: &Subject) -> Measured {
    let sides = Sides::of(cx.split()?)?;
    let cells: Vec<(&str, Vec<&str>)> =
        sides.names().enumerate().take(MAX_FEATURES).map(|(at, name)| (name, sides.cells(at))).collect();
    let table = place(cx, &sides.test.path);
    let mut findings = Vec::new();
    for target in sides.targets.iter().filter(|_| sides.rows() >= MIN_ROWS) {
        let before = findings.len();
        for (name, cells) in &cells {
            let found = copy(info, &table, name, cells, target)
                .or_else(|| in_ranges(info, &table, name, cells, target, sides.train_rows.len()));
            findings.extend(found);
        }
        if findings.len() == before {
            let made = made(info, &table, &cells, target, sides.train_rows.len());
            let made = made.or_else(|| of_classes(info, &table, &cells, target));
            findings.extend(made.or_else(|| of_two(info, &table, &cells, target)));
        }
    }
    let missed = sides.test.features.len().saturating_sub(cells.len());
    Ok(Report::from(findings)
        .with(Figure::new("features compared with the target", cells.len() as f64))
        .with(Figure::new("features that were not compared", missed as f64)))
}

pub(super) fn copy(
    info: &RuleInfo,
    table: &str,
    name: &str,
    cells: &[&str],
    target: &Target,
) -> Option<Finding> {
    let given: Vec<Option<&str>> = cells.iter().map(|cell| (!cell.is_empty()).then_some(*cell)).collect();
    if given.iter().flatten().count() * 10 < cells.len() * 9 {
        return None;
    }
    let found = agreement(target, &given, false)?;
    let message =
        format!("its feature {} {} of {}. {}", shown(name), agrees(&found), shown(&target.name), info.mend);
    match found.relation {
        Relation::Same | Relation::Renamed if found.strength >= COPY => Some(info.finding(table, message)),
        Relation::Same | Relation::Renamed => Some(warning(info, table, message)),
        // Whether a scale is exact is seen where rounding is known.
        Relation::Linear => None,
        Relation::Monotone if found.strength >= RISES && cells.len() >= MANY_ROWS => {
            Some(info.finding(table, message))
        }
        Relation::Monotone if found.strength >= RISES => Some(warning(info, table, message)),
        // A text may well be the answer with a few changes: to make them is the task.
        Relation::Monotone | Relation::Parted | Relation::OneClass | Relation::Listed => None,
    }
}

/// A feature whose values stand for ranges of the target, or of which the classes are ranges.
pub(super) fn in_ranges(
    info: &RuleInfo,
    table: &str,
    name: &str,
    cells: &[&str],
    target: &Target,
    train: usize,
) -> Option<Finding> {
    let (feature, predicted) = (shown(name), shown(&target.name));
    let what = match &target.values {
        Values::Numbers(_) => {
            let count = ranges(target, cells, train)?;
            format!(
                "the {count} values of its feature {feature} stand for {count} ranges of {predicted} that do not overlap: \
                 it was made from the target"
            )
        }
        Values::Classes(..) if cells.len() >= MANY_ROWS => {
            let numbers = Target::new(name, cells.iter().map(|cell| (*cell).to_owned()).collect());
            let classes: Vec<&str> = target.cells.iter().map(String::as_str).collect();
            let count = ranges(&numbers, &classes, train)?;
            format!(
                "the {count} classes of {predicted} are ranges of its feature {feature} that do not overlap: the target was \
                 made from it"
            )
        }
        Values::Classes(..) => return None,
    };
    Some(info.finding(table, format!("{what}. {}", info.mend)))
}

/// Features of which each stands for a class.
fn of_classes(info: &RuleInfo, table: &str, cells: &[(&str, Vec<&str>)], target: &Target) -> Option<Finding> {
    let columns: Vec<Vec<&str>> = cells.iter().map(|(_, cells)| cells.clone()).collect();
    let found = one_each(target, &columns)?;
    let names: Vec<String> =
        found.iter().filter_map(|at| cells.get(*at)).take(4).map(|(name, _)| shown(name)).collect();
    let message = format!(
        "{} of its features tell one class of {} each, among them {}. {}",
        found.len(),
        shown(&target.name),
        names.join(", "),
        info.mend
    );
    Some(info.finding(table, message))
}

/// Features that make the target.
pub(super) fn made(
    info: &RuleInfo,
    table: &str,
    cells: &[(&str, Vec<&str>)],
    target: &Target,
    train: usize,
) -> Option<Finding> {
    let truth = is_measured(target)?;
    let columns: Vec<Numbers<'_>> = cells.iter().filter_map(|(name, cells)| numbers(name, cells)).collect();
    let rounding = rounding(target);
    if let Some(column) = scaled(&columns, truth, rounding) {
        let message = format!(
            "its feature {} is {} on another scale, on at least 99 % of the rows. {}",
            shown(column.name),
            shown(&target.name),
            info.mend
        );
        return Some(info.finding(table, message));
    }
    let few = columns.get(..columns.len().min(MAX_COLUMNS))?;
    let formula = match combined(few, truth, rounding) {
        Some((a, operation, b)) => format!("{} {} {}", shown(a.name), operation.sign(), shown(b.name)),
        None => sum(&weighed(few, truth, rounding, train)?),
    };
    let message = format!("{} = {formula} on at least 99 % of the rows. {}", shown(&target.name), info.mend);
    Some(info.finding(table, message))
}

/// Two features that decide the target together.
fn of_two(info: &RuleInfo, table: &str, cells: &[(&str, Vec<&str>)], target: &Target) -> Option<Finding> {
    let how = derived(cells, target)?.how;
    let message = format!(
        "{} among its features decides {}: it was made from them, or is known only with it. {}",
        safe_line(&how, 160),
        shown(&target.name),
        info.mend
    );
    let is_proven = target.rows() >= MANY_ROWS;
    Some(if is_proven { info.finding(table, message) } else { warning(info, table, message) })
}

/// The greatest parts of a weighted sum.
fn sum(parts: &[Share<'_>]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> =
        parts.iter().take(SHOWN).map(|(name, weight)| format!("{weight:.4} × {}", shown(name))).collect();
    let more = parts.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" + {more} more") } else { String::new() };
    format!("{}{more} + a constant", shown.join(" + "))
}

/// `A212`.
pub(in crate::rules) fn known_afterwards(info: &RuleInfo, cx: &Subject) -> Measured {
    let sides = Sides::of(cx.split()?)?;
    let table = place(cx, &sides.test.path);
    let (mut findings, mut strongest) = (Vec::new(), 0.0_f64);
    for (at, name) in sides.names().enumerate().take(MAX_FEATURES) {
        let cells = sides.cells(at);
        for target in &sides.targets {
            let Some(found) = told(&cells, target) else { continue };
            strongest = strongest.max(found.recall);
            findings.push(telling(info, &table, name, target, &found));
            break;
        }
    }
    let figure = Figure::new("largest share of a class that a filled or empty feature tells", strongest);
    Ok(Report::from(findings).with(figure.bounded(Bound::AtMost(TELLS))))
}

fn telling(info: &RuleInfo, table: &str, name: &str, target: &Target, found: &Told) -> Finding {
    let message = format!(
        "where its feature {} is {}, {} is {} in {:.1} % of the rows; that is {:.0} % of all rows of this class. {}",
        shown(name),
        if found.by_presence { "filled" } else { "empty" },
        shown(&target.name),
        shown(&found.class),
        found.precision * 100.0,
        found.recall * 100.0,
        info.mend
    );
    if found.recall >= TELLS { info.finding(table, message) } else { warning(info, table, message) }
}
