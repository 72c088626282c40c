//! The form of `prepare.py`.

use smith_task_schema::{Finding, Layer, Severity};

use super::wording::quoted;
use crate::literature;
use crate::pysrc::{Call, Function, Module, Parameter, ParameterKind, Reach};
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
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const NO_MAIN: RuleInfo = RuleInfo {
    code: "P103",
    name: "prepare-no-main",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py has neither a `main` function nor an `if __name__ == \"__main__\"` block.",
    why: "The caller decides which directories are used; a main block brings its own.",
    mend: "Remove the main block; everything happens in `prepare`.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const EXITS: RuleInfo = RuleInfo {
    code: "P112",
    name: "prepare-exits",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "prepare.py never ends the process that calls it.",
    why: "The caller is a tool with other work to do; an exit in the middle also looks like a success.",
    mend: "Raise an exception that says what is wrong.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Calls that end the process.
pub(super) const EXITING: &[&str] = &["sys.exit", "exit", "quit", "os._exit", "os.abort", "os.kill"];

/// What runs when `prepare` is called; everything that can be called when there is no such function.
pub(super) fn entry(module: &Module) -> Reach {
    let known = module.functions.iter().any(|function| function.name == "prepare");
    let entries = if known || module.conditional.iter().any(|name| name == "prepare") {
        vec!["prepare".to_owned()]
    } else {
        module.functions.iter().map(|function| function.name.clone()).collect()
    };
    module.reach(&entries)
}

/// `P102`.
pub(super) fn signature(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let named: Vec<_> = module.functions.iter().filter(|function| function.name == "prepare").collect();
    let Some(function) = named.first() else {
        let message = format!("{}. {}", absence(module), info.mend);
        return Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)]);
    };
    let faults = if named.len() > 1 {
        vec![(Severity::Error, format!("`prepare` is defined {} times at the top level", named.len()))]
    } else {
        signature_faults(module, function)
    };
    let place = cx.place(Script::Prepare, function.line);
    let finding = |(severity, fault): Fault| Finding {
        severity,
        ..info.finding(&place, format!("{fault} (found {}). {}", quoted(&function.head()), info.mend))
    };
    Ok(faults.into_iter().map(finding).collect())
}

type Fault = (Severity, String);

/// Why there is no function to call.
fn absence(module: &Module) -> &'static str {
    let assigned =
        || module.bindings.iter().any(|binding| binding.scope.is_none() && binding.target == "prepare");
    if module.conditional.iter().any(|name| name == "prepare") {
        return "`prepare` is defined below a condition, not at the top level";
    }
    if module.classes.iter().any(|class| class.method("prepare").is_some()) {
        return "`prepare` is a method of a class, not a function at the top level";
    }
    if module.binding("prepare").is_some() {
        return "`prepare` is imported from elsewhere, not defined in this file";
    }
    if assigned() {
        "`prepare` is assigned, not defined"
    } else {
        "there is no function `prepare` at the top level"
    }
}

fn signature_faults(module: &Module, function: &Function) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut error = |fault: &str| faults.push((Severity::Error, fault.to_owned()));
    if function.is_async {
        error("`prepare` is async, but it is called as a plain function");
    }
    if function.is_generator {
        error("`prepare` yields, so that calling it does nothing");
    }
    if function.decorators.iter().any(|name| changes_calls(&module.resolve(name))) {
        error("a decorator makes `prepare` something else than a plain function");
    }
    let names = function.names();
    let expected = ["raw", "public", "private"];
    let more = function.parameters.get(expected.len()..).unwrap_or_default();
    let begins = names.starts_with(&expected) && more.iter().all(|parameter| parameter.default.is_some());
    if !begins || function.variadic {
        error("the parameters of `prepare` are not exactly `raw`, `public`, `private` in this order");
    } else if let Some(parameter) = more.first() {
        let fault = format!("`prepare` has a parameter more, `{}`, which nobody passes", parameter.name);
        faults.push((Severity::Error, fault));
    }
    let own = function.parameters.iter().take(expected.len());
    faults.extend(own.filter_map(|parameter| parameter_fault(module, parameter)));
    faults
}

/// Decorators of command-line tools, context managers and the like.
fn changes_calls(decorator: &str) -> bool {
    let root = decorator.split('.').next().unwrap_or_default();
    ["click", "typer", "contextlib", "pytest", "asyncio", "hydra"].contains(&root)
        || ["staticmethod", "classmethod", "property"].contains(&decorator)
}

fn parameter_fault(module: &Module, parameter: &Parameter) -> Option<Fault> {
    let name = &parameter.name;
    let error = |fault: String| Some((Severity::Error, fault));
    if parameter.kind != ParameterKind::Plain {
        return error(format!("the parameter `{name}` is bound by `/` or `*`"));
    }
    if parameter.default.is_some() {
        return error(format!("the parameter `{name}` has a default"));
    }
    let Some(written) = &parameter.annotation else {
        return Some((Severity::Warning, format!("the parameter `{name}` is not annotated with `Path`")));
    };
    let kinds = written.trim_matches(['"', '\'']).split(['|', '[', ']', ',', ' ']);
    let kinds: Vec<String> = kinds.filter(|kind| !kind.is_empty()).map(|kind| module.resolve(kind)).collect();
    if kinds.iter().any(|kind| PATHS.contains(&kind.as_str())) {
        return None;
    }
    let called_so = kinds.iter().any(|kind| kind.rsplit('.').next() == Some("Path"));
    error(if called_so {
        format!("{} is used, but not imported from pathlib", quoted(written))
    } else {
        format!("the parameter `{name}` is annotated with {} instead of `Path`", quoted(written))
    })
}

/// What a path may be declared as.
const PATHS: [&str; 5] =
    ["pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.PathLike", "typing.Any"];

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

/// `P112`.
pub(super) fn exits(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let reach = entry(module);
    let exits = module.calls_in(&reach).filter(|call| EXITING.contains(&call.target.as_str()));
    let finding = |call: &Call| {
        let message = format!("`{}(…)` ends the process. {}", call.target, info.mend);
        info.finding(cx.place(Script::Prepare, call.line), message)
    };
    Ok(exits.map(finding).collect())
}
