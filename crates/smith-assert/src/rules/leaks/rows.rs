//! Test rows that stand with their answers in another table, found by their features.

use smith_data::{Frame, FrameLimits, frames};
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::tables::{MAX_SIDE_BYTES, SIDE_LIMITS, side_files};
use super::{agrees, place, shown, warning};
use crate::AssertError;
use crate::leakage::agree::{Relation, agreement};
use crate::leakage::join::{look_up, places};
use crate::leakage::target::Target;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const ROWS: RuleInfo = RuleInfo {
    code: "A207",
    name: "answers-beside-features",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The features of the test rows do not stand beside their answers in another table of public/.",
    why: "A copy of the raw data, or training data that still hold the test rows, answer by a look-up.",
    mend: "Write only the rows of the training part, and no copy of the raw dataset, into public/.",
    references: &[literature::LEAKAGE],
};

/// Share of the test rows that stand there with their answers.
const GIVES_AWAY: f64 = 0.5;
/// Share of a table's rows that may stand there more than once: where rows repeat anyway, chance finds test rows too.
const MAX_REPEATS: f64 = 0.05;
/// Share of the test rows that must differ from each other.
const MIN_DISTINCT: f64 = 0.5;
const MIN_ROWS: usize = 10;
/// Columns of a table that are compared with the answers.
const MAX_COLUMNS: usize = 100;

/// `A207`.
pub(in crate::rules) fn rows_with_answers(info: &RuleInfo, cx: &Subject) -> Measured {
    let (public, split) = (cx.public()?, cx.split()?);
    if !split.test_has_table && split.test.features.is_empty() {
        return Ok(Report::default().with(Figure::new("test rows looked up by their features", 0.0)));
    }
    if split.test.rows < MIN_ROWS {
        return Err(AssertError::not_run(format!("there are fewer than {MIN_ROWS} test rows")));
    }
    let (mut findings, mut most) = (Vec::new(), 0.0_f64);
    for table in public.tables.iter().filter(|table| table.path != split.test.path) {
        let targets = split.predicted.iter().zip(&split.test.targets).take(3);
        let found = targets
            .filter_map(|(name, answers)| look_up(&table.frame, &split.test.features, name, answers))
            .max_by(|a, b| a.share.total_cmp(&b.share));
        let found = found.filter(|found| {
            most = most.max(found.share);
            found.share >= GIVES_AWAY && found.distinct >= MIN_DISTINCT
        });
        let Some(found) = found else {
            findings.extend(under_other_names(info, cx, &table.path, &table.frame)?);
            continue;
        };
        let message = format!(
            "{:.0} % of the test rows stand in it by their features, with their answers in its column {}. {}",
            found.share * 100.0,
            shown(&found.column),
            info.mend
        );
        let path = place(cx, &table.path);
        let is_certain = found.repeats <= MAX_REPEATS;
        findings.push(if is_certain { info.finding(path, message) } else { warning(info, path, message) });
    }
    // Databases and tables under names of their own.
    for file in side_files(public).into_iter().filter(|file| file.bytes <= MAX_SIDE_BYTES) {
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = SIDE_LIMITS;
        for frame in frames(&public.location(&file.path), &limits).unwrap_or_default() {
            findings.extend(under_other_names(info, cx, &file.path, &frame)?);
        }
    }
    let figure = Figure::new("largest share of the test rows that stand in a table with their answers", most);
    Ok(Report::from(findings).with(figure.bounded(Bound::AtMost(GIVES_AWAY))))
}

/// The same in a table of which the columns, or the answers, are called and written otherwise: a copy of the dataset that
/// the task was made from.
fn under_other_names(
    info: &RuleInfo,
    cx: &Subject,
    path: &str,
    frame: &Frame,
) -> Result<Option<Finding>, AssertError> {
    let split = cx.split()?;
    if split.train.as_ref().is_some_and(|train| train.path == path) {
        return Ok(None);
    }
    let Some(places) = places(frame, &split.test.features) else { return Ok(None) };
    let found = split.predicted.iter().zip(&split.test.targets).take(3).find_map(|(name, answers)| {
        let target = Target::new(name, answers.iter().map(str::to_owned).collect());
        let columns = frame.columns().iter().zip(frame.names()).enumerate();
        columns.filter(|(at, _)| !places.by.contains(at)).take(MAX_COLUMNS).find_map(|(_, (column, own))| {
            let is_feature = split.test.features.iter().any(|feature| feature.name == *own);
            let given: Vec<Option<&str>> = places
                .rows
                .iter()
                .map(|row| row.map(|row| column.get(row)).filter(|cell| !cell.is_empty()))
                .collect();
            let found = agreement(&target, &given, false).filter(|_| !is_feature)?;
            let is_answer = matches!(
                found.relation,
                Relation::Same | Relation::Renamed | Relation::Linear | Relation::Listed
            );
            is_answer.then(|| (own.clone(), found, name.clone()))
        })
    });
    Ok(found.map(|(column, found, name)| {
        let part = frame.part();
        let part = if part.is_empty() { String::new() } else { format!(" of its table {}", shown(part)) };
        let by: Vec<String> = places
            .by
            .iter()
            .filter_map(|at| frame.names().get(*at))
            .take(4)
            .map(|name| shown(name))
            .collect();
        let message = format!(
            "the test rows stand in it, found by {}: its column {}{part} {} of {}. {}",
            by.join(", "),
            shown(&column),
            agrees(&found),
            shown(&name),
            info.mend
        );
        info.finding(place(cx, path), message)
    }))
}
