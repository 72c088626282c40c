//! Answers that follow from a table of `public/` once it is joined to the test rows.

use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::aggregates;
use super::features::{copy, in_ranges, made};
use super::sides::Sides;
use super::{place, shown};
use crate::AssertError;
use crate::leakage::predict::shortcut;
use crate::leakage::search::Search;
use crate::leakage::statistics::computed;
use crate::leakage::target::{Target, Values};
use crate::leakage::windows::Reach;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Beside, Subject};

pub(in crate::rules) const BESIDE: RuleInfo = RuleInfo {
    code: "A221",
    name: "answers-follow-from-side-tables",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No column of a further table in public/, looked up for the test rows by the columns that both have, is the target \
             in another notation, makes it, or is computed from it: as a change from row to row, a window, a statistic.",
    why: "Rates of growth to the end of the test period, or totals with the test rows in them, are the answers for everyone \
          who joins the tables.",
    mend: "Cut the table off where the training data end, or compute it from the training rows alone.",
    references: &[literature::LEAKAGE],
};

/// Score of a column from which on it is the target, and examples of both sides that prove it.
const IS_TARGET: f64 = 0.995;
const MIN_ROWS: usize = 500;
const MIN_TEST_ROWS: usize = 50;
/// Examples of both sides together.
const FEWEST: usize = 60;

/// `A221`.
pub(in crate::rules) fn side_tables(info: &RuleInfo, cx: &Subject) -> Measured {
    let tables = cx.split()?.beside(cx.public()?);
    let mut findings = Vec::new();
    let mut columns = 0_usize;
    for table in &tables {
        columns += table.columns.len();
        let sides = Sides::of(&table.split)?;
        let found = by_value(info, cx, table, &sides).or_else(|| by_order(info, cx, table));
        findings.extend(found);
    }
    if findings.is_empty() {
        findings.extend(aggregates::told(info, cx, cx.split()?, &cx.public()?.tables));
    }
    if tables.is_empty() && findings.is_empty() {
        return Err(AssertError::not_run("no further table of public/ can be joined to the examples"));
    }
    Ok(Report::from(findings)
        .with(Figure::new("tables joined to the examples", tables.len() as f64))
        .with(Figure::new("columns of them compared with the answers", columns as f64)))
}

/// Columns that are the target, make it, or predict it.
fn by_value(info: &RuleInfo, cx: &Subject, table: &Beside, sides: &Sides<'_>) -> Option<Finding> {
    if sides.rows() < FEWEST {
        return None;
    }
    let path = place(cx, &table.path);
    let train = sides.train_rows.len();
    let cells: Vec<(&str, Vec<&str>)> = sides
        .names()
        .enumerate()
        .filter(|(_, name)| table.columns.iter().any(|own| own == name))
        .map(|(at, name)| (name, sides.cells(at)))
        .collect();
    sides.targets.iter().find_map(|target| {
        let one = cells.iter().find_map(|(name, cells)| {
            copy(info, &path, name, cells, target)
                .filter(|finding| finding.severity == Severity::Error)
                .or_else(|| in_ranges(info, &path, name, cells, target, train))
                .or_else(|| predicts(info, &path, name, cells, target, sides))
        });
        one.or_else(|| made(info, &path, &cells, target, train))
    })
}

fn predicts(
    info: &RuleInfo,
    path: &str,
    name: &str,
    cells: &[&str],
    target: &Target,
    sides: &Sides<'_>,
) -> Option<Finding> {
    let is_proven = sides.rows() >= MIN_ROWS && sides.test_rows.len() >= MIN_TEST_ROWS;
    if !is_proven || !matches!(target.values, Values::Classes(..)) {
        return None;
    }
    let (known, asked) = cells.split_at(sides.train_rows.len().min(cells.len()));
    let (before, behind) = target.split_at(sides.train_rows.len());
    let score = shortcut((known, &before), (asked, &behind));
    let message = format!(
        "looked up for the test rows, its column {} alone predicts the answers with a score of {score:.3} (0 is a constant, 1 \
         perfect). {}",
        shown(name),
        info.mend
    );
    (score >= IS_TARGET).then(|| info.finding(path, message))
}

/// Columns that are computed from the answers of the row itself and of others.
fn by_order(info: &RuleInfo, cx: &Subject, table: &Beside) -> Option<Finding> {
    let search: &Search = table.split.search()?;
    let path = place(cx, &table.path);
    let is_own = |name: &String| table.columns.contains(name);
    let finding = |name: &str, of: &str, how: &str| {
        let message = format!(
            "looked up for the test rows by {}, its column {} is computed from {} with the answers of the test rows: it is \
             {how}. {}",
            table.by.iter().map(|name| shown(name)).collect::<Vec<_>>().join(" and "),
            shown(name),
            shown(of),
            info.mend
        );
        info.finding(path.as_str(), message)
    };
    let window = search.found.iter().filter(|hit| hit.made.reach == Reach::Own).find_map(|hit| {
        let feature = search.panel.numbers.get(hit.feature).filter(|feature| is_own(&feature.name))?;
        let (truth, sequence) = (search.panel.truths.get(hit.truth)?, search.sequences.get(hit.sequence)?);
        let how =
            format!("{}, {} ({:.1} % of the test rows)", hit.made.how, sequence.name, hit.made.share * 100.0);
        Some(finding(&feature.name, &truth.name, &how))
    });
    window.or_else(|| {
        let own = search.panel.numbers.iter().filter(|feature| feature.is_fine() && is_own(&feature.name));
        own.filter_map(|feature| {
            let (truth, how) = computed(&search.panel, feature)?;
            Some(finding(&feature.name, &truth.name, &how))
        })
        .next()
    })
}
