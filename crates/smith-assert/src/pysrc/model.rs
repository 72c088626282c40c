//! What the rules know of a Python source.

use super::branches::Test;
use super::values::Value;

/// One source file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Module {
    /// Functions at the top level.
    pub(crate) functions: Vec<Function>,
    /// Classes at the top level.
    pub(crate) classes: Vec<Class>,
    /// Imports anywhere in the file.
    pub(crate) imports: Vec<Import>,
    /// Calls anywhere in the file.
    pub(crate) calls: Vec<Call>,
    /// `raise` statements anywhere in the file.
    pub(crate) raises: Vec<Raise>,
    /// Line of `if __name__ == "__main__":`.
    pub(crate) main_guard: Option<u32>,
    /// Names and attributes that get a value, anywhere in the file.
    pub(crate) bindings: Vec<Binding>,
    /// Dotted names that are read, resolved, anywhere in the file.
    pub(crate) references: Vec<Reference>,
    /// `except` clauses, anywhere in the file.
    pub(crate) handlers: Vec<Handler>,
    /// Conditions whose body returns something, anywhere in the file.
    pub(crate) branches: Vec<Branch>,
    /// What is iterated over, anywhere in the file.
    pub(crate) iterations: Vec<Iteration>,
    /// Names of functions that are defined below a condition at the top level.
    pub(crate) conditional: Vec<String>,
    /// Lines of `global` statements.
    pub(crate) globals: Vec<u32>,
}

/// A name or attribute that gets a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Binding {
    /// As it is written: `rng`, `self.value`.
    pub(crate) target: String,
    pub(crate) value: Value,
    pub(crate) line: u32,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

/// A dotted name that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) line: u32,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

/// An `except` clause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Handler {
    pub(crate) line: u32,
    /// Whether it catches everything: a bare one, `Exception`, `BaseException`.
    pub(crate) broad: bool,
    /// Whether it raises anything.
    pub(crate) raises: bool,
    /// Whether it calls anything, to tell of what happened, say.
    pub(crate) calls: bool,
    /// Variables that get a number in it.
    pub(crate) numbers: Vec<String>,
    /// What it returns, if it does.
    pub(crate) returned: Option<Value>,
    /// Positions in [`Module::calls`] of the calls that the `try` guards.
    pub(crate) guarded: std::ops::Range<usize>,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

/// An `if` or `elif` whose body returns something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub(crate) line: u32,
    pub(crate) test: Test,
    /// The last value that the body returns.
    pub(crate) returned: Value,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

/// A `for`, in a statement or in a comprehension.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Iteration {
    pub(crate) over: Value,
    pub(crate) line: u32,
    /// As in [`Call::within`].
    pub(crate) within: Vec<String>,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

/// A function or method.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: u32,
    pub(crate) is_async: bool,
    /// All parameters but `*args` and `**kwargs`, in order.
    pub(crate) parameters: Vec<Parameter>,
    /// Whether there is `*args` or `**kwargs`.
    pub(crate) variadic: bool,
    /// Whether it yields.
    pub(crate) is_generator: bool,
    /// Dotted names of its decorators, as they are written.
    pub(crate) decorators: Vec<String>,
    /// The definition as it is written.
    pub(crate) source: String,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// The annotation as it is written.
    pub(crate) annotation: Option<String>,
    pub(crate) default: Option<Value>,
    pub(crate) kind: ParameterKind,
}

/// How an argument may be passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    /// Before a `/`.
    PositionalOnly,
    /// By position or by name.
    Plain,
    /// After a `*`.
    KeywordOnly,
}

