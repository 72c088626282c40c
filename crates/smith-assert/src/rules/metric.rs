//! The form of `metric.py`.

use std::collections::BTreeSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::{contained_findings, main_findings};
use crate::AssertError;
use crate::pysrc::{Call, Class, Function, Module, ParameterKind, Raise};
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
    references: &[],
};

pub(super) const CONSTRUCTOR: RuleInfo = RuleInfo {
    code: "M103",
    name: "metric-constructor",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "`__init__` takes `value` and `higher_is_better`, both with defaults, and nothing else.",
    why: "Tools make the metric without arguments and read its direction.",
    mend: "Write `def __init__(self, value: str = \"<target column>\", higher_is_better: bool = True):` with the metric's direction.",
    references: &[],
};

pub(super) const EVALUATE: RuleInfo = RuleInfo {
    code: "M104",
    name: "metric-evaluate",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The metric class has `evaluate(self, y_true, y_pred)`.",
    why: "Tools call it with the answers first and the submission second.",
    mend: "Write `def evaluate(self, y_true, y_pred):` and return a float.",
    references: &[],
};

pub(super) const VALIDATE: RuleInfo = RuleInfo {
    code: "M105",
    name: "metric-validate-submission",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The metric class has `validate_submission(self, submission, ground_truth)`, and it raises InvalidSubmissionError.",
    why: "Tools ignore what the validator returns; only an exception rejects a submission.",
    mend: "Write `def validate_submission(self, submission, ground_truth):` and `raise InvalidSubmissionError(…)` for each fault.",
    references: &[],
};

pub(super) const NO_MAIN: RuleInfo = RuleInfo {
    code: "M106",
    name: "metric-no-main",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py has neither a `main` function nor an `if __name__ == \"__main__\"` block.",
    why: "The file is a library for the caller; what it runs by itself is never tested.",
    mend: "Remove the main block; tests belong into test.py.",
    references: &[],
};

pub(super) const CONTAINED: RuleInfo = RuleInfo {
    code: "M107",
    name: "metric-contained",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py uses neither the network nor other programs.",
    why: "A score must depend on the submission and the answers alone.",
    mend: "Compute the score from the two data frames.",
    references: &[],
};

pub(super) const READS_NOTHING: RuleInfo = RuleInfo {
    code: "M108",
    name: "metric-reads-nothing",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py reads no files.",
    why: "Files lie elsewhere wherever the task is used; the metric is given both data frames.",
    mend: "Use the arguments `y_true` and `y_pred` (or `submission` and `ground_truth`) instead.",
    references: &[],
};

const BASE: &str = "mledojo.metrics.base.CompetitionMetrics";
const INVALID: &str = "mledojo.metrics.base.InvalidSubmissionError";

/// Functions that read files.
const READING: &[&str] = &[
    "open",
    "io.open",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "numpy.fromfile",
    "os.listdir",
    "os.walk",
    "os.scandir",
    "glob.glob",
    "glob.iglob",
    "cv2.imread",
    "PIL.Image.open",
    "joblib.load",
];
/// Methods that read files whatever they are called on.
const READING_METHODS: &[&str] = &[".read_text", ".read_bytes", ".open", ".iterdir", ".rglob"];

/// `M102`.
pub(super) fn one_class(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let file = || cx.name(cx.script(Script::Metric));
    let mut findings: Vec<_> = [(BASE, "CompetitionMetrics"), (INVALID, "InvalidSubmissionError")]
        .into_iter()
        .filter(|(path, name)| module.resolve(name) != *path)
        .map(|(_, name)| {
            info.finding(file(), format!("`{name}` is not imported from mledojo.metrics.base. {}", info.mend))
        })
        .collect();
    let (named, others): (Vec<_>, Vec<_>) =
        module.classes.iter().partition(|class| class.name.ends_with("Metrics"));
    if named.len() != 1 {
        let names: Vec<_> = named.iter().map(|class| class.name.as_str()).collect();
        let message = format!(
            "there must be exactly one class whose name ends in `Metrics`; found {names:?}. {}",
            info.mend
        );
        findings.push(info.finding(file(), message));
    }
    findings.extend(named.iter().filter(|class| !derives_from_base_alone(module, class)).map(|class| {
        let message = format!(
            "`{}` derives from {:?} instead of CompetitionMetrics. {}",
            class.name, class.bases, info.mend
        );
        info.finding(cx.place(Script::Metric, class.line), message)
    }));
    findings.extend(others.iter().filter(|class| derives_from_metric(module, class)).map(|class| {
        let message = format!(
            "`{}` is a second metric class; tools may take it for the metric. {}",
            class.name, info.mend
        );
        info.finding(cx.place(Script::Metric, class.line), message)
    }));
    Ok(findings)
}

