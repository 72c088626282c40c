//! Answers that are measured in another unit than the training targets.

use smith_data::TextColumn;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::coverage::at_answers;
use super::{quoted, sides};
use crate::AssertError;
use crate::literature;
use crate::quality::number;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const SAME_SCALE: RuleInfo = RuleInfo {
    code: "Q129",
    name: "answers-on-the-scale-of-train",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Numbers to be predicted are of the size of those that are given to learn from.",
    why: "Answers in another unit, or turned by another formula than the training targets, are wrong for every honest prediction.",
    mend: "Make the targets of both sides by the same lines, before the rows are divided.",
    references: &[literature::SHIFT],
};

/// Ratio of the middle sizes from which on another unit is the reason.
const UNIT: f64 = 8.0;
/// Share of the answers that are larger, or smaller, than nearly all training targets.
const BEYOND: f64 = 0.9;
/// Share of the training targets that are nearly all.
const NEARLY_ALL: f64 = 0.99;
const LEAST_ROWS: usize = 30;
const LEAST_VALUES: usize = 8;

/// `Q129`.
pub(in crate::rules) fn same_scale(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let mut report = Report::default();
    let mut compared = 0_usize;
    for (name, (known, answers)) in split.predicted.iter().zip(train.targets.iter().zip(&split.test.targets))
    {
        let (Some(known), Some(answers)) = (sizes(known), sizes(answers)) else { continue };
        compared += 1;
        let ratio = middle(&answers) / middle(&known);
        let figure =
            Figure::new(format!("size of the answers by that of the training targets, {name}"), ratio);
        report.figures.push(figure);
        let beyond = beyond(&known, &answers, ratio > 1.0);
        if !(1.0 / UNIT..=UNIT).contains(&ratio) && beyond >= BEYOND {
            let message = format!(
                "the answers of {} are {} as the training targets in the middle ({} and {}), and nearly all lie beyond them. {}",
                quoted(name),
                if ratio > 1.0 {
                    format!("{ratio:.0} times as large")
                } else {
                    format!("{:.0} times smaller", 1.0 / ratio)
                },
                middle(&answers),
                middle(&known),
                info.mend
            );
            report.findings.push(at_answers(cx, info, info.severity, message));
        }
    }
    if compared == 0 {
        return Err(AssertError::not_run("what is predicted are no numbers of different sizes"));
    }
    report.findings.truncate(1);
    let found = report.findings.len() as f64;
    Ok(report.with(Figure::new("predicted columns of another scale", found).bounded(Bound::AtMost(0.0))))
}

/// The sizes of the numbers in order; nothing for a column of anything else, or of few different numbers.
fn sizes(column: &TextColumn) -> Option<Vec<f64>> {
    let mut sizes: Vec<f64> = column.iter().filter_map(number).map(f64::abs).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let are_all = sizes.len() >= LEAST_ROWS && sizes.len() * 20 >= column.len() * 19;
    let mut different = sizes.clone();
    different.dedup();
    (are_all && different.len() >= LEAST_VALUES && middle(&sizes) > 0.0).then_some(sizes)
}

fn middle(sizes: &[f64]) -> f64 {
    sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
}

/// Share of the answers that are larger than nearly all training targets, or smaller.
fn beyond(known: &[f64], answers: &[f64], above: bool) -> f64 {
    let last = known.len().saturating_sub(1) as f64;
    let at = (last * if above { NEARLY_ALL } else { 1.0 - NEARLY_ALL }) as usize;
    let limit = known.get(at).copied().unwrap_or(0.0);
    let is_beyond = |size: &&f64| if above { **size > limit } else { **size < limit };
    answers.iter().filter(is_beyond).count() as f64 / answers.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_unit_is_told_from_another_level() {
        let column = |scale: f64| -> TextColumn {
            (1..60)
                .map(|at| (f64::from(at) * scale).to_string())
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect()
        };
        let known = sizes(&column(1.0)).unwrap();
        let thousand = sizes(&column(1000.0)).unwrap();
        assert!(beyond(&known, &thousand, true) >= BEYOND);
        assert!(beyond(&known, &sizes(&column(3.0)).unwrap(), true) < BEYOND);
        assert!(beyond(&thousand, &known, false) >= BEYOND);
        assert_eq!(sizes(&["a", "b"].into_iter().collect()), None);
    }
}