/// A class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) line: u32,
    /// Base classes as dotted names, as they are written.
    pub(crate) bases: Vec<String>,
    pub(crate) methods: Vec<Function>,
}

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// Full dotted path: `numpy`, `pathlib.Path`; relative imports begin with dots.
    pub(crate) path: String,
    /// The name that the file uses.
    pub(crate) alias: String,
    /// What that name stands for: the path, but for `import a.b` it is `a`.
    pub(crate) bound: String,
    pub(crate) line: u32,
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Dotted path of what is called, imports resolved: `numpy.random.rand`. What does not begin with a name is
    /// written `()`: `().sample`.
    pub(crate) target: String,
    pub(crate) line: u32,
    /// Arguments that are passed by position; an unpacked one is [`Value::Other`].
    pub(crate) positional: Vec<Value>,
    /// Arguments that are passed by name; `**` is the name of unpacked ones.
    pub(crate) keywords: Vec<(String, Value)>,
    /// Enclosing function (`prepare`, `FooMetrics.evaluate`); absent when the call runs at import.
    pub(crate) scope: Option<String>,
    /// Targets of the calls in whose arguments it stands, the innermost first, as far as they are looked at.
    pub(crate) within: Vec<String>,
    /// Whether an enclosing `try` swallows what it raises.
    pub(crate) swallowed: bool,
}

/// A `raise` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raise {
    /// Dotted path of the exception, imports resolved; empty for a bare `raise`.
    pub(crate) exception: String,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
    /// Whether an enclosing `try` swallows it.
    pub(crate) swallowed: bool,
}

impl Module {
    /// The full path of a dotted name at the top level of this file: `np.random.rand` is `numpy.random.rand`.
    pub(crate) fn resolve(&self, dotted: &str) -> String {
        let (root, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
        match self.binding(root) {
            Some(import) if rest.is_empty() => import.bound.clone(),
            Some(import) => format!("{}.{rest}", import.bound),
            None => match self.star(root) {
                Some(module) => format!("{module}.{dotted}"),
                None => dotted.to_owned(),
            },
        }
    }

    /// The module of this project's format from which `import *` may bring a name.
    fn star(&self, root: &str) -> Option<&str> {
        let brought = ["CompetitionMetrics", "InvalidSubmissionError"].contains(&root);
        let modules = self.imports.iter().filter_map(|import| import.path.strip_suffix(".*"));
        modules.filter(|_| brought).find(|module| module.starts_with("mledojo."))
    }

    /// Whether a resolved name begins with an import: `numpy.get`, but not `TABLE.get`.
    pub(crate) fn is_imported(&self, resolved: &str) -> bool {
        let begins_with = |bound: &str| {
            resolved.strip_prefix(bound).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.imports.iter().any(|import| begins_with(&import.bound))
    }

    /// The import that gives a name its meaning; the last one, as Python does.
    pub(crate) fn binding(&self, name: &str) -> Option<&Import> {
        self.imports.iter().rev().find(|import| import.alias == name)
    }
}

impl Function {
    /// Names of the parameters, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.parameters.iter().map(|parameter| parameter.name.as_str()).collect()
    }

    /// The head of the definition, for messages: `def prepare(raw: Path, public, private=…)`.
    pub(crate) fn head(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(Parameter::written).collect();
        let prefix = if self.is_async { "async " } else { "" };
        let rest = if self.variadic { ", *…" } else { "" };
        format!("{prefix}def {}({}{rest})", self.name, parameters.join(", "))
    }
}

impl Parameter {
    fn written(&self) -> String {
        let annotation = self.annotation.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
        format!("{}{annotation}{}", self.name, if self.default.is_some() { "=…" } else { "" })
    }
}

impl Call {
    /// The argument of that name.
    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Whether arguments are unpacked from a dictionary, so that any may be there.
    pub(crate) fn unpacks(&self) -> bool {
        self.keyword("**").is_some()
    }

    /// The argument of that name or at that position.
    pub(crate) fn argument(&self, position: usize, name: &str) -> Option<&Value> {
        self.keyword(name).or_else(|| self.positional.get(position))
    }

    /// Whether it has any argument.
    pub(crate) fn has_arguments(&self) -> bool {
        !self.positional.is_empty() || !self.keywords.is_empty()
    }
}

impl Class {
    /// The method of that name; the last one when it is defined twice, as Python does.
    pub(crate) fn method(&self, name: &str) -> Option<&Function> {
        self.methods.iter().rev().find(|method| method.name == name)
    }
}
