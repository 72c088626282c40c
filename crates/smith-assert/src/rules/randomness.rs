//! Randomness without a seed in the scripts.

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::entry;
use crate::pysrc::{Call, Module, Reach, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const UNSEEDED: RuleInfo = RuleInfo {
    code: "P105",
    name: "prepare-unseeded",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Every random choice in prepare.py is seeded, as far as the source shows.",
    why: "A split that differs from run to run makes scores incomparable and answers stale.",
    mend: "Pass `random_state=…` with a fixed number, or use a generator made with a fixed seed.",
    references: &[
        "https://numpy.org/doc/stable/reference/random/generator.html",
        "https://scikit-learn.org/stable/common_pitfalls.html#controlling-randomness",
    ],
};

pub(super) const METRIC_UNSEEDED: RuleInfo = RuleInfo {
    code: "M109",
    name: "metric-unseeded",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py draws nothing at random without a fixed seed, as far as the source shows.",
    why: "The same submission must get the same score every time.",
    mend: "Compute the score without drawing, or from a generator made with a fixed seed within `evaluate`.",
    references: &["https://numpy.org/doc/stable/reference/random/generator.html"],
};

/// Names in `numpy.random` that draw nothing.
const NUMPY_NOT_DRAWING: &[&str] = &[
    "seed",
    "set_state",
    "get_state",
    "default_rng",
    "RandomState",
    "Generator",
    "SeedSequence",
    "BitGenerator",
    "PCG64",
    "PCG64DXSM",
    "MT19937",
    "Philox",
    "SFC64",
];
/// Names in `random` that draw nothing.
const PYTHON_NOT_DRAWING: &[&str] = &["seed", "getstate", "setstate", "Random"];
/// Generators that take their seed as the first argument, or a random one without it.
const GENERATORS: &[&str] = &[
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.SeedSequence",
    "numpy.random.PCG64",
    "numpy.random.PCG64DXSM",
    "numpy.random.MT19937",
    "numpy.random.Philox",
    "numpy.random.SFC64",
    "random.Random",
];
/// Functions and splitters that draw from NumPy's global state without `random_state`.
const TAKING_STATE: &[&str] = &[
    "sklearn.model_selection.train_test_split",
    "sklearn.model_selection.ShuffleSplit",
    "sklearn.model_selection.StratifiedShuffleSplit",
    "sklearn.model_selection.GroupShuffleSplit",
    "sklearn.model_selection.RepeatedKFold",
    "sklearn.model_selection.RepeatedStratifiedKFold",
    "sklearn.utils.shuffle",
    "sklearn.utils.resample",
    "iterstrat.ml_stratifiers.MultilabelStratifiedShuffleSplit",
];
/// Functions that draw from PyTorch's global state without a generator.
const TORCH: &[&str] =
    &["torch.rand", "torch.randn", "torch.randint", "torch.randperm", "torch.utils.data.random_split"];
/// Sources that no seed reaches.
const NEVER_SEEDED: &[&str] =
    &["uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getrandom", "random.SystemRandom"];
/// Calls whose result is another one in the next run.
const MOVING: &[&str] = &[
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "pandas.Timestamp.now",
    "os.getpid",
    "hash",
    "id",
];
/// Calls that give the date of the run.
const CALENDAR: &[&str] = &[
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "pandas.Timestamp.now",
    "pandas.Timestamp.today",
    "pandas.Timestamp.utcnow",
];
/// Arguments by which pandas' `sample` differs from the `sample` of a seeded generator.
const SAMPLE_ARGUMENTS: &[&str] = &["n", "frac", "fraction", "replace", "weights", "axis", "ignore_index"];
/// Arguments that hold a seed.
const STATES: &[&str] = &["random_state", "seed", "rng", "generator"];

/// `P105`.
pub(super) fn unseeded(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let reach = entry(module);
    let mut findings = unseeded_findings(info, cx, Script::Prepare, &reach)?;
    let hashes = module.calls_in(&reach).filter(|call| call.target == "hash" && call.positional.len() == 1);
    findings.extend(hashes.map(|call| {
        // Numbers have the same hash in every run, texts do not.
        let text = call.positional.iter().any(is_text);
        let severity = if text { Severity::Error } else { Severity::Warning };
        let message = format!(
            "`hash(…)` of a text differs from run to run; use `hashlib` or `zlib.crc32`. {}",
            info.mend
        );
        Finding { severity, ..info.finding(cx.place(Script::Prepare, call.line), message) }
    }));
    findings.extend(calendar(info, cx, module, &reach));
    Ok(findings)
}

/// The date of the run, unless it is only told.
fn calendar(info: &RuleInfo, cx: &Subject, module: &Module, reach: &Reach) -> Vec<Finding> {
    let is_now = |call: &&Call| CALENDAR.contains(&call.target.as_str()) && call.positional.is_empty();
    let is_told = |call: &Call| {
        call.within
            .iter()
            .any(|outer| outer == "print" || outer.starts_with("logging.") || outer.contains("log"))
    };
    let calls: Vec<&Call> = module.calls_in(reach).filter(is_now).collect();
    // Who tells how long something took takes the time twice.
    let severity = if calls.iter().any(|call| is_told(call)) { Severity::Warning } else { Severity::Error };
    let used = calls.into_iter().filter(|call| !is_told(call));
    used.map(|call| {
        let message = format!(
            "`{}(…)` is another date in every run; write the date that is meant. {}",
            call.target, info.mend
        );
        Finding { severity, ..info.finding(cx.place(Script::Prepare, call.line), message) }
    })
    .collect()
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Template(_) => true,
        Value::Call(target, _) => target == "str",
        _ => false,
    }
}

