//! The scripts parse.

use smith_task_schema::{Layer, Severity};

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
    references: &[],
};

pub(super) const PREPARE_PARSES: RuleInfo = RuleInfo {
    code: "P101",
    name: "prepare-parses",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py is Python that can be parsed.",
    why: "A script that cannot be parsed cannot be run or checked.",
    mend: "Mend the syntax at the line that is named.",
    references: &[],
};

pub(super) const METRIC_PARSES: RuleInfo = RuleInfo {
    code: "M101",
    name: "metric-parses",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py is Python that can be parsed.",
    why: "A metric that cannot be parsed cannot score anything.",
    mend: "Mend the syntax at the line that is named.",
    references: &[],
};

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
