//! Metrics that depend on more than the two data frames.

use smith_task_schema::{Finding, Layer, Severity};

use super::metric::scoring_reach;
use super::prepare::EXITING;
use crate::literature;
use crate::pysrc::{Call, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const READS_NOTHING: RuleInfo = RuleInfo {
    code: "M108",
    name: "metric-reads-nothing",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py reads and writes no files.",
    why: "Files lie elsewhere wherever the task is used; the metric is given both data frames.",
    mend: "Use the arguments `y_true` and `y_pred` (or `submission` and `ground_truth`) instead.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const SURROUNDINGS: RuleInfo = RuleInfo {
    code: "M113",
    name: "metric-surroundings",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py looks at neither its environment, its callers nor the clock, and never ends the process.",
    why: "A score must depend on the submission and the answers alone.",
    mend: "Remove it; what the metric needs stands in its arguments.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const PRINTS: RuleInfo = RuleInfo {
    code: "M114",
    name: "metric-prints",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py prints nothing of the answers.",
    why: "Tools show participants what the metric writes.",
    mend: "Remove the output; a score is returned, a fault is raised.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const ALIGNS: RuleInfo = RuleInfo {
    code: "M115",
    name: "metric-aligns",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "metric.py brings both tables into one order, and fills in no missing prediction.",
    why: "Rows that are compared by their position punish a right submission in another order; a filled gap rewards leaving rows out.",
    mend: "Set the id as index in both and `reindex`, or sort both by the id; refuse missing predictions in `validate_submission`.",
    references: &["https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.reindex.html"],
};

/// Functions that read or write files.
const FILES: &[&str] = &[
    "open",
    "io.open",
    "codecs.open",
    "gzip.open",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "numpy.fromfile",
    "numpy.save",
    "numpy.savez",
    "numpy.savetxt",
    "os.listdir",
    "os.walk",
    "os.scandir",
    "os.remove",
    "os.unlink",
    "os.rename",
    "os.makedirs",
    "os.mkdir",
    "os.path.exists",
    "os.path.isfile",
    "glob.glob",
    "glob.iglob",
    "cv2.imread",
    "cv2.imwrite",
    "PIL.Image.open",
    "joblib.dump",
    "pickle.dump",
    "json.dump",
    "sqlite3.connect",
    "h5py.File",
    "zipfile.ZipFile",
    "tarfile.open",
];
/// Methods that read or write files whatever they are called on.
const FILE_METHODS: &[&str] = &[
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "open",
    "iterdir",
    "rglob",
    "mkdir",
    "unlink",
    "to_csv",
    "to_parquet",
    "to_pickle",
    "savefig",
];
/// What holds a text or bytes in memory, as if it were a file.
const IN_MEMORY: &[&str] = &["io.StringIO", "io.BytesIO", "StringIO", "BytesIO"];
/// Names below which the interpreter and the machine can be looked at.
const INSPECTING: &[&str] = &[
    "inspect.stack",
    "inspect.currentframe",
    "inspect.getouterframes",
    "sys._getframe",
    "sys._current_frames",
    "sys.modules",
    "sys.argv",
    "sys.settrace",
    "sys.setprofile",
    "gc.get_objects",
    "gc.get_referrers",
    "traceback.extract_stack",
    "traceback.format_stack",
    "ctypes.pythonapi",
    "os.environ",
    "os.getenv",
    "os.getcwd",
    "os.getpid",
    "os.getppid",
    "socket.gethostname",
    "platform.node",
    "getpass.getuser",
    "threading.settrace",
    "atexit.register",
    "signal.signal",
];
/// Functions that tell the time: a metric may measure how long it takes, but not score it.
const CLOCKS: &[&str] = &["time.time", "time.time_ns", "datetime.datetime.now", "datetime.date.today"];
/// Methods that bring rows into an order or look them up by a key.
const ALIGNING: &[&str] = &[
    "sort_values",
    "sort_index",
    "set_index",
    "reindex",
    "reindex_like",
    "merge",
    "join",
    "align",
    "map",
    "loc",
    "groupby",
    "iterrows",
    "itertuples",
    "to_dict",
    "isin",
    "apply",
    "pivot",
    "pivot_table",
];

/// `M108`.
pub(super) fn reads_nothing(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let calls = module.calls.iter().filter(|call| reaches_files(module, call));
    let finding = |call: &Call| {
        info.finding(
            cx.place(Script::Metric, call.line),
            format!("`{}(…)` reads or writes files. {}", call.target, info.mend),
        )
    };
    Ok(calls.map(finding).collect())
}

fn reaches_files(module: &Module, call: &Call) -> bool {
    let target = call.target.as_str();
    let method = target.rsplit_once('.').map_or("", |(_, method)| method);
    let reads_table =
        ["pandas.read_", "polars.read_", "polars.scan_"].iter().any(|read| target.starts_with(read));
    let in_memory = |value: &Value| {
        let made =
            |value: &Value| matches!(value, Value::Call(target, _) if IN_MEMORY.contains(&target.as_str()));
        made(module.settled(call.scope.as_deref(), value))
    };
    // Without a path, `to_csv` returns a text.
    let returns_text = ["to_csv", "to_json"].contains(&method) && !call.has_arguments();
    let reaches = FILES.contains(&target)
        || reads_table
        || (FILE_METHODS.contains(&method) && !returns_text)
        || target.starts_with("shutil.");
    reaches && !call.positional.iter().any(in_memory)
}

/// `M113`.
pub(super) fn surroundings(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let reach = scoring_reach(module);
    let looks = |name: &str| {
        INSPECTING.iter().any(|known| {
            name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let inspected = module
        .references
        .iter()
        .filter(|reference| looks(&reference.name) && module.is_imported(&reference.name));
    let mut places: Vec<(u32, Severity, String)> = inspected
        .map(|reference| {
            (
                reference.line,
                Severity::Error,
                format!("`{}` looks at more than the arguments", reference.name),
            )
        })
        .collect();
    for call in module.calls_in(&reach) {
        let target = call.target.as_str();
        if EXITING.contains(&target) {
            places.push((call.line, Severity::Error, format!("`{target}(…)` ends the process that scores")));
        } else if CLOCKS.contains(&target) {
            places.push((call.line, Severity::Warning, format!("`{target}(…)` differs from run to run")));
        }
    }
    let globals = module.globals.iter().map(|&line| {
        (
            line,
            Severity::Warning,
            "a global variable is changed: scores may depend on earlier submissions".to_owned(),
        )
    });
    places.extend(globals);
    places.sort();
    places.dedup_by_key(|(line, ..)| *line);
    let finding = |(line, severity, what): (u32, Severity, String)| Finding {
        severity,
        ..info.finding(cx.place(Script::Metric, line), format!("{what}. {}", info.mend))
    };
    Ok(places.into_iter().map(finding).collect())
}

/// `M114`. Only whole tables are near certain; a count in a message gives nothing away.
pub(super) fn prints(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let reach = scoring_reach(module);
    let prints = module.calls_in(&reach).filter(|call| writes_out(call));
    let finding = |call: &Call| {
        let line = call.line;
        let answers = call.positional.iter().flat_map(Value::parts).any(is_answers);
        let constant = call.positional.iter().all(|value| matches!(value, Value::Text(_)));
        let (severity, what) = match (answers, constant) {
            (true, _) => (Severity::Error, "the answers are printed"),
            (_, true) => return None,
            _ => (Severity::Warning, "the metric prints what it computes"),
        };
        Some(Finding {
            severity,
            ..info.finding(cx.place(Script::Metric, line), format!("{what}. {}", info.mend))
        })
    };
    Ok(prints.filter_map(finding).collect())
}

fn writes_out(call: &Call) -> bool {
    ["print", "pprint.pprint", "sys.stdout.write", "sys.stderr.write"].contains(&call.target.as_str())
        || call.target.starts_with("logging.")
        || call.target.starts_with("logger.")
}

/// The table of the answers, a column or the beginning of it.
fn is_answers(value: &Value) -> bool {
    let root = |name: &str| name.split(['.', '[']).next().map(str::to_owned).unwrap_or_default();
    match value {
        Value::Name(name) => {
            ["y_true", "ground_truth"].contains(&name.as_str())
                || name.ends_with(".values") && is_answers(&Value::Name(root(name)))
        }
        Value::Call(target, _) => {
            let shows = ["head", "to_string", "tolist", "to_list", "to_dict", "to_csv"];
            let method = target.rsplit('.').next().unwrap_or_default();
            ["y_true", "ground_truth"].contains(&root(target).as_str())
                && (shows.contains(&method) || target.ends_with("[]"))
        }
        _ => false,
    }
}

/// `M115`.
pub(super) fn aligns(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = super::metric::metric_class(cx, module)?;
    let reach = scoring_reach(module);
    let mut findings: Vec<Finding> = Vec::new();
    let mentions = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or_default();
        ALIGNING.contains(&last) || ["merge", "concat"].contains(&last)
    };
    let aligned = module
        .references
        .iter()
        .any(|reference| reach.has(reference.scope.as_deref()) && mentions(&reference.name))
        || module.calls_in(&reach).any(|call| mentions(&call.target) || call.target == "dict");
    if let Some(method) = class.method("evaluate").filter(|_| !aligned) {
        let line = method.line;
        let message = format!("rows are compared by their position. {}", info.mend);
        findings.push(info.finding(cx.place(Script::Metric, line), message));
    }
    let evaluating = super::metric::evaluating_reach(module);
    let fills = module.calls_in(&evaluating).find(|call| call.target.rsplit('.').next() == Some("fillna"));
    findings.extend(fills.map(|call| {
        let message = format!("missing values are filled in. {}", info.mend);
        info.finding(cx.place(Script::Metric, call.line), message)
    }));
    Ok(findings)
}
