//! Scripts that run what they read: `eval` and its kin, and pickles.

use smith_task_schema::{Finding, Layer, Severity};

use crate::pysrc::{Call, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject, list_files};

pub(super) const PREPARE_EVALUATES: RuleInfo = RuleInfo {
    code: "P108",
    name: "prepare-evaluates",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py runs no code that it reads or builds.",
    why: "What `eval` and `exec` do cannot be checked, and text of a dataset must never be run.",
    mend: "Read literals with `ast.literal_eval` or `json.loads`; import modules by their names.",
    references: &["https://docs.python.org/3/library/ast.html#ast.literal_eval"],
};

pub(super) const PREPARE_UNPICKLES: RuleInfo = RuleInfo {
    code: "P109",
    name: "prepare-unpickles",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py unpickles nothing but files of the raw dataset.",
    why: "A pickle runs code when it is read, and it cannot be read by other programs or versions.",
    mend: "Read and write tables as CSV or Parquet, and arrays with `allow_pickle=False`.",
    references: &["https://docs.python.org/3/library/pickle.html"],
};

pub(super) const METRIC_EVALUATES: RuleInfo = RuleInfo {
    code: "M111",
    name: "metric-evaluates",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py runs nothing that a submission holds: no `eval`, no pickle.",
    why: "A submission that is run can write its own score.",
    mend: "Read literals with `ast.literal_eval` or `json.loads`, and refuse what they do not take.",
    references: &["https://docs.python.org/3/library/ast.html#ast.literal_eval"],
};

const EVALUATING: &[&str] = &[
    "eval",
    "exec",
    "compile",
    "execfile",
    "builtins.eval",
    "builtins.exec",
    "builtins.compile",
    "runpy.run_path",
    "runpy.run_module",
    "importlib.util.spec_from_file_location",
    "importlib.reload",
    "code.interact",
    "ctypes.CDLL",
    "marshal.loads",
    "marshal.load",
];
const IMPORTING: &[&str] = &["__import__", "importlib.import_module", "importlib.__import__"];
const UNPICKLING: &[&str] = &[
    "pickle.load",
    "pickle.loads",
    "pickle.Unpickler",
    "cPickle.load",
    "cPickle.loads",
    "dill.load",
    "dill.loads",
    "cloudpickle.load",
    "cloudpickle.loads",
    "joblib.load",
    "pandas.read_pickle",
    "pickle5.load",
    "shelve.open",
    "jsonpickle.decode",
    "yaml.unsafe_load",
];
/// Endings of files that hold pickles.
const PICKLES: &[&str] = &[
    "pkl", "pickle", "p", "pck", "pcl", "joblib", "dill", "npy", "npz", "pt", "pth", "bin", "gz", "bz2", "xz",
];

/// `P108`.
pub(super) fn prepare_evaluates(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    Ok(evaluated(module).map(|(line, what)| place(info, cx, Script::Prepare, line, &what)).collect())
}

/// `M111`.
pub(super) fn metric_evaluates(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let pickles = module.calls.iter().filter(|call| unpickles(call));
    let pickles = pickles.map(|call| (call.line, format!("`{}(…)` runs what it reads", call.target)));
    Ok(evaluated(module)
        .chain(pickles)
        .map(|(line, what)| place(info, cx, Script::Metric, line, &what))
        .collect())
}

/// `P109`.
pub(super) fn prepare_unpickles(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let mut calls = module.calls.iter().filter(|call| unpickles(call)).peekable();
    if calls.peek().is_none() {
        return Ok(Vec::new());
    }
    let raw = &cx.layout().raw;
    let known = !raw.is_dir() || list_files(raw)?.iter().any(|path| may_be_pickle(path));
    let severity = if known { Severity::Warning } else { Severity::Error };
    let why = if known { "" } else { ", and no file of raw/ is a pickle" };
    let finding = |call: &Call| Finding {
        severity,
        ..place(
            info,
            cx,
            Script::Prepare,
            call.line,
            &format!("`{}(…)` runs what it reads{why}", call.target),
        )
    };
    Ok(calls.map(finding).collect())
}

fn place(info: &RuleInfo, cx: &Subject, script: Script, line: u32, what: &str) -> Finding {
    info.finding(cx.place(script, line), format!("{what}. {}", info.mend))
}

/// Calls that run code, and such functions that are handed on (`.apply(eval)`).
fn evaluated(module: &Module) -> impl Iterator<Item = (u32, String)> + '_ {
    module.calls.iter().filter_map(|call| {
        let target = call.target.as_str();
        let computed = || !matches!(call.argument(0, "name"), Some(Value::Text(_)));
        if EVALUATING.contains(&target) || (IMPORTING.contains(&target) && computed()) {
            return Some((call.line, format!("`{target}(…)` runs code that cannot be checked")));
        }
        let arguments = call.positional.iter().chain(call.keywords.iter().map(|(_, value)| value));
        let handed = arguments.flat_map(Value::parts).find_map(|value| match value {
            Value::Name(name) if ["eval", "exec", "builtins.eval"].contains(&name.as_str()) => Some(name),
            _ => None,
        })?;
        Some((call.line, format!("`{handed}` is run on what `{target}(…)` gives it")))
    })
}

fn unpickles(call: &Call) -> bool {
    let target = call.target.as_str();
    let is = |name: &str, value: bool| call.keyword(name) == Some(&Value::Bool(value));
    match target {
        "numpy.load" => is("allow_pickle", true),
        "torch.load" => !is("weights_only", true),
        "yaml.load" => {
            let loader = call.argument(1, "Loader");
            loader.is_none_or(|loader| matches!(loader, Value::Name(name) if name.contains("nsafe") || name.ends_with(".Loader")))
        }
        _ => UNPICKLING.contains(&target),
    }
}

/// A file whose ending says so, or that has none.
fn may_be_pickle(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    match name.rsplit_once('.') {
        Some((_, ending)) => PICKLES.contains(&ending) || ["zip", "tar", "tgz", "7z"].contains(&ending),
        None => true,
    }
}