/// `M109`.
pub(super) fn metric_unseeded(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    unseeded_findings(info, cx, Script::Metric, &super::metric::scoring_reach(module))
}

fn unseeded_findings(info: &RuleInfo, cx: &Subject, script: Script, reach: &Reach) -> Findings {
    let module = cx.module(script)?;
    let seeds = Seeds::of(module, reach);
    let unseeded = module.calls_in(reach).filter(|call| !is_shown(call) && seeds.draws_freely(call));
    let finding = |call: &Call| {
        let message = format!("`{}(…)` draws without a fixed seed. {}", call.target, info.mend);
        info.finding(cx.place(script, call.line), message)
    };
    Ok(unseeded.map(finding).collect())
}

/// A draw that is only printed changes nothing.
fn is_shown(call: &Call) -> bool {
    call.within.iter().any(|target| {
        let method = target.rsplit('.').next().unwrap_or_default();
        target == "print" || ["info", "debug", "display"].contains(&method)
    })
}

/// Where the global generators get fixed seeds.
struct Seeds<'m> {
    module: &'m Module,
    python: Vec<&'m Call>,
    numpy: Vec<&'m Call>,
    torch: Vec<&'m Call>,
}

impl<'m> Seeds<'m> {
    fn of(module: &'m Module, reach: &'m Reach) -> Self {
        let all = |call: &&Call| seeds_everything(call);
        let seeding = |names: &[&str]| -> Vec<&Call> {
            let calls = module.calls_in(reach);
            calls
                .filter(|call| names.contains(&call.target.as_str()) || all(call))
                .filter(|call| call.has_arguments() && fixed_arguments(module, call))
                .collect()
        };
        Self {
            module,
            python: seeding(&["random.seed", "random.setstate"]),
            numpy: seeding(&["numpy.random.seed", "numpy.random.set_state"]),
            torch: seeding(&["torch.manual_seed", "torch.random.manual_seed"]),
        }
    }

