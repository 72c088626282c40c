//! Parts of a description that nobody has written yet.

use smith_task_schema::{Finding, Layer, Severity};

use super::wording::quoted;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::Subject;

pub(super) const FINISHED: RuleInfo = RuleInfo {
    code: "D113",
    name: "description-finished",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The description holds no placeholder of a draft or a template, and nothing that a model said to whoever asked it.",
    why: "What is left open is what participants miss, and it shows that nobody has read the text.",
    mend: "Write what belongs there, or remove it.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Words of drafts, as they are written.
const MARKS: &[&str] = &["TODO", "TBD", "TBA", "FIXME", "XXX", "PLACEHOLDER"];
/// Filling, in lower case.
const FILLING: &[&str] =
    &["lorem ipsum", "dolor sit amet", "coming soon", "to be determined", "to be written"];
/// What a model says to whoever asked it, in lower case; only at the beginning of a line.
const SAID: &[&str] = &[
    "sure, here",
    "sure! here",
    "certainly! here",
    "here is the revised",
    "here's the revised",
    "here is the updated description",
    "here's the updated description",
    "as an ai language model",
    "i hope this helps",
    "let me know if you",
];
/// How an instruction to the writer begins between brackets, in lower case.
const ASKING: &[&str] =
    &["insert ", "your ", "fill in", "add ", "describe ", "replace ", "to do", "name of the "];
/// Findings of a description.
const MAX_FINDINGS: usize = 5;

/// `D113`.
pub(super) fn finished(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let lines = description.text.lines().zip(1_usize..);
        let open = lines.filter_map(|(line, at)| Some((line, left_open(line)?, at)));
        findings.extend(open.take(MAX_FINDINGS).map(|(whole, part, line)| {
            let message = format!("{} is left over from a draft. {}", quoted(part), info.mend);
            // What is quoted may be what the data hold.
            let severity = if whole.contains('`') { Severity::Warning } else { info.severity };
            Finding { severity, ..info.finding(format!("{}:{line}", description.name), message) }
        }));
    }
    Ok(findings)
}

/// The first part of a line that is a placeholder.
fn left_open(line: &str) -> Option<&str> {
    mark(line)
        .or_else(|| filling(line))
        .or_else(|| said(line))
        .or_else(|| field(line))
        .or_else(|| asked(line))
}

/// A mark of a draft, alone or with a colon or within brackets: a text may be about such words.
fn mark(line: &str) -> Option<&str> {
    MARKS.iter().find_map(|mark| {
        line.match_indices(mark).find_map(|(at, _)| {
            let before = line.get(..at)?;
            let rest = line.get(at + mark.len()..)?;
            let opens =
                before.trim_end().is_empty() || before.ends_with(['[', '(', '<', '{', ':', ' ', '*', '-']);
            let closes = rest.starts_with([':', ']', ')', '>', '}', '(']) || rest.trim().is_empty();
            (opens && closes).then(|| line.get(at..)).flatten()
        })
    })
}

fn filling(line: &str) -> Option<&str> {
    let lower = line.to_ascii_lowercase();
    FILLING.iter().find_map(|words| line.get(lower.find(words)?..))
}

fn said(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let lower = line.to_ascii_lowercase();
    SAID.iter().any(|words| lower.starts_with(words)).then_some(line)
}

/// A field of a template that was not filled: `{{ name }}`, `{% if … %}`, `${name}`.
fn field(line: &str) -> Option<&str> {
    [("{{", "}}"), ("{%", "%}"), ("${", "}")].into_iter().find_map(|(open, close)| {
        let at = line.find(open)?;
        let rest = line.get(at..)?;
        let end = rest.find(close)?;
        let inner = rest.get(open.len()..end)?.trim();
        let is_name =
            inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !inner.contains('\\');
        // Braces group in formulas.
        let has_formula = line.matches('$').count() > line.matches("${").count();
        (is_name && !has_formula && (open == "${" || !line.contains('$')))
            .then(|| rest.get(..end + close.len()))
            .flatten()
    })
}

/// `[insert the source]`, `<your metric here>`.
fn asked(line: &str) -> Option<&str> {
    line.match_indices(['[', '<']).find_map(|(at, _)| {
        let rest = line.get(at..)?;
        let end = rest.find([']', '>'])?;
        let inner = rest.get(1..end)?;
        let lower = inner.to_ascii_lowercase();
        // What has a link behind it is a link, and a single word is a name.
        let is_link = rest.get(end + 1..).is_some_and(|rest| rest.starts_with(['(', '[']));
        let asks = ASKING.iter().any(|begin| lower.starts_with(begin)) && inner.contains(' ');
        (asks && !is_link).then(|| rest.get(..=end)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_prose() {
        for line in [
            "[TODO: say what the sensors measure]",
            "Metric: TBD",
            "Lorem ipsum dolor sit amet, consectetur.",
            "Sure, here is the description:",
            "Predict {{ target }} of each row.",
            "The data come from [insert source here].",
            "Scores are ${metric}.",
        ] {
            assert!(left_open(line).is_some(), "{line}");
        }
        for line in [
            "Comments are marked TODO by their authors and answered later.",
            "The files are called images/{id}.png.",
            "The error is $\\frac{1}{n}\\sum_{i} {{x}_i}$ and ${n}_{1}$.",
            "See [your account](https://example.org) and <id>.",
            "Prices are in TBDs.",
            "`[CLS]` tokens",
        ] {
            assert_eq!(left_open(line), None, "{line}");
        }
    }
}