fn derives_from_base_alone(module: &Module, class: &Class) -> bool {
    matches!(&class.bases[..], [base] if module.resolve(base).ends_with("CompetitionMetrics"))
}

fn derives_from_metric(module: &Module, class: &Class) -> bool {
    class.bases.iter().any(|base| module.resolve(base).ends_with("Metrics"))
}

/// The metric class; not run when it cannot be told which one that is.
fn metric_class<'s>(cx: &Subject, module: &'s Module) -> Result<&'s Class, AssertError> {
    let named = module.classes.iter().find(|class| class.name.ends_with("Metrics"));
    let why =
        || format!("{} has no class whose name ends in `Metrics` (M102)", cx.name(cx.script(Script::Metric)));
    named.ok_or_else(|| AssertError::not_run(why()))
}

/// `M103`.
pub(super) fn constructor(info: &RuleInfo, cx: &Subject) -> Findings {
    method(info, cx, "__init__", &["self", "value", "higher_is_better"], |_, _, method| {
        let without: Vec<_> =
            method.parameters.iter().skip(1).filter(|p| !p.has_default).map(|p| p.name.as_str()).collect();
        (!without.is_empty()).then(|| format!("the arguments {without:?} of `__init__` have no default"))
    })
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
            (!raises).then(|| "`validate_submission` never raises InvalidSubmissionError".to_owned())
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
    let plain = method.parameters.iter().all(|parameter| parameter.kind == ParameterKind::Plain);
    if method.names() != parameters || method.variadic || method.is_async || !plain {
        let fault = format!("the parameters must be exactly {parameters:?}; found `{}`", method.head());
        return Ok(finding(method.line, &fault));
    }
    Ok(fault(module, class, method).map(|fault| finding(method.line, &fault)).unwrap_or_default())
}

/// True when a function raises InvalidSubmissionError itself or in a function of this file that it calls.
fn raises_invalid(module: &Module, scope: &str) -> bool {
    let within = |at: &Option<String>, scope: &str| {
        at.as_deref().is_some_and(|at| at == scope || at.starts_with(&format!("{scope}.")))
    };
    let called =
        module.calls.iter().filter(|call| within(&call.scope, scope)).map(|call| call.target.as_str());
    let class = scope.split('.').next().unwrap_or_default();
    let mut scopes: BTreeSet<String> = called
        .map(|name| name.strip_prefix("self.").map_or(name.to_owned(), |own| format!("{class}.{own}")))
        .collect();
    scopes.insert(scope.to_owned());
    let invalid = |raise: &&Raise| raise.exception.ends_with("InvalidSubmissionError");
    module.raises.iter().filter(invalid).any(|raise| scopes.iter().any(|scope| within(&raise.scope, scope)))
}

/// `M106`.
pub(super) fn no_main(info: &RuleInfo, cx: &Subject) -> Findings {
    main_findings(info, cx, Script::Metric)
}

/// `M107`.
pub(super) fn contained(info: &RuleInfo, cx: &Subject) -> Findings {
    contained_findings(info, cx, Script::Metric)
}

/// `M108`.
pub(super) fn reads_nothing(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let reading = module.calls.iter().filter(|call| reads(&call.target));
    let finding = |call: &Call| {
        info.finding(
            cx.place(Script::Metric, call.line),
            format!("`{}(…)` reads files. {}", call.target, info.mend),
        )
    };
    Ok(reading.map(finding).collect())
}

fn reads(target: &str) -> bool {
    READING.contains(&target)
        || target.starts_with("pandas.read_")
        || READING_METHODS.iter().any(|method| target.ends_with(method))
}
