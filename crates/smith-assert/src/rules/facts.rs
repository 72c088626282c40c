//! The metric as the description tells of it, against the one that is computed.

use smith_task_schema::{Finding, Layer, Severity};

use super::families::{Named, agree, are_errors, called_by, computed_by, direction, metric_part, named_by};
use super::metric::{direction_of, evaluating_reach};
use super::words::{Word, find, words};
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const DIRECTION: RuleInfo = RuleInfo {
    code: "D106",
    name: "description-direction",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The description and metric.py agree on whether higher or lower scores are better.",
    why: "Who follows the wrong direction makes a good model worse on purpose.",
    mend: "State the direction that `higher_is_better` in metric.py has, or mend that.",
    references: &[literature::MODEL_EVALUATION],
};

pub(super) const METRIC: RuleInfo = RuleInfo {
    code: "D107",
    name: "description-metric",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The metric that the description names is the one that metric.py computes, as far as both are known ones.",
    why: "Participants choose models and thresholds for the metric that they are told.",
    mend: "Name the metric that metric.py computes, or compute the one that is named.",
    references: &[literature::MODEL_EVALUATION],
};

pub(super) const COMPUTED_DIRECTION: RuleInfo = RuleInfo {
    code: "M116",
    name: "metric-direction",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "`higher_is_better` is the direction of the function that metric.py computes the score with, where that is a known one.",
    why: "With the wrong direction the worst submission wins.",
    mend: "Set the default of `higher_is_better` to the direction of the metric, or return the metric with the other sign.",
    references: &[literature::MODEL_EVALUATION],
};

const HIGHER: &[&str] = &[
    "higher|larger|greater|bigger ~1 is|are|means|= better",
    "higher|larger|greater scores|values|score|value ~1 is|are|indicate|mean|means|indicates better",
    "the higher ~1 score|value|metric|it|number|scores|values ~2 the better",
    "higher|larger better",
    "higher-is-better|higher_is_better",
    "maximize|maximise|maximizing|maximising ~2 score|metric|accuracy|auc|f1|kappa|correlation",
];
const LOWER: &[&str] = &[
    "lower|smaller ~1 is|are|means|= better",
    "lower|smaller scores|values|score|value ~1 is|are|indicate|mean|means|indicates better",
    "the lower|smaller ~1 score|value|metric|it|number|scores|values|error|loss ~2 the better",
    "lower|smaller better",
    "lower-is-better|lower_is_better",
    "minimize|minimise|minimizing|minimising ~2 score|metric|error|loss|rmse|mae|mse|rmsle|logloss",
];

/// `D106`.
pub(super) fn agrees_in_direction(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let Some(higher) = direction_of(module) else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let part = metric_part(&description.text);
        let here = said_direction(&part);
        // Elsewhere it may be said of a column.
        let severity = if here.is_some() { Severity::Error } else { Severity::Warning };
        let said = here.or_else(|| said_direction(&words(&description.text)));
        if let Some((said, line)) = said.filter(|(said, _)| *said != higher) {
            let message = format!(
                "it says that {} scores are better, and metric.py has higher_is_better={}. {}",
                adjective(said),
                python(higher),
                info.mend
            );
            findings
                .push(Finding { severity, ..info.finding(format!("{}:{line}", description.name), message) });
            continue;
        }
        let named = named_by(&part);
        let known = direction(&named).filter(|_| said.is_none() && !turns_around(module));
        if let Some(usual) = known.filter(|usual| *usual != higher) {
            let message = format!(
                "{} scores of {} are better, and metric.py has higher_is_better={}. {}",
                adjective(usual),
                list(&named),
                python(higher),
                info.mend
            );
            findings.push(info.finding(&description.name, message));
        }
    }
    Ok(findings)
}

/// `M116`.
pub(super) fn computes_in_direction(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = super::metric::metric_class(cx, module)?;
    let computed = called_by(module, &evaluating_reach(module));
    let usual = direction(&computed).filter(|_| !turns_around(module));
    let (Some(usual), Some(higher)) = (usual, direction_of(module)) else { return Ok(Vec::new()) };
    if usual == higher {
        return Ok(Vec::new());
    }
    let line = class.method("__init__").map_or(class.line, |method| method.line);
    let message = format!(
        "{} scores of {} are better, and the default of `higher_is_better` is {}. {}",
        adjective(usual),
        list(&computed),
        python(higher),
        info.mend
    );
    Ok(vec![info.finding(cx.place(Script::Metric, line), message)])
}

/// The direction that words state, and the line in which they do; none when they state both.
fn said_direction(words: &[Word]) -> Option<(bool, usize)> {
    let place = |patterns: &[&str]| {
        let at = patterns.iter().find_map(|pattern| find(words, pattern))?.0;
        words.get(at).map(|word| word.line)
    };
    match (place(HIGHER), place(LOWER)) {
        (Some(line), None) => Some((true, line)),
        (None, Some(line)) => Some((false, line)),
        _ => None,
    }
}

fn adjective(higher: bool) -> &'static str {
    if higher { "higher" } else { "lower" }
}

fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn list(named: &Named) -> String {
    named.iter().copied().collect::<Vec<_>>().join(", ")
}

/// Whether `evaluate` may return the metric with another sign, or one minus it.
fn turns_around(module: &crate::pysrc::Module) -> bool {
    let methods = module.classes.iter().flat_map(|class| &class.methods);
    let sources = methods.chain(&module.functions).map(|function| function.source.as_str());
    let turning = ["return -", "return float(-", "= -", "1 -", "1.0 -", "100 -", "1-", "(-", "exp("];
    sources.into_iter().any(|source| turning.iter().any(|mark| source.contains(mark)))
}

/// `D107`.
pub(super) fn names_metric(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let reach = evaluating_reach(module);
    let (called, computed) = (called_by(module, &reach), computed_by(module, &reach));
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let described = named_by(&metric_part(&description.text));
        let by_form = called.is_empty() && !are_errors(&described);
        if by_form || agree(&described, &computed) {
            continue;
        }
        // Of several, one may be a part of the other.
        let certain = described.len() == 1 && (computed.len() == 1 || is_rooted_pair(&computed));
        let severity = if certain { Severity::Error } else { Severity::Warning };
        let message = format!(
            "it names {} and metric.py computes {}. {}",
            list(&described),
            list(&computed),
            info.mend
        );
        findings.push(Finding { severity, ..info.finding(&description.name, message) });
    }
    Ok(findings)
}

/// A metric and its root count as one.
fn is_rooted_pair(named: &Named) -> bool {
    [["RMSE", "MSE"], ["RMSLE", "MSLE"]].iter().any(|pair| *named == Named::from(*pair))
}
