//! The form of `prepare.py`.

use smith_task_schema::{Finding, Layer, Severity};

use crate::pysrc::{Call, Function, Module, Parameter, ParameterKind};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const SIGNATURE: RuleInfo = RuleInfo {
    code: "P102",
    name: "prepare-signature",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py has exactly one `def prepare(raw: Path, public: Path, private: Path)`.",
    why: "Tools import this function and call it with three directories by position.",
    mend: "Write `from pathlib import Path` and `def prepare(raw: Path, public: Path, private: Path):` at the top level.",
    references: &[],
};

pub(super) const NO_MAIN: RuleInfo = RuleInfo {
    code: "P103",
    name: "prepare-no-main",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py has neither a `main` function nor an `if __name__ == \"__main__\"` block.",
    why: "The caller decides which directories are used; a main block brings its own.",
    mend: "Remove the main block; everything happens in `prepare`.",
    references: &[],
};

pub(super) const IMPORT_TIME: RuleInfo = RuleInfo {
    code: "P104",
    name: "prepare-import-time",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Importing prepare.py runs nothing but definitions, imports and constants.",
    why: "Tools import the file before they know its directories; work at import time happens in the wrong place.",
    mend: "Move the call into `prepare` or a function that it calls.",
    references: &[],
};

pub(super) const CONTAINED: RuleInfo = RuleInfo {
    code: "P106",
    name: "prepare-contained",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py uses neither the network nor other programs.",
    why: "A task must come out the same everywhere, from its raw dataset alone.",
    mend: "Work with the files in raw/ and with Python libraries only.",
    references: &[],
};

/// Calls that may stand at the top level: they make constants or set options. `()` stands for what is no name, such
/// as the result of another call.
const HARMLESS: &[&str] = &[
    "pathlib.Path",
    "pathlib.Path.cwd",
    "re.compile",
    "logging.getLogger",
    "logging.basicConfig",
    "warnings.filterwarnings",
    "warnings.simplefilter",
    "random.seed",
    "random.Random",
    "numpy.random.seed",
    "numpy.random.default_rng",
    "numpy.array",
    "numpy.arange",
    "pandas.set_option",
    "pandas.Timestamp",
    "pandas.Timedelta",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "os.path.join",
    "os.path.dirname",
    "os.path.abspath",
    "functools.lru_cache",
    "dataclasses.dataclass",
    "dataclasses.field",
    "collections.namedtuple",
    "collections.OrderedDict",
    "typing.TypeVar",
    "frozenset",
    "set",
    "dict",
    "list",
    "tuple",
    "range",
    "int",
    "float",
    "str",
    "bool",
    "len",
    "sorted",
    "zip",
    "enumerate",
    "min",
    "max",
    "sum",
    "round",
    "().resolve",
    "().absolute",
    "().joinpath",
];

/// Methods of strings, dictionaries, lists and sets that only make a value, whatever they are called on. Names that a
/// path or a file has too (`replace`, `copy`, `write`) are not among them.
const HARMLESS_METHODS: &[&str] = &[
    "keys",
    "values",
    "items",
    "get",
    "union",
    "intersection",
    "difference",
    "index",
    "count",
    "join",
    "split",
    "splitlines",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "title",
    "capitalize",
    "format",
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "zfill",
];

/// Modules that reach the network or start programs.
const REACHING_OUT: &[&str] = &[
    "requests",
    "urllib",
    "urllib3",
    "http",
    "httpx",
    "aiohttp",
    "socket",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
    "websocket",
    "websockets",
    "paramiko",
    "boto3",
    "wget",
    "gdown",
    "kaggle",
    "kagglehub",
    "huggingface_hub",
    "subprocess",
    "pty",
];

/// Functions of `os` that start programs, as beginnings of their names.
const STARTING_PROGRAMS: &[&str] =
    &["os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork"];

/// `P102`.
pub(super) fn signature(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let named: Vec<_> = module.functions.iter().filter(|function| function.name == "prepare").collect();
    let Some(function) = named.first() else {
        let message = format!("there is no function `prepare` at the top level. {}", info.mend);
        return Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)]);
    };
    let faults = if named.len() > 1 {
        vec![format!("`prepare` is defined {} times at the top level", named.len())]
    } else {
        signature_faults(module, function)
    };
    let place = cx.place(Script::Prepare, function.line);
    let finding =
        |fault: String| info.finding(&place, format!("{fault} (found `{}`). {}", function.head(), info.mend));
    Ok(faults.into_iter().map(finding).collect())
}

