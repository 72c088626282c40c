//! The predictions that a description shows, handed to the metric.

use std::collections::HashSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::scoring::tried;
use super::wording::quoted;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Battery, Pair, Reaction, ShownRow, Subject, Trial, cell, number};

pub(super) const ACCEPTED: RuleInfo = RuleInfo {
    code: "S121",
    name: "shown-predictions-accepted",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The metric takes predictions of the form that the description shows: its scale of numbers, and what stands \
             between the parts of a list.",
    why: "Participants write what they are shown, and have no other way to learn the form.",
    mend: "Show predictions as metric.py reads them, or let metric.py read what is shown.",
    references: &[literature::UNIFIED_STRUCTURE, literature::COMPETITIONS],
};

/// Marks that stand between the parts of a list.
const MARKS: &[&str] = &[", ", ",", "; ", ";", " | ", "|", " ", "/", "+"];
/// Words by which percentages are asked for, in the sentence that says how far they go.
const PERCENT: &[&str] = &["per cent", "percent", "percentage", "%"];
const UP_TO_HUNDRED: &[&str] = &["0 to 100", "0 and 100", "0-100", "0–100", "0..100", "[0, 100]"];

/// `S121`.
pub(super) async fn accepted(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let pair = cx.pair()?;
    let mut findings = Vec::new();
    if let Some((name, rows)) = cx.shown() {
        findings.extend(of_example(info, battery, pair, &name, &rows));
    }
    if findings.is_empty() {
        findings.extend(of_percent(info, cx, battery)?);
    }
    Ok(findings)
}

fn is_refused(battery: &Battery, trial: Trial) -> bool {
    matches!(battery.reaction(trial), Some(Reaction::Refused | Reaction::Crashed | Reaction::NoNumber))
}

fn of_example(
    info: &RuleInfo,
    battery: &Battery,
    pair: &Pair,
    name: &str,
    rows: &[ShownRow],
) -> Option<Finding> {
    if !is_refused(battery, Trial::AsShown) || battery.score(Trial::Sample).is_none() {
        return None;
    }
    let error = battery.get(Trial::AsShown).and_then(|score| score.error.as_ref());
    let told = error.map_or_else(String::new, |error| format!("{}: {}", error.kind, quoted(&error.message)));
    let odd = pair.predicted_at().into_iter().find_map(|at| {
        let (how, row) = odd(pair, rows, at)?;
        Some((how, row, pair.sample.headers.get(at)?))
    })?;
    let ((severity, how), row, column) = odd;
    let message = format!(
        "the metric refuses predictions as the example shows them: {} in the column {} {how}. {}",
        quoted(row.0),
        quoted(column),
        info.mend
    );
    Some(Finding { severity, evidence: told, ..info.finding(format!("{name}:{}", row.1), message) })
}

/// How a shown value differs, with the value and its line.
type Odd<'r> = ((Severity, &'static str), (&'r str, usize));

/// What sets the shown values of a column apart from those that occur, with one of them and its line.
fn odd<'r>(pair: &Pair, rows: &'r [ShownRow], at: usize) -> Option<Odd<'r>> {
    let known = Known::of(pair, at);
    rows.iter().find_map(|row| {
        let value = cell(&row.cells, at);
        Some((known.odd(value)?, (value, row.line)))
    })
}

/// The values of a predicted column in the sample and in the answers.
struct Known {
    /// The least and the greatest, where all are numbers.
    range: Option<(f64, f64)>,
    values: HashSet<String>,
    /// Values and the parts of lists.
    parts: HashSet<String>,
}

impl Known {
    fn of(pair: &Pair, at: usize) -> Self {
        let name = pair.sample.headers.get(at).map_or("", String::as_str);
        let answers = pair.answers.column(name);
        let given = pair.sample.rows.iter().map(|row| cell(row, at));
        let true_ones =
            answers.into_iter().flat_map(|at| pair.answers.rows.iter().map(move |row| cell(row, at)));
        let all = || given.clone().chain(true_ones.clone()).filter(|value| !value.is_empty());
        let numbers: Option<Vec<f64>> = all().map(number).collect();
        let range = numbers.filter(|numbers| !numbers.is_empty()).map(|numbers| {
            let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            (least, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        });
        let fine = |part: &str| part.trim().to_owned();
        let values: HashSet<String> = all().map(fine).collect();
        let mut parts = values.clone();
        for value in &values {
            for mark in MARKS {
                parts.extend(value.split(mark).map(fine));
            }
        }
        Self { range, values, parts }
    }

    fn odd(&self, value: &str) -> Option<(Severity, &'static str)> {
        if self.values.contains(value) {
            return None;
        }
        if let Some((least, greatest)) = self.range {
            return match number(value) {
                Some(shown) if shown < least || shown > greatest => {
                    Some((Severity::Error, "lies beyond all answers and the whole sample"))
                }
                Some(_) => None,
                None => Some((Severity::Error, "is no number, and the answers are")),
            };
        }
        if self.parts.contains(value) {
            return None;
        }
        let is_list = MARKS.iter().any(|mark| {
            let parts: Vec<&str> = value.split(mark).map(str::trim).collect();
            parts.len() >= 2 && parts.iter().all(|part| self.parts.contains(*part))
        });
        Some(if is_list {
            (Severity::Error, "joins the parts of a list by another mark than the answers")
        } else {
            (Severity::Warning, "occurs neither in the answers nor in the sample")
        })
    }
}

/// Percentages that are asked for and refused.
fn of_percent(info: &RuleInfo, cx: &Subject, battery: &Battery) -> Findings {
    let probability = battery.score(Trial::Mean).or_else(|| battery.score(Trial::Sample)).is_some();
    if !probability || battery.reaction(Trial::AboveOne) != Some(Reaction::Refused) {
        return Ok(Vec::new());
    }
    let pair = cx.pair()?;
    let columns = pair.predicted();
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let asked = description.text.lines().enumerate().find(|(_, line)| {
            let lower = line.to_lowercase();
            let named = columns.iter().any(|column| lower.contains(&format!("`{}`", column.to_lowercase())))
                || lower.contains("predict")
                || lower.contains("probabilit");
            named
                && PERCENT.iter().any(|word| lower.contains(word))
                && UP_TO_HUNDRED.iter().any(|range| lower.contains(range))
        });
        if let Some((index, _)) = asked {
            let message = format!(
                "it asks for percentages up to 100, and the metric refuses numbers above 1. {}",
                info.mend
            );
            findings.push(info.finding(format!("{}:{}", description.name, index + 1), message));
        }
    }
    Ok(findings)
}
