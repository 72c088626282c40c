//! The range that a description gives a predicted number, against the numbers that occur.

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Finding, Layer, Severity};

use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Split, Subject};

pub(super) const RANGES: RuleInfo = RuleInfo {
    code: "D115",
    name: "description-ranges",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Where the description says from what to what a predicted number goes, no answer lies outside.",
    why: "Participants clip to the range that they are told, and lose what lies outside, or are refused.",
    mend: "Write the range that the answers and the metric have.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Share of the answers that must lie outside: one odd value is no other scale.
const OUTSIDE: f64 = 0.01;
/// Characters between a column and its range.
const NEAR: usize = 60;

/// `D115`.
pub(super) fn ranges(info: &RuleInfo, cx: &Subject) -> Findings {
    let split = cx.split()?;
    let mut findings: Vec<Finding> = Vec::new();
    for description in cx.descriptions()? {
        for (line, at) in description.text.lines().zip(1_usize..) {
            let wrong = split.predicted.iter().enumerate().find_map(|(target, name)| {
                let (least, most) = promised(line, name)?;
                let (from, to) = occurring(split, target, least, most)?;
                Some((name, least, most, from, to))
            });
            findings.extend(wrong.map(|(name, least, most, from, to)| {
                let [least, most, from, to] = [least, most, from, to].map(six_digits);
                let message = format!(
                    "`{name}` is said to go from {least} to {most}, and the answers go from {from} to {to}. {}",
                    info.mend
                );
                info.finding(format!("{}:{at}", description.name), message)
            }));
        }
    }
    Ok(findings)
}

/// The range that a line gives a column: `` `rating` … from 0 to 4 ``, `between 0 and 4`, `(0 to 4)`, `0–4`.
fn promised(line: &str, column: &str) -> Option<(f64, f64)> {
    let quoted = format!("`{column}`");
    line.match_indices(&quoted).find_map(|(at, _)| range_in(line.get(at + quoted.len()..)?))
}

/// The range that stands behind a column.
fn range_in(behind: &str) -> Option<(f64, f64)> {
    // Up to the next column, which the range may be of.
    let behind = behind.split('`').next()?;
    let near = behind.get(..behind.floor_char_boundary(NEAR))?;
    // Of a number that is cut in two, the first digits are another one.
    let behind = if near.len() < behind.len() { near.rsplit_once(' ')?.0 } else { near };
    // A range of only some examples, or of something else, is none of the column.
    let lower = behind.to_lowercase();
    if ["mostly", "usual", "typical", "about", "rows", "not ", "except"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return None;
    }
    let joined = behind.replace(['–', '—'], " to ").replace('−', "-");
    let words: Vec<&str> = joined
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | ':' | '[' | ']'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(4).find_map(in_words).or_else(|| {
        words.windows(3).find_map(|three| {
            let [least, "to", most] = three else { return None };
            ascending(least, most)
        })
    })
}

fn in_words(words: &[&str]) -> Option<(f64, f64)> {
    match words {
        ["from", least, "to", most] | ["between", least, "and", most] => ascending(least, most),
        _ => None,
    }
}

fn ascending(least: &str, most: &str) -> Option<(f64, f64)> {
    let number =
        |text: &str| text.trim_end_matches('.').parse::<f64>().ok().filter(|value| value.is_finite());
    let (least, most) = (number(least)?, number(most)?);
    (least < most).then_some((least, most))
}

/// From what to what the answers go, where enough of them lie outside of a range.
fn occurring(split: &Split, target: usize, least: f64, most: f64) -> Option<(f64, f64)> {
    let cells = split.test.targets.get(target)?;
    let values: Vec<f64> = cells.iter().map(|cell| cell.trim().parse::<f64>().ok()).collect::<Option<_>>()?;
    let outside = values.iter().filter(|value| **value < least || **value > most).count();
    let is_wrong = outside > 0 && outside as f64 >= OUTSIDE * values.len() as f64;
    let range = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), value| (from.min(*value), to.max(*value)));
    is_wrong.then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_a_column_are_read_in_many_words() {
        for (line, expected) in [
            (
                "A CSV file with `id` and `rating`, where `rating` is a whole number from 0 to 4, one a row.",
                Some((0.0, 4.0)),
            ),
            ("`rating` is a whole number from 0 to 4.", Some((0.0, 4.0))),
            ("- `rating` (0 to 4) for the reviews in train.csv", Some((0.0, 4.0))),
            ("- `rating`: 1–5", Some((1.0, 5.0))),
            ("`rating`, between -1 and 1.5, is", Some((-1.0, 1.5))),
            ("`rating` is mostly from 0 to 4", None),
            ("`rating` and `year` (1990 to 2000)", None),
            ("`rating`. In the whole data it lies between 0.6923076923076923 and 1243.3333333333333.", None),
            (
                "`rating`. In the data it lies between 0.25 and 1243.5. No other number was ever seen.",
                Some((0.25, 1243.5)),
            ),
            ("from 0 to 4", None),
            ("`rating` goes from 4 to 0", None),
        ] {
            assert_eq!(promised(line, "rating"), expected, "{line}");
        }
    }
}
