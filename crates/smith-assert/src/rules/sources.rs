//! The scripts parse.

use smith_task_schema::{Layer, Severity};

use super::wording::{is_invisible, quoted};
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Source, Subject};

pub(super) const TEST_PARSES: RuleInfo = RuleInfo {
    code: "L103",
    name: "test-parses",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "test.py is Python that can be parsed.",
    why: "A test that cannot be parsed proves nothing.",
    mend: "Mend the syntax at the line that is named.",
    references: &[literature::PYTHON_GRAMMAR],
};

pub(super) const PREPARE_PARSES: RuleInfo = RuleInfo {
    code: "P101",
    name: "prepare-parses",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py is Python that can be parsed.",
    why: "A script that cannot be parsed cannot be run or checked.",
    mend: "Mend the syntax at the line that is named.",
    references: &[literature::PYTHON_GRAMMAR],
};

pub(super) const METRIC_PARSES: RuleInfo = RuleInfo {
    code: "M101",
    name: "metric-parses",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py is Python that can be parsed.",
    why: "A metric that cannot be parsed cannot score anything.",
    mend: "Mend the syntax at the line that is named.",
    references: &[literature::PYTHON_GRAMMAR],
};

pub(super) const VISIBLE: RuleInfo = RuleInfo {
    code: "L104",
    name: "scripts-visible",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "No script holds characters that make it look other than it is.",
    why: "Marks that turn the direction of writing let a reader see another program than Python runs.",
    mend: "Remove the character, or write it as an escape such as `\\u202e`.",
    references: &["https://trojansource.codes/", "https://peps.python.org/pep-0672/"],
};

/// Largest script that is looked through, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// `L104`.
pub(super) fn visible(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = Vec::new();
    for script in [Script::Prepare, Script::Metric, Script::Test] {
        let path = cx.script(script);
        if !std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES) {
            continue;
        }
        let bytes = std::fs::read(path).map_err(AssertError::io(path))?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let turned = text.lines().zip(1..).find_map(|(line, at)| {
            let hidden = line.find(|c| is_invisible(c) && !is_joiner(c))?;
            Some((at, line.get(hidden..).and_then(|rest| rest.chars().next())?))
        });
        findings.extend(turned.map(|(line, c)| {
            let message =
                format!("there is an invisible character, {}. {}", quoted(&c.to_string()), info.mend);
            info.finding(cx.place(script, line), message)
        }));
    }
    Ok(findings)
}

/// Characters that stand within words of some scripts and within emoji, and soft hyphens.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}')
}

/// `L103`.
pub(super) fn test_parses(info: &RuleInfo, cx: &Subject) -> Findings {
    parses(info, cx, Script::Test)
}

/// `P101`.
pub(super) fn prepare_parses(info: &RuleInfo, cx: &Subject) -> Findings {
    parses(info, cx, Script::Prepare)
}

/// `M101`.
pub(super) fn metric_parses(info: &RuleInfo, cx: &Subject) -> Findings {
    parses(info, cx, Script::Metric)
}

/// A missing script is the business of the rules about files.
fn parses(info: &RuleInfo, cx: &Subject, script: Script) -> Findings {
    let Source::Broken(problems) = cx.source(script)? else { return Ok(Vec::new()) };
    let place = |line| match line {
        Some(line) => cx.place(script, line),
        None => cx.name(cx.script(script)),
    };
    Ok(problems.iter().map(|problem| info.finding(place(problem.line), &problem.message)).collect())
}