    fn draws_freely(&self, call: &Call) -> bool {
        let target = call.target.as_str();
        if NEVER_SEEDED.contains(&target) || target.starts_with("secrets.") {
            return true;
        }
        if GENERATORS.contains(&target) {
            return !call.has_arguments() || !fixed_arguments(self.module, call);
        }
        if let Some(name) = target.strip_prefix("numpy.random.") {
            return !NUMPY_NOT_DRAWING.contains(&name) && !before(&self.numpy, call);
        }
        if let Some(name) = target.strip_prefix("random.") {
            return !PYTHON_NOT_DRAWING.contains(&name) && !before(&self.python, call);
        }
        if TORCH.contains(&target) {
            return !before(&self.torch, call) && !self.has_fixed_state(call);
        }
        let draws = takes_state(call) || shuffles(call) || samples_rows(call) || splits_dataset(call);
        draws && !self.has_fixed_state(call) && (self.passes_state(call) || !before(&self.numpy, call))
    }

    fn passes_state(&self, call: &Call) -> bool {
        let passed = call.keywords.iter().filter(|(name, _)| STATES.contains(&name.as_str()));
        passed
            .map(|(_, value)| self.module.settled(call.scope.as_deref(), value))
            .any(|value| *value != Value::None)
    }

    /// Unpacked arguments may hold a state.
    fn has_fixed_state(&self, call: &Call) -> bool {
        let states = call.keywords.iter().filter(|(name, _)| STATES.contains(&name.as_str()));
        call.unpacks()
            || states.into_iter().any(|(_, value)| is_fixed(self.module, call.scope.as_deref(), value))
    }
}

/// A helper of a library that seeds all generators: `set_seed`, `seed_everything`.
fn seeds_everything(call: &Call) -> bool {
    let name = call.target.rsplit('.').next().unwrap_or_default().to_lowercase();
    let known = ["random.", "numpy.", "torch.", "tensorflow."];
    call.target.contains('.')
        && name.contains("seed")
        && name != "seed"
        && !known.iter().any(|library| call.target.starts_with(library))
}

/// A seed in the same function must stand above; one elsewhere is taken to run before.
fn before(seeds: &[&Call], call: &Call) -> bool {
    seeds.iter().any(|seed| seed.scope != call.scope || seed.line <= call.line)
}

fn fixed_arguments(module: &Module, call: &Call) -> bool {
    let values = call.positional.iter().chain(call.keywords.iter().map(|(_, value)| value));
    values.into_iter().all(|value| is_fixed(module, call.scope.as_deref(), value))
}

/// Whether a value is the same in every run, as far as is known.
fn is_fixed(module: &Module, scope: Option<&str>, value: &Value) -> bool {
    let settled = module.settled(scope, value);
    *settled != Value::None
        && !settled.parts().into_iter().any(|part| match module.settled(scope, part) {
            Value::Call(target, _) => {
                MOVING.contains(&target.as_str())
                    || NEVER_SEEDED.contains(&target.as_str())
                    || target.starts_with("secrets.")
            }
            _ => false,
        })
}

fn takes_state(call: &Call) -> bool {
    let in_order = call.keyword("shuffle") == Some(&Value::Bool(false));
    TAKING_STATE.contains(&call.target.as_str()) && !in_order
}

/// `KFold(shuffle=True)` and its kin.
fn shuffles(call: &Call) -> bool {
    call.target.starts_with("sklearn.model_selection.")
        && call.target.ends_with("KFold")
        && call.keyword("shuffle") == Some(&Value::Bool(true))
}

/// `sample` of a DataFrame; a generator's `sample` takes two positional arguments.
fn samples_rows(call: &Call) -> bool {
    let by_name = || call.keywords.iter().any(|(name, _)| SAMPLE_ARGUMENTS.contains(&name.as_str()));
    call.target.ends_with(".sample")
        && call.keyword("k").is_none()
        && (call.positional.len() == 1 || by_name())
}

/// `train_test_split` of a dataset that knows how to split itself.
fn splits_dataset(call: &Call) -> bool {
    call.target.ends_with(".train_test_split")
        && !call.target.starts_with("sklearn.")
        && call.keyword("shuffle") != Some(&Value::Bool(false))
}
