//! What the rules know of a Python source.

/// One source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
}

/// A function or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: u32,
    pub(crate) is_async: bool,
    /// All parameters but `*args` and `**kwargs`, in order.
    pub(crate) parameters: Vec<Parameter>,
    /// Whether there is `*args` or `**kwargs`.
    pub(crate) variadic: bool,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// The annotation as it is written.
    pub(crate) annotation: Option<String>,
    pub(crate) has_default: bool,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Dotted path of what is called, imports resolved: `numpy.random.rand`. What does not begin with a name is
    /// written `()`: `().sample`.
    pub(crate) target: String,
    pub(crate) line: u32,
    /// How many arguments are passed by position.
    pub(crate) positional: usize,
    /// Names of the arguments that are passed by name; `**` for unpacked ones.
    pub(crate) keywords: Vec<String>,
    /// Enclosing function (`prepare`, `FooMetrics.evaluate`); absent when the call runs at import.
    pub(crate) scope: Option<String>,
}

/// A `raise` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raise {
    /// Dotted path of the exception, imports resolved; empty for a bare `raise`.
    pub(crate) exception: String,
    /// Enclosing function, as in [`Call::scope`].
    pub(crate) scope: Option<String>,
}

impl Module {
    /// The full path of a dotted name of this file: `np.random.rand` is `numpy.random.rand`.
    pub(crate) fn resolve(&self, dotted: &str) -> String {
        let (root, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
        match self.binding(root) {
            Some(import) if rest.is_empty() => import.bound.clone(),
            Some(import) => format!("{}.{rest}", import.bound),
            None => dotted.to_owned(),
        }
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
        format!("{}{annotation}{}", self.name, if self.has_default { "=…" } else { "" })
    }
}

impl Class {
    /// The method of that name; the last one when it is defined twice, as Python does.
    pub(crate) fn method(&self, name: &str) -> Option<&Function> {
        self.methods.iter().rev().find(|method| method.name == name)
    }
}
