//! The form of `metric.py`.

use std::collections::BTreeSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::main_findings;
use super::wording::quoted;
use crate::AssertError;
use crate::literature;
use crate::pysrc::{Class, Function, Module, ParameterKind, Raise, Reach, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const ONE_CLASS: RuleInfo = RuleInfo {
    code: "M102",
    name: "metric-class",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py has exactly one class whose name ends in `Metrics`, and it derives from CompetitionMetrics alone.",
    why: "Tools take the first subclass of CompetitionMetrics by alphabet; a second one may be used by mistake.",
    mend: "Write `from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError` and one `class …Metrics(CompetitionMetrics):`.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const CONSTRUCTOR: RuleInfo = RuleInfo {
    code: "M103",
    name: "metric-constructor",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "`__init__` takes `value` and `higher_is_better`, both with defaults, and nothing else.",
    why: "Tools make the metric without arguments and read its direction.",
    mend: "Write `def __init__(self, value: str = \"<target column>\", higher_is_better: bool = True):` with the metric's direction.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const EVALUATE: RuleInfo = RuleInfo {
    code: "M104",
    name: "metric-evaluate",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The metric class has `evaluate(self, y_true, y_pred)`, in this order.",
    why: "Tools call it with the answers first and the submission second.",
    mend: "Write `def evaluate(self, y_true, y_pred):` and return a float.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const VALIDATE: RuleInfo = RuleInfo {
    code: "M105",
    name: "metric-validate-submission",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The metric class has `validate_submission(self, submission, ground_truth)`, and it raises InvalidSubmissionError.",
    why: "Tools ignore what the validator returns; only an exception rejects a submission.",
    mend: "Write `def validate_submission(self, submission, ground_truth):` and `raise InvalidSubmissionError(…)` for each fault.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const NO_MAIN: RuleInfo = RuleInfo {
    code: "M106",
    name: "metric-no-main",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py has neither a `main` function nor an `if __name__ == \"__main__\"` block.",
    why: "The file is a library for the caller; what it runs by itself is never tested.",
    mend: "Remove the main block; tests belong into test.py.",
    references: &[literature::UNIFIED_STRUCTURE],
};

const BASE: &str = "mledojo.metrics.base.CompetitionMetrics";
const INVALID: &str = "mledojo.metrics.base.InvalidSubmissionError";

/// `M102`.
pub(super) fn one_class(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let at = |line: Option<u32>| {
        line.map_or_else(|| cx.name(cx.script(Script::Metric)), |line| cx.place(Script::Metric, line))
    };
    let mut faults: Vec<(Severity, Option<u32>, String)> = Vec::new();
    let metrics: Vec<&Class> = module.classes.iter().filter(|class| is_metric(module, class)).collect();
    match &metrics[..] {
        [] => faults.push((Severity::Error, None, absence(module))),
        [class] if !class.name.ends_with("Metrics") => {
            let fault =
                format!("the name of the metric class {} does not end in `Metrics`", quoted(&class.name));
            faults.push((Severity::Error, Some(class.line), fault));
        }
        [_] => {}
        [_, others @ ..] => faults.extend(others.iter().map(|class| {
            let fault =
                format!("{} is a second metric class; tools may take it for the metric", quoted(&class.name));
            (Severity::Error, Some(class.line), fault)
        })),
    }
    let raised = module.raises.iter().find(|raise| raise.exception.ends_with("InvalidSubmissionError"));
    if raised.is_some_and(|raise| raise.exception != INVALID) {
        let fault = "`InvalidSubmissionError` is raised, but not the one of mledojo.metrics.base".to_owned();
        faults.push((Severity::Error, None, fault));
    }
    let named =
        module.classes.iter().filter(|class| class.name.ends_with("Metrics") && !is_metric(module, class));
    faults.extend(named.filter(|_| !metrics.is_empty()).map(|class| {
        let fault = format!(
            "{} is called like a metric class, but is none; give it another name",
            quoted(&class.name)
        );
        (Severity::Warning, Some(class.line), fault)
    }));
    let finding = |(severity, line, fault)| Finding {
        severity,
        ..info.finding(at(line), format!("{fault}. {}", info.mend))
    };
    Ok(faults.into_iter().map(finding).collect())
}

/// Why there is no metric class.
fn absence(module: &Module) -> String {
    let called_so = |name: &str| name.rsplit('.').next().is_some_and(|last| last == "CompetitionMetrics");
    let derived = module.classes.iter().find_map(|class| class.bases.iter().find(|base| called_so(base)));
    if derived.is_some() {
        return "`CompetitionMetrics` is not imported from mledojo.metrics.base".to_owned();
    }
    match module.classes.iter().find(|class| class.name.ends_with("Metrics")) {
        Some(class) => {
            format!("{} derives from {:?} instead of CompetitionMetrics", quoted(&class.name), class.bases)
        }
        None => "there is no class at the top level that derives from CompetitionMetrics".to_owned(),
    }
}

/// Whether a class derives from the base of all metrics, perhaps by way of another one in this file.
fn is_metric(module: &Module, class: &Class) -> bool {
    let (mut at, mut seen) = (vec![class], BTreeSet::new());
    while let Some(class) = at.pop() {
        if !seen.insert(class.line) {
            continue;
        }
        if class.bases.iter().any(|base| module.resolve(base) == BASE) {
            return true;
        }
        at.extend(module.classes.iter().filter(|other| class.bases.contains(&other.name)));
    }
    false
}

/// The metric class; not run when it cannot be told which one that is.
pub(super) fn metric_class<'s>(cx: &Subject, module: &'s Module) -> Result<&'s Class, AssertError> {
    let why = || format!("{} has no metric class (M102)", cx.name(cx.script(Script::Metric)));
    find_class(module).ok_or_else(|| AssertError::not_run(why()))
}

