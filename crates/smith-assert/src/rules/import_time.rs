//! What runs when the scripts are imported.

use std::collections::BTreeMap;

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::EXITING;
use crate::pysrc::{Call, Module};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const PREPARE: RuleInfo = RuleInfo {
    code: "P104",
    name: "prepare-import-time",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Importing prepare.py runs nothing but definitions, imports and constants.",
    why: "Tools import the file before they know its directories; work at import time happens in the wrong place.",
    mend: "Move the call into `prepare` or a function that it calls.",
    references: &["https://docs.python.org/3/tutorial/modules.html#executing-modules-as-scripts"],
};

pub(super) const METRIC: RuleInfo = RuleInfo {
    code: "M112",
    name: "metric-import-time",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Importing metric.py runs nothing but definitions, imports and constants.",
    why: "The file is imported for every submission; what it does then is part of no score.",
    mend: "Move the call into the method that needs it, or remove it.",
    references: &["https://docs.python.org/3/tutorial/modules.html#executing-modules-as-scripts"],
};

/// Functions that reach files, wait or ask.
const WORKING: &[&str] = &[
    "open",
    "io.open",
    "input",
    "time.sleep",
    "os.listdir",
    "os.walk",
    "os.scandir",
    "os.makedirs",
    "os.mkdir",
    "os.remove",
    "os.unlink",
    "os.rename",
    "os.replace",
    "os.chdir",
    "glob.glob",
    "glob.iglob",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "numpy.save",
    "zipfile.ZipFile",
    "tarfile.open",
    "PIL.Image.open",
    "cv2.imread",
    "cv2.imwrite",
    "sklearn.model_selection.train_test_split",
];
/// Methods that do so, whatever they are called on.
const WORKING_METHODS: &[&str] = &[
    "to_csv",
    "to_parquet",
    "to_json",
    "to_pickle",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "mkdir",
    "unlink",
    "rmdir",
    "iterdir",
    "rglob",
    "extractall",
    "fit",
];

/// `P104`.
pub(super) fn prepare(info: &RuleInfo, cx: &Subject) -> Findings {
    findings(info, cx, Script::Prepare)
}

/// `M112`.
pub(super) fn metric(info: &RuleInfo, cx: &Subject) -> Findings {
    findings(info, cx, Script::Metric)
}

fn findings(info: &RuleInfo, cx: &Subject, script: Script) -> Findings {
    let module = cx.module(script)?;
    let at_import = module.calls.iter().filter(|call| call.scope.is_none());
    let mut places: BTreeMap<u32, (Severity, &str)> = BTreeMap::new();
    for call in at_import {
        let known = severity_at_import(module, call);
        if let Some(severity) = known {
            let place = places.entry(call.line).or_insert((severity, &call.target));
            if severity > place.0 {
                *place = (severity, &call.target);
            }
        }
    }
    let finding = |(line, (severity, target)): (u32, (Severity, &str))| Finding {
        severity,
        ..info.finding(
            cx.place(script, line),
            format!("`{target}(…)` runs when the file is imported. {}", info.mend),
        )
    };
    Ok(places.into_iter().map(finding).collect())
}

/// How much a call weighs that runs at import; nothing when it only makes a value or sets an option.
fn severity_at_import(module: &Module, call: &Call) -> Option<Severity> {
    let target = call.target.as_str();
    if works(target) || target == "prepare" || calls_entry(module, target) {
        return Some(Severity::Error);
    }
    let own = module.functions.iter().any(|function| function.name == target);
    if own {
        let reach = module.reach(&[target.to_owned()]);
        let inner = module.calls_in(&reach).filter(|inner| inner.scope.is_some());
        return inner.into_iter().any(|inner| works(&inner.target)).then_some(Severity::Error);
    }
    (target == "print" || target.starts_with("shutil.")).then_some(Severity::Warning)
}

/// `evaluate` and `validate_submission` of a metric that the file makes for itself.
fn calls_entry(module: &Module, target: &str) -> bool {
    let method = target.rsplit_once('.').map_or("", |(_, method)| method);
    ["evaluate", "validate_submission"].contains(&method) && !module.is_imported(target)
}

fn works(target: &str) -> bool {
    let method = target.rsplit_once('.').map_or("", |(_, method)| method);
    WORKING.contains(&target)
        || EXITING.contains(&target)
        || WORKING_METHODS.contains(&method)
        || target.starts_with("pandas.read_")
        || target.starts_with("polars.read_")
        || (target.starts_with("shutil.") && target != "shutil.which")
}