fn signature_faults(module: &Module, function: &Function) -> Vec<String> {
    let mut faults = Vec::new();
    if function.is_async {
        faults.push("`prepare` is async, but it is called as a plain function".to_owned());
    }
    if function.names() != ["raw", "public", "private"] || function.variadic {
        faults.push(
            "the parameters of `prepare` are not exactly `raw`, `public`, `private` in this order".to_owned(),
        );
    }
    for parameter in &function.parameters {
        faults.extend(parameter_fault(module, parameter));
    }
    faults
}

fn parameter_fault(module: &Module, parameter: &Parameter) -> Option<String> {
    let name = &parameter.name;
    if parameter.kind != ParameterKind::Plain {
        return Some(format!("the parameter `{name}` is bound by `/` or `*`"));
    }
    if parameter.has_default {
        return Some(format!("the parameter `{name}` has a default"));
    }
    let Some(written) = &parameter.annotation else {
        return Some(format!("the parameter `{name}` is not annotated with `Path`"));
    };
    let annotation = written.trim_matches(['"', '\'']);
    if annotation != "Path" && annotation != "pathlib.Path" {
        return Some(format!("the parameter `{name}` is annotated with `{written}` instead of `Path`"));
    }
    let root = annotation.split('.').next().unwrap_or_default();
    let imported = module.binding(root).is_some() && module.resolve(annotation) == "pathlib.Path";
    (!imported).then(|| format!("`{annotation}` is used, but not imported from pathlib"))
}

/// `P103`.
pub(super) fn no_main(info: &RuleInfo, cx: &Subject) -> Findings {
    main_findings(info, cx, Script::Prepare)
}

/// Main blocks and main functions of a script.
pub(super) fn main_findings(info: &RuleInfo, cx: &Subject, script: Script) -> Findings {
    let module = cx.module(script)?;
    let guard = module.main_guard.map(|line| (line, "there is an `if __name__ == \"__main__\"` block"));
    let functions = module.functions.iter().filter(|function| function.name == "main");
    let functions = functions.map(|function| (function.line, "there is a function `main`"));
    let finding = |(line, fault)| info.finding(cx.place(script, line), format!("{fault}. {}", info.mend));
    Ok(guard.into_iter().chain(functions).map(finding).collect())
}

/// `P104`.
pub(super) fn import_time(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let calls = module.calls.iter().filter(|call| call.scope.is_none() && !is_harmless(module, &call.target));
    let finding = |call: &Call| {
        let message = format!("`{}(…)` runs when the file is imported. {}", call.target, info.mend);
        info.finding(cx.place(Script::Prepare, call.line), message)
    };
    Ok(calls.map(finding).collect())
}

fn is_harmless(module: &Module, target: &str) -> bool {
    let method = target.rsplit_once('.').is_some_and(|(_, name)| HARMLESS_METHODS.contains(&name));
    HARMLESS.contains(&target) || (method && !module.is_imported(target))
}

/// `P106`.
pub(super) fn contained(info: &RuleInfo, cx: &Subject) -> Findings {
    contained_findings(info, cx, Script::Prepare)
}

/// Imports and calls of a script that reach the network or start programs.
pub(super) fn contained_findings(info: &RuleInfo, cx: &Subject, script: Script) -> Findings {
    let module = cx.module(script)?;
    let imports = module.imports.iter().filter(|import| reaches_out(&import.path));
    let calls =
        module.calls.iter().filter(|call| STARTING_PROGRAMS.iter().any(|name| call.target.starts_with(name)));
    let mut places: Vec<_> = imports.map(|import| (import.line, import.path.clone())).collect();
    places.extend(calls.map(|call| (call.line, call.target.clone())));
    places.sort();
    places.dedup_by_key(|(line, _)| *line);
    let finding = |(line, what): (u32, String)| -> Finding {
        info.finding(
            cx.place(script, line),
            format!("`{what}` reaches the network or starts programs. {}", info.mend),
        )
    };
    Ok(places.into_iter().map(finding).collect())
}

/// Taking URLs apart reaches nothing, and neither do the names of HTTP's status codes.
fn reaches_out(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or_default();
    REACHING_OUT.contains(&root) && !path.starts_with("urllib.parse") && !path.starts_with("http.HTTPStatus")
}
