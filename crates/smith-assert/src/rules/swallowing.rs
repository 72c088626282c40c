//! Exceptions that are caught and forgotten.

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::entry;
use crate::pysrc::{Call, Handler, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const PREPARE: RuleInfo = RuleInfo {
    code: "P110",
    name: "prepare-swallows",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "prepare.py catches no exception of any kind only to go on.",
    why: "What fails silently leaves parts of the data out, and nobody hears of it.",
    mend: "Let the exception end the preparation, or catch just the one that is expected.",
    references: &["https://docs.python.org/3/tutorial/errors.html#handling-exceptions"],
};

pub(super) const METRIC: RuleInfo = RuleInfo {
    code: "M110",
    name: "metric-swallows",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py turns no failure into a score.",
    why: "A submission that makes the metric fail must be refused; a constant in place of a score can be worth more than an honest one.",
    mend: "Remove the `except`, or `raise InvalidSubmissionError(…)` in it.",
    references: &["https://docs.python.org/3/tutorial/errors.html#handling-exceptions"],
};

/// Methods that write what participants get or what they are scored on.
const WRITING: &[&str] = &["to_csv", "to_parquet", "to_json", "to_feather"];

/// `P110`.
pub(super) fn prepare(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let reach = entry(module);
    let broad = module.handlers.iter().filter(|handler| handler.broad && !handler.raises);
    let reached = broad.filter(|handler| reach.has(handler.scope.as_deref()));
    let finding = |handler: &Handler| {
        let writes = guarded(module, handler).any(|call| {
            let method = call.target.rsplit('.').next().unwrap_or_default();
            WRITING.contains(&method)
        });
        let (severity, what) = if writes && !handler.calls {
            (
                Severity::Error,
                "a file of the task may be left unwritten: this `except` catches everything and goes on",
            )
        } else {
            (Severity::Warning, "this `except` catches everything and goes on")
        };
        Finding {
            severity,
            ..info.finding(cx.place(Script::Prepare, handler.line), format!("{what}. {}", info.mend))
        }
    };
    Ok(reached.map(finding).collect())
}

fn guarded<'m>(module: &'m Module, handler: &Handler) -> impl Iterator<Item = &'m Call> {
    module.calls.get(handler.guarded.clone()).unwrap_or_default().iter()
}

/// `M110`.
pub(super) fn metric(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let reach = super::metric::evaluating_reach(module);
    let broad = module.handlers.iter().filter(|handler| handler.broad && !handler.raises);
    let reached = broad.filter(|handler| reach.has(handler.scope.as_deref()));
    let finding = |handler: &Handler| {
        let in_evaluate = handler.scope.as_deref().is_some_and(|scope| scope.ends_with(".evaluate"));
        let number = handler.returned.as_ref().is_some_and(is_number) || becomes_score(module, handler);
        let (severity, what) = if in_evaluate && number {
            (Severity::Error, "this `except` catches everything and returns a number as the score")
        } else {
            (Severity::Warning, "this `except` catches everything while the score is computed, and goes on")
        };
        Finding {
            severity,
            ..info.finding(cx.place(Script::Metric, handler.line), format!("{what}. {}", info.mend))
        }
    };
    Ok(reached.map(finding).collect())
}

/// Whether a variable that gets a number in a handler is what `evaluate` returns.
fn becomes_score(module: &Module, handler: &Handler) -> bool {
    let methods = module.classes.iter().filter_map(|class| class.method("evaluate"));
    let lines: Vec<&str> = methods.flat_map(|method| method.source.lines()).map(str::trim).collect();
    handler.numbers.iter().any(|name| {
        let returned = [format!("return {name}"), format!("return float({name})")];
        lines.iter().any(|line| returned.iter().any(|score| score == line))
    })
}

/// `0.0`, `float("-inf")`, `np.nan`.
fn is_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Call(target, arguments) => {
            (target == "float" || target.starts_with("numpy.float"))
                && arguments.first().is_none_or(|first| matches!(first, Value::Text(_) | Value::Number(_)))
        }
        Value::Name(name) => ["numpy.nan", "numpy.inf", "math.nan", "math.inf"].contains(&name.as_str()),
        _ => false,
    }
}
