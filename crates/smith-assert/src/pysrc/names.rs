//! What names mean: through imports, through simple assignments, and hidden by parameters and locals.

use std::collections::{BTreeSet, HashMap};

use super::model::Module;
use super::values::{IMPORTED, Value};

/// How many assignments are followed from one name.
const MAX_STEPS: usize = 8;

/// Modules whose functions rules ask for. A variable of such a name is none, whether or not the module is imported.
const MODULES: [&str; 12] = [
    "random",
    "time",
    "datetime",
    "os",
    "sys",
    "shutil",
    "subprocess",
    "pickle",
    "socket",
    "requests",
    "urllib",
    "uuid",
];

/// What each name is bound to in each function.
pub(super) struct Names<'m> {
    module: &'m Module,
    /// Values by scope and name; none for a name with several meanings, or without a known one.
    bound: HashMap<(&'m str, &'m str), Option<&'m Value>>,
}

impl<'m> Names<'m> {
    /// Out of a module whose names are still as they are written. `parameters` are pairs of a function and a name.
    pub(super) fn new(module: &'m Module, parameters: &'m BTreeSet<(String, String)>) -> Self {
        let mut bound: HashMap<(&str, &str), Option<&Value>> = HashMap::new();
        for (scope, name) in parameters {
            bound.insert((scope, name), None);
        }
        for binding in &module.bindings {
            let key = (binding.scope.as_deref().unwrap_or_default(), binding.target.as_str());
            let value = Some(&binding.value);
            bound.entry(key).and_modify(|old| *old = old.filter(|old| Some(*old) == value)).or_insert(value);
        }
        Self { module, bound }
    }

    /// The full path of a dotted name in a function: `r.rand` is `numpy.random.rand` after `r = np.random`. A variable
    /// that hides an import loses its name.
    pub(super) fn resolve(&self, scope: Option<&str>, dotted: &str) -> String {
        self.follow(scope.unwrap_or_default(), dotted, MAX_STEPS)
    }

    fn follow(&self, scope: &str, dotted: &str, steps: usize) -> String {
        if let Some(module) = dotted.strip_prefix(IMPORTED) {
            return module.to_owned();
        }
        let (root, rest) = dotted
            .split_once('.')
            .map_or((dotted, ""), |(root, _)| (root, dotted.get(root.len()..).unwrap_or_default()));
        let Some((found_in, value)) = self.lookup(scope, root) else {
            return self.module.resolve(dotted);
        };
        let hidden = || {
            let hides = self.module.binding(root).is_some() || MODULES.contains(&root);
            if hides { format!("(){rest}") } else { dotted.to_owned() }
        };
        let Some(steps) = steps.checked_sub(1) else { return hidden() };
        match value {
            Some(Value::Name(name)) if name != root => {
                let known = self.follow(found_in, name, steps);
                if self.is_known(&known) { format!("{known}{rest}") } else { hidden() }
            }
            _ => hidden(),
        }
    }

    /// Whether a resolved name leads out of the file.
    fn is_known(&self, resolved: &str) -> bool {
        let root = resolved.split(['.', '(']).next().unwrap_or_default();
        self.module.is_imported(resolved)
            || self.module.imports.iter().any(|import| import.path.split('.').next() == Some(root))
            || BUILTINS.contains(&resolved)
            || resolved.starts_with("mledojo.")
    }

    /// The innermost meaning of a name, and the scope that gives it.
    fn lookup<'s>(&self, scope: &'s str, name: &str) -> Option<(&'s str, Option<&'m Value>)> {
        let mut at = scope;
        loop {
            if let Some(value) = self.bound.get(&(at, name)) {
                return Some((at, *value));
            }
            if at.is_empty() {
                return None;
            }
            at = at.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }
}

/// Builtin functions that an assignment may rename.
const BUILTINS: [&str; 7] = ["eval", "exec", "compile", "open", "__import__", "hash", "print"];

/// The module with every name resolved.
pub(super) fn resolved(module: &Module, parameters: &BTreeSet<(String, String)>) -> Module {
    let names = Names::new(module, parameters);
    let mut out = module.clone();
    for call in &mut out.calls {
        let scope = call.scope.clone();
        let rename = |name: &str| names.resolve(scope.as_deref(), name);
        call.target = rename(&call.target);
        call.within.iter_mut().for_each(|target| *target = rename(target));
        let positional = std::mem::take(&mut call.positional);
        call.positional = positional.into_iter().map(|value| value.renamed(&rename)).collect();
        for (_, value) in &mut call.keywords {
            *value = std::mem::replace(value, Value::Other).renamed(&rename);
        }
    }
    for raise in &mut out.raises {
        raise.exception = names.resolve(raise.scope.as_deref(), &raise.exception);
    }
    for reference in &mut out.references {
        reference.name = names.resolve(reference.scope.as_deref(), &reference.name);
    }
    for binding in &mut out.bindings {
        let value = std::mem::replace(&mut binding.value, Value::Other);
        binding.value = value.renamed(&|name| names.resolve(binding.scope.as_deref(), name));
    }
    for iteration in &mut out.iterations {
        let over = std::mem::replace(&mut iteration.over, Value::Other);
        let rename = |name: &str| names.resolve(iteration.scope.as_deref(), name);
        iteration.over = over.renamed(&rename);
        iteration.within.iter_mut().for_each(|target| *target = rename(target));
    }
    for handler in &mut out.handlers {
        let value = handler.returned.take();
        handler.returned = value.map(|v| v.renamed(&|name| names.resolve(handler.scope.as_deref(), name)));
    }
    out
}