/// The metric class, or what is most like one.
fn find_class(module: &Module) -> Option<&Class> {
    let derived = module.classes.iter().find(|class| is_metric(module, class));
    derived.or_else(|| module.classes.iter().find(|class| class.name.ends_with("Metrics")))
}

/// What runs when a submission is validated and scored; everything when there is no metric class.
pub(super) fn scoring_reach(module: &Module) -> Reach {
    reach_of(module, &["__init__", "evaluate", "validate_submission"])
}

/// What runs when a submission is scored.
pub(super) fn evaluating_reach(module: &Module) -> Reach {
    reach_of(module, &["evaluate"])
}

fn reach_of(module: &Module, methods: &[&str]) -> Reach {
    let entries = match find_class(module) {
        Some(class) => methods.iter().map(|method| format!("{}.{method}", class.name)).collect(),
        None => module.functions.iter().map(|function| function.name.clone()).collect::<Vec<_>>(),
    };
    module.reach(&entries)
}

/// `M103`.
pub(super) fn constructor(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = metric_class(cx, module)?;
    let finding = |line, (severity, fault): (Severity, String)| Finding {
        severity,
        ..info.finding(cx.place(Script::Metric, line), format!("{fault}. {}", info.mend))
    };
    let Some(method) = class.method("__init__") else {
        let fault = format!("{} has no method `__init__`", quoted(&class.name));
        return Ok(vec![finding(class.line, (Severity::Error, fault))]);
    };
    let faults = constructor_faults(module, class, method);
    Ok(faults.into_iter().map(|fault| finding(method.line, fault)).collect())
}

fn constructor_faults(module: &Module, class: &Class, method: &Function) -> Vec<(Severity, String)> {
    let error = |fault: String| (Severity::Error, fault);
    let expected = ["self", "value", "higher_is_better"];
    let plain = method.parameters.iter().all(|parameter| parameter.kind != ParameterKind::PositionalOnly);
    if !method.names().starts_with(&expected) || method.is_async || !plain {
        let fault = format!("the parameters must be exactly {expected:?}; found {}", quoted(&method.head()));
        return vec![error(fault)];
    }
    let own = method.parameters.iter().skip(1);
    let without: Vec<_> = own.filter(|p| p.default.is_none()).map(|p| p.name.as_str()).collect();
    if !without.is_empty() {
        return vec![error(format!("the arguments {without:?} of `__init__` have no default"))];
    }
    let mut faults = Vec::new();
    if method.parameters.len() > expected.len() || method.variadic {
        let fault = format!("`__init__` takes more than {expected:?}: {}", quoted(&method.head()));
        faults.push((Severity::Warning, fault));
    }
    let direction = method.parameters.get(2).and_then(|parameter| parameter.default.as_ref());
    match direction.map(|default| module.settled(None, default)) {
        Some(Value::Bool(direction)) => {
            let base = reaches_base(module, class, *direction);
            faults.extend(base.map(|fault| error(fault.to_owned())));
        }
        Some(Value::Name(_) | Value::Call(..) | Value::Other) | None => {}
        Some(_) => {
            faults.push(error("the default of `higher_is_better` is neither True nor False".to_owned()));
        }
    }
    faults
}

/// The direction that the metric has by default, as far as the source shows it.
pub(super) fn direction_of(module: &Module) -> Option<bool> {
    let method = find_class(module)?.method("__init__")?;
    let parameter = method.parameters.iter().find(|parameter| parameter.name == "higher_is_better")?;
    match module.settled(None, parameter.default.as_ref()?) {
        Value::Bool(direction) => Some(*direction),
        _ => None,
    }
}

/// Whether the direction reaches the base class, which tools read it from.
fn reaches_base(module: &Module, class: &Class, direction: bool) -> Option<&'static str> {
    let scope = format!("{}.__init__", class.name);
    let here = |at: &Option<String>| at.as_deref() == Some(scope.as_str());
    let sets =
        |binding: &&crate::pysrc::Binding| here(&binding.scope) && binding.target == "self.higher_is_better";
    if module.bindings.iter().any(|binding| sets(&binding)) {
        return None;
    }
    let base = module.calls.iter().find(|call| here(&call.scope) && call.target.ends_with(".__init__"));
    let Some(call) = base else {
        return Some("`__init__` does not call `super().__init__(higher_is_better)`");
    };
    // `Base.__init__(self, higher_is_better)` has one argument more.
    let position = usize::from(!call.target.starts_with("()"));
    match call.argument(position, "higher_is_better") {
        Some(Value::Bool(passed)) if *passed != direction => {
            Some("`super().__init__` is given another direction than the default of `higher_is_better`")
        }
        None if !direction && !call.unpacks() => Some("`super().__init__` is not given `higher_is_better`"),
        _ => None,
    }
}

