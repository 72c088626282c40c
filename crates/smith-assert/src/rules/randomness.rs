//! Randomness without a seed in `prepare.py`.

use smith_task_schema::{Layer, Severity};

use crate::pysrc::{Call, Module};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const UNSEEDED: RuleInfo = RuleInfo {
    code: "P105",
    name: "prepare-unseeded",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "Every random choice in prepare.py is seeded, as far as the source shows.",
    why: "A split that differs from run to run makes scores incomparable and answers stale.",
    mend: "Pass `random_state=…`, or use a generator made with a fixed seed.",
    references: &[],
};

/// Names in `numpy.random` that draw nothing.
const NUMPY_NOT_DRAWING: &[&str] = &[
    "seed",
    "default_rng",
    "RandomState",
    "Generator",
    "SeedSequence",
    "PCG64",
    "MT19937",
    "Philox",
    "SFC64",
];
/// Generators that take their seed as the first argument, or a random one without it.
const GENERATORS: &[&str] = &[
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.PCG64",
    "numpy.random.MT19937",
    "random.Random",
];
/// Functions and splitters that draw from NumPy's global state without `random_state`.
const TAKING_STATE: &[&str] = &[
    "sklearn.model_selection.train_test_split",
    "sklearn.model_selection.ShuffleSplit",
    "sklearn.model_selection.StratifiedShuffleSplit",
    "sklearn.model_selection.GroupShuffleSplit",
    "sklearn.utils.shuffle",
    "sklearn.utils.resample",
];
/// Sources that no seed reaches.
const NEVER_SEEDED: &[&str] = &["uuid.uuid1", "uuid.uuid4", "os.urandom", "random.SystemRandom"];
/// Arguments by which pandas' `sample` differs from the `sample` of a seeded generator.
const SAMPLE_ARGUMENTS: &[&str] = &["n", "frac", "replace", "weights", "axis", "ignore_index"];

/// `P105`.
pub(super) fn unseeded(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let seeded = Seeded::of(module);
    let unseeded = module.calls.iter().filter(|call| seeded.draws_freely(call));
    let finding = |call: &Call| {
        let message = format!("`{}(…)` draws without a seed. {}", call.target, info.mend);
        info.finding(cx.place(Script::Prepare, call.line), message)
    };
    Ok(unseeded.map(finding).collect())
}

/// Which global generators the file seeds.
struct Seeded {
    python: bool,
    numpy: bool,
}

impl Seeded {
    fn of(module: &Module) -> Self {
        let seeds =
            |target: &str| module.calls.iter().any(|call| call.target == target && has_arguments(call));
        Self { python: seeds("random.seed"), numpy: seeds("numpy.random.seed") }
    }

    fn draws_freely(&self, call: &Call) -> bool {
        let target = call.target.as_str();
        if NEVER_SEEDED.contains(&target) || target.starts_with("secrets.") {
            return true;
        }
        if GENERATORS.contains(&target) {
            return !has_arguments(call);
        }
        if let Some(name) = target.strip_prefix("numpy.random.") {
            return !self.numpy && !NUMPY_NOT_DRAWING.contains(&name);
        }
        if let Some(name) = target.strip_prefix("random.") {
            return !self.python && name != "seed";
        }
        !self.numpy
            && !has_state(call)
            && (TAKING_STATE.contains(&target) || shuffles(call) || samples_rows(call))
    }
}

fn has_arguments(call: &Call) -> bool {
    call.positional > 0 || !call.keywords.is_empty()
}

/// Unpacked arguments may hold a state.
fn has_state(call: &Call) -> bool {
    call.keywords.iter().any(|name| name == "random_state" || name == "**")
}

/// `KFold(shuffle=True)` and its kin.
fn shuffles(call: &Call) -> bool {
    call.target.starts_with("sklearn.model_selection.") && call.keywords.iter().any(|name| name == "shuffle")
}

/// `sample` of a DataFrame; a generator's `sample` takes two positional arguments.
fn samples_rows(call: &Call) -> bool {
    let by_name = || call.keywords.iter().any(|name| SAMPLE_ARGUMENTS.contains(&name.as_str()));
    call.target.ends_with(".sample") && (call.positional == 1 || by_name())
}
