//! What runs when a function is called, as far as the source shows it.

use std::collections::BTreeSet;

use super::model::{Call, Module};
use super::values::Value;

/// How many assignments are followed from one name.
const MAX_STEPS: usize = 4;

/// Functions that run when some of them are called: those whose names they read, too. More may be in it than runs.
#[derive(Debug, Clone)]
pub(crate) struct Reach(BTreeSet<String>);

impl Reach {
    /// Whether code in this function may run. What runs at import always does.
    pub(crate) fn has(&self, scope: Option<&str>) -> bool {
        scope.is_none_or(|scope| prefixes(scope).any(|outer| self.0.contains(outer)))
    }
}

/// `C.m.f`, `C.m`, `C`.
fn prefixes(scope: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(scope), |at| at.rsplit_once('.').map(|(outer, _)| outer))
}

impl Module {
    /// What runs when these functions are called (`prepare`, `FooMetrics.evaluate`).
    pub(crate) fn reach(&self, entries: &[String]) -> Reach {
        let mut reach = Reach(entries.iter().cloned().collect());
        let classes: BTreeSet<&str> = self.classes.iter().map(|class| class.name.as_str()).collect();
        loop {
            let mut found = BTreeSet::new();
            for reference in self.references.iter().filter(|reference| reach.has(reference.scope.as_deref()))
            {
                let class = reference.scope.as_deref().and_then(|scope| scope.split('.').next());
                let name = match (reference.name.strip_prefix("self."), class) {
                    (Some(method), Some(class)) => format!("{class}.{method}"),
                    _ if classes.contains(reference.name.as_str()) => format!("{}.__init__", reference.name),
                    _ => reference.name.clone(),
                };
                found.insert(name);
            }
            let before = reach.0.len();
            reach.0.extend(found);
            if reach.0.len() == before {
                return reach;
            }
        }
    }

    /// Calls that may run, in the order of the source.
    pub(crate) fn calls_in<'m>(&'m self, reach: &'m Reach) -> impl Iterator<Item = &'m Call> {
        self.calls.iter().filter(|call| reach.has(call.scope.as_deref()))
    }

    /// What a value is after simple assignments: a constant's text, a variable's call. Names of unknown or of several
    /// values stay names.
    pub(crate) fn settled<'m>(&'m self, scope: Option<&str>, value: &'m Value) -> &'m Value {
        let mut value = value;
        for _ in 0..MAX_STEPS {
            let Value::Name(name) = value else { break };
            match self.bound(scope.unwrap_or_default(), name) {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    fn bound(&self, scope: &str, name: &str) -> Option<&Value> {
        for at in prefixes(scope).chain([""]) {
            let here = || {
                let all = self.bindings.iter();
                all.filter(|binding| {
                    binding.scope.as_deref().unwrap_or_default() == at && binding.target == name
                })
            };
            if let Some(first) = here().next() {
                return here().all(|binding| binding.value == first.value).then_some(&first.value);
            }
            if let Some(default) = self.parameter_of(at, name) {
                return default;
            }
        }
        None
    }

    /// The default of a parameter that no call in the file passes; the outer is none when there is no such parameter.
    fn parameter_of(&self, scope: &str, name: &str) -> Option<Option<&Value>> {
        let function = self.functions.iter().find(|function| function.name == scope)?;
        let position = function.parameters.iter().position(|parameter| parameter.name == name)?;
        let default = function.parameters.get(position).and_then(|parameter| parameter.default.as_ref());
        let mut calls = self.calls.iter().filter(|call| call.target == scope).peekable();
        let called = calls.peek().is_some();
        let passed = calls.any(|call| call.unpacks() || call.argument(position, name).is_some());
        Some(default.filter(|_| called && !passed))
    }
}