/// `M104`.
pub(super) fn evaluate(info: &RuleInfo, cx: &Subject) -> Findings {
    method(info, cx, "evaluate", &["self", "y_true", "y_pred"], |_, _, _| None)
}

/// `M105`.
pub(super) fn validate(info: &RuleInfo, cx: &Subject) -> Findings {
    method(
        info,
        cx,
        "validate_submission",
        &["self", "submission", "ground_truth"],
        |module, class, method| {
            let raises = raises_invalid(module, &format!("{}.{}", class.name, method.name));
            let fault = "no InvalidSubmissionError leaves `validate_submission`";
            (!raises).then(|| fault.to_owned())
        },
    )
}

/// A method with its exact parameters and one more condition.
fn method(
    info: &RuleInfo,
    cx: &Subject,
    name: &str,
    parameters: &[&str],
    fault: impl Fn(&Module, &Class, &Function) -> Option<String>,
) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = metric_class(cx, module)?;
    let finding = |line, fault: &str| -> Vec<Finding> {
        vec![info.finding(cx.place(Script::Metric, line), format!("{fault}. {}", info.mend))]
    };
    let Some(method) = class.method(name) else {
        return Ok(finding(class.line, &format!("`{}` has no method `{name}`", class.name)));
    };
    let head = format!("the parameters must be exactly {parameters:?}; found `{}`", method.head());
    let plain = method.parameters.iter().all(|parameter| parameter.kind == ParameterKind::Plain);
    let names = method.names();
    let is_callable = plain && !(method.variadic || method.is_async || method.is_generator);
    if !is_callable || names.len() != parameters.len() || are_exchanged(&names, parameters) {
        return Ok(finding(method.line, &head));
    }
    if let Some(fault) = fault(module, class, method) {
        return Ok(finding(method.line, &fault));
    }
    // Callers pass by position: other names are a matter of taste as long as the order is right.
    let other = || Finding {
        severity: Severity::Warning,
        ..info.finding(cx.place(Script::Metric, method.line), head)
    };
    Ok(if names == parameters { Vec::new() } else { vec![other()] })
}

/// True when a parameter's name says that it takes what the other one has to.
fn are_exchanged(names: &[&str], parameters: &[&str]) -> bool {
    let speaks_of = |name: &str, words: &[&str]| words.iter().any(|word| name.to_lowercase().contains(word));
    let is_predicted = |name: &str| speaks_of(name, &["pred", "submission", "y_hat", "guess"]);
    let is_true = |name: &str| speaks_of(name, &["true", "truth", "answer", "actual", "solution"]);
    names.iter().zip(parameters).any(|(name, wanted)| {
        (is_predicted(name) && is_true(wanted)) || (is_true(name) && is_predicted(wanted))
    })
}

/// True when InvalidSubmissionError is raised in a function, or in a function of this file that it calls, and leaves it.
fn raises_invalid(module: &Module, scope: &str) -> bool {
    let within = |at: &Option<String>, scope: &str| {
        at.as_deref().is_some_and(|at| {
            at.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let class = scope.split('.').next().unwrap_or_default();
    let (mut scopes, mut open) = (BTreeSet::new(), vec![scope.to_owned()]);
    while let Some(scope) = open.pop() {
        if !scopes.insert(scope.clone()) {
            continue;
        }
        let calls = module.calls.iter().filter(|call| within(&call.scope, &scope) && !call.swallowed);
        open.extend(calls.map(|call| match call.target.strip_prefix("self.") {
            Some(own) => format!("{class}.{own}"),
            None => call.target.clone(),
        }));
    }
    let raised = module.raises.iter().filter(|raise| !raise.swallowed && is_invalid(module, raise));
    raised.into_iter().any(|raise| scopes.iter().any(|scope| within(&raise.scope, scope)))
}

fn is_invalid(module: &Module, raise: &Raise) -> bool {
    let called_so = |name: &str| name.ends_with("InvalidSubmissionError");
    let exception = Value::Name(raise.exception.clone());
    let name = match module.settled(raise.scope.as_deref(), &exception) {
        Value::Call(target, _) | Value::Name(target) => target,
        _ => return false,
    };
    let own = module.classes.iter().find(|class| class.name == *name);
    called_so(name)
        || own.is_some_and(|class| class.bases.iter().any(|base| called_so(&module.resolve(base))))
}

/// `M106`.
pub(super) fn no_main(info: &RuleInfo, cx: &Subject) -> Findings {
    main_findings(info, cx, Script::Metric)
}
