//! Orders in `prepare.py` that differ from machine to machine.

use smith_task_schema::{Layer, Severity};

use super::prepare::entry;
use crate::pysrc::{Call, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const ORDER: RuleInfo = RuleInfo {
    code: "P111",
    name: "prepare-order",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "prepare.py sorts the names of files and the members of sets before their order can matter.",
    why: "File systems list in any order, and sets of texts have another one in each run; a split that depends on it is another split.",
    mend: "Write `sorted(…)` around it.",
    references: &[
        "https://docs.python.org/3/library/os.html#os.listdir",
        "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED",
    ],
};

/// Calls around a listing after which its order does not matter.
const ORDERLESS: &[&str] =
    &["sorted", "set", "frozenset", "len", "any", "all", "sum", "min", "max", "collections.Counter"];
/// Functions and methods that list files.
const LISTING: &[&str] = &["os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob"];
const LISTING_METHODS: &[&str] = &["iterdir", "rglob", "glob"];

/// `P111`. One finding for all places: what is listed is mostly copied, and then no order matters.
pub(super) fn order(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let reach = entry(module);
    let mut lines: Vec<(u32, &str)> = Vec::new();
    for call in module.calls_in(&reach) {
        if lists(call) && !is_orderless(&call.within) && !is_sorted_later(module, call) {
            lines.push((call.line, "files are listed in no certain order"));
        } else if makes_list_of_set(call) && !is_orderless(&call.within) {
            lines.push((call.line, "a list is made of a set, in no certain order"));
        }
    }
    let over_sets = module.iterations.iter().filter(|iteration| reach.has(iteration.scope.as_deref()));
    let over_sets = over_sets.filter(|iteration| is_set(&iteration.over) && !is_orderless(&iteration.within));
    lines.extend(over_sets.map(|iteration| (iteration.line, "a set is iterated over, in no certain order")));
    lines.sort_unstable();
    let Some((line, what)) = lines.first() else { return Ok(Vec::new()) };
    let more = match lines.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more such places"),
    };
    Ok(vec![info.finding(cx.place(Script::Prepare, *line), format!("{what}{more}. {}", info.mend))])
}

fn lists(call: &Call) -> bool {
    let method = call.target.rsplit_once('.').map_or("", |(_, method)| method);
    LISTING.contains(&call.target.as_str()) || LISTING_METHODS.contains(&method)
}

fn is_orderless(within: &[String]) -> bool {
    within.iter().any(|target| ORDERLESS.contains(&target.as_str()))
}

/// `names = os.listdir(…)` with `names.sort()` or `sorted(names)` below.
fn is_sorted_later(module: &Module, call: &Call) -> bool {
    let bound =
        module.bindings.iter().filter(|binding| binding.line == call.line && binding.scope == call.scope);
    bound.into_iter().any(|binding| {
        let sorts = format!("{}.sort", binding.target);
        let sorted = Value::Name(binding.target.clone());
        module.calls.iter().any(|other| {
            other.target == sorts
                || (ORDERLESS.contains(&other.target.as_str()) && other.positional.first() == Some(&sorted))
        })
    })
}

fn is_set(value: &Value) -> bool {
    matches!(value, Value::Call(target, _) if target == "set" || target == "frozenset")
}

fn makes_list_of_set(call: &Call) -> bool {
    ["list", "tuple", "numpy.array", "pandas.Series", "enumerate"].contains(&call.target.as_str())
        && call.positional.first().is_some_and(is_set)
}
