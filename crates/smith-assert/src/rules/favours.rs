//! Submissions that a metric has a score of its own for.

use smith_task_schema::{Finding, Layer, Severity};

use super::metric::{direction_of, evaluating_reach, metric_class};
use crate::literature;
use crate::pysrc::{Branch, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const FAVOURS: RuleInfo = RuleInfo {
    code: "M117",
    name: "metric-favours-a-value",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "evaluate returns no fixed good score for a submission that holds a certain value, text or column.",
    why: "Whoever knows the value gets the score without a prediction; and by chance anybody may.",
    mend: "Remove the condition, and compute the score of every submission in the same way.",
    references: &[literature::HACKING],
};

/// Numbers that guards against empty and constant input compare with.
const PLAIN: [f64; 6] = [0.0, 1.0, 2.0, -1.0, 0.5, 100.0];
/// Below this a number is a tolerance.
const TOLERANCE: f64 = 1e-3;

/// `M117`.
pub(super) fn favours(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = metric_class(cx, module)?;
    let reach = evaluating_reach(module);
    let submission =
        class.method("evaluate").and_then(|method| method.names().get(2).map(|name| (*name).to_owned()));
    let higher = direction_of(module);
    let finding = |branch: &Branch| {
        let good = match (&branch.returned, higher) {
            (Value::Number(score), Some(true)) => *score >= 0.9,
            (Value::Number(score), Some(false)) => *score <= 0.0,
            _ => false,
        };
        let severity = if good { Severity::Error } else { Severity::Warning };
        let message =
            format!("evaluate returns a constant where a submission holds a certain value. {}", info.mend);
        Finding { severity, ..info.finding(cx.place(Script::Metric, branch.line), message) }
    };
    let reached = module.branches.iter().filter(|branch| reach.has(branch.scope.as_deref()));
    Ok(reached.filter(|branch| is_for_a_value(branch, submission.as_deref())).map(finding).collect())
}

fn is_for_a_value(branch: &Branch, submission: Option<&str>) -> bool {
    let test = &branch.test;
    let of_submission = submission.is_some_and(|name| test.names.iter().any(|own| own == name));
    let odd_number = test.numbers.iter().any(|number| {
        number.abs() > TOLERANCE && PLAIN.iter().all(|plain| (plain - number.abs()).abs() > f64::EPSILON)
    });
    let told = test.single || of_submission;
    matches!(branch.returned, Value::Number(_))
        && told
        && (odd_number || (of_submission && !test.texts.is_empty()))
}
