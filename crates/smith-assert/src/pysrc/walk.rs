//! One walk over the syntax tree that collects what [`Module`] holds.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{
    AnyNodeRef, Expr, ExprCall, Mod, ParameterWithDefault, Stmt, StmtClassDef, StmtFunctionDef, StmtImport,
    StmtImportFrom, StmtRaise,
};
use ruff_text_size::Ranged;

use super::model::{Call, Class, Function, Import, Module, Parameter, ParameterKind, Raise};
use super::{MAX_DEPTH, Parsed, Problem, line_at};

/// Collects the facts of a parsed module.
pub(super) fn module(text: &str, lines: &[usize], syntax: &Mod) -> Parsed {
    let mut walk =
        Walk { text, lines, module: Module::default(), depth: 0, too_deep: None, scope: Vec::new() };
    if let Mod::Module(module) = syntax {
        for statement in &module.body {
            walk.top_level(statement);
        }
    }
    if let Some(line) = walk.too_deep {
        let message = format!(
            "statements or expressions are nested more than {MAX_DEPTH} deep; write this more simply"
        );
        return Err(vec![Problem { line: Some(line), message }]);
    }
    Ok(resolved(walk.module))
}

/// Names in calls and raises are resolved at the end, because an import may stand below its use.
fn resolved(mut module: Module) -> Module {
    let calls: Vec<_> = module.calls.iter().map(|call| module.resolve(&call.target)).collect();
    let raises: Vec<_> = module.raises.iter().map(|raise| module.resolve(&raise.exception)).collect();
    module.calls.iter_mut().zip(calls).for_each(|(call, target)| call.target = target);
    module.raises.iter_mut().zip(raises).for_each(|(raise, path)| raise.exception = path);
    module
}

struct Walk<'t> {
    text: &'t str,
    lines: &'t [usize],
    module: Module,
    depth: usize,
    /// Line at which the nesting became too deep.
    too_deep: Option<u32>,
    scope: Vec<Scope>,
}

/// A definition that encloses the place of the walk.
enum Scope {
    Class(String),
    /// A function, lambda or main guard: its body does not run at import.
    Function(String),
}

impl Walk<'_> {
    fn line(&self, node: &impl Ranged) -> u32 {
        line_at(self.lines, node.range().start().to_usize())
    }

    fn source(&self, node: &impl Ranged) -> String {
        self.text.get(node.range().to_std_range()).unwrap_or_default().to_owned()
    }

    /// Dotted name of the enclosing function; none where code runs at import.
    fn scope(&self) -> Option<String> {
        let in_function = self.scope.iter().any(|scope| matches!(scope, Scope::Function(_)));
        in_function.then(|| {
            let names: Vec<_> = self.scope.iter().map(Scope::name).collect();
            names.join(".")
        })
    }

    fn within(&mut self, scope: Scope, body: impl FnOnce(&mut Self)) {
        self.scope.push(scope);
        body(self);
        self.scope.pop();
    }

    fn top_level(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(def) => self.module.functions.push(self.function(def)),
            Stmt::ClassDef(def) => self.module.classes.push(self.class(def)),
            Stmt::If(test) if is_main_guard(&test.test) => {
                self.module.main_guard.get_or_insert(line_at(self.lines, test.range.start().to_usize()));
                let guard = Scope::Function("__main__".into());
                return self.within(guard, |walk| walk.visit_stmt(statement));
            }
            _ => {}
        }
        self.visit_stmt(statement);
    }

    fn function(&self, def: &StmtFunctionDef) -> Function {
        let parameters = &def.parameters;
        let of = |list: &[ParameterWithDefault], kind| -> Vec<Parameter> {
            list.iter().map(|parameter| self.parameter(parameter, kind)).collect()
        };
        Function {
            name: def.name.to_string(),
            line: self.line(&def.name),
            is_async: def.is_async,
            parameters: [
                of(&parameters.posonlyargs, ParameterKind::PositionalOnly),
                of(&parameters.args, ParameterKind::Plain),
                of(&parameters.kwonlyargs, ParameterKind::KeywordOnly),
            ]
            .concat(),
            variadic: parameters.vararg.is_some() || parameters.kwarg.is_some(),
        }
    }

    fn parameter(&self, parameter: &ParameterWithDefault, kind: ParameterKind) -> Parameter {
        Parameter {
            name: parameter.name().to_string(),
            annotation: parameter.annotation().map(|annotation| self.source(annotation)),
            has_default: parameter.default.is_some(),
            kind,
        }
    }

    fn class(&self, def: &StmtClassDef) -> Class {
        let methods = def.body.iter().filter_map(|statement| match statement {
            Stmt::FunctionDef(method) => Some(self.function(method)),
            _ => None,
        });
        Class {
            name: def.name.to_string(),
            line: self.line(&def.name),
            bases: def.bases().iter().map(dotted).collect(),
            methods: methods.collect(),
        }
    }

    fn import(&mut self, import: &StmtImport) {
        for name in &import.names {
            let path = name.name.to_string();
            let (alias, bound) = match &name.asname {
                Some(alias) => (alias.to_string(), path.clone()),
                None => {
                    let first = path.split('.').next().unwrap_or_default();
                    (first.to_owned(), first.to_owned())
                }
            };
            let line = self.line(import);
            self.module.imports.push(Import { path, alias, bound, line });
        }
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
        let dots = ".".repeat(import.level as usize);
        let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
        for name in &import.names {
            let alias = name.asname.as_ref().unwrap_or(&name.name).to_string();
            let path = match (module.is_empty(), name.name.as_str()) {
                (true, name) => format!("{dots}{name}"),
                (false, name) => format!("{dots}{module}.{name}"),
            };
            let line = self.line(import);
            self.module.imports.push(Import { bound: path.clone(), path, alias, line });
        }
    }

    fn raise(&mut self, raise: &StmtRaise) {
        let exception = match raise.exc.as_deref() {
            Some(Expr::Call(call)) => dotted(&call.func),
            Some(other) => dotted(other),
            None => String::new(),
        };
        let scope = self.scope();
        self.module.raises.push(Raise { exception, scope });
    }

    fn call(&mut self, call: &ExprCall) {
        let keyword = |name: &Option<ruff_python_ast::Identifier>| {
            name.as_ref().map_or_else(|| "**".to_owned(), ToString::to_string)
        };
        let call = Call {
            target: dotted(&call.func),
            line: self.line(call),
            positional: call.arguments.args.len(),
            keywords: call.arguments.keywords.iter().map(|argument| keyword(&argument.arg)).collect(),
            scope: self.scope(),
        };
        self.module.calls.push(call);
    }

    /// Decorators, defaults and annotations are evaluated where the definition stands, the body is not.
    fn function_parts<'a>(&mut self, def: &'a StmtFunctionDef)
    where
        Self: SourceOrderVisitor<'a>,
    {
        for decorator in &def.decorator_list {
            self.visit_decorator(decorator);
        }
        self.visit_parameters(&def.parameters);
        self.within(Scope::Function(def.name.to_string()), |walk| source_order::walk_body(walk, &def.body));
    }

    fn class_parts<'a>(&mut self, def: &'a StmtClassDef)
    where
        Self: SourceOrderVisitor<'a>,
    {
        for decorator in &def.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(arguments) = &def.arguments {
            self.visit_arguments(arguments);
        }
        self.within(Scope::Class(def.name.to_string()), |walk| source_order::walk_body(walk, &def.body));
    }
}

impl Scope {
    fn name(&self) -> &str {
        match self {
            Self::Class(name) | Self::Function(name) => name,
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'_> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return TraversalSignal::Traverse;
        }
        let line = self.line(&node);
        self.too_deep.get_or_insert(line);
        TraversalSignal::Skip
    }

    fn leave_node(&mut self, _node: AnyNodeRef<'a>) {
        self.depth -= 1;
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Raise(raise) => self.raise(raise),
            _ => {}
        }
        let node = AnyNodeRef::from(statement);
        match statement {
            Stmt::FunctionDef(def) => {
                if self.enter_node(node).is_traverse() {
                    self.function_parts(def);
                }
                self.leave_node(node);
            }
            Stmt::ClassDef(def) => {
                if self.enter_node(node).is_traverse() {
                    self.class_parts(def);
                }
                self.leave_node(node);
            }
            other => source_order::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.call(call);
        }
        if matches!(expression, Expr::Lambda(_)) {
            return self.within(Scope::Function("<lambda>".into()), |walk| {
                source_order::walk_expr(walk, expression);
            });
        }
        source_order::walk_expr(self, expression);
    }
}

/// `a.b.c` of names and attributes; what does not begin with a name begins with `()`.
fn dotted(expression: &Expr) -> String {
    let (mut parts, mut at) = (Vec::new(), expression);
    while let Expr::Attribute(attribute) = at {
        parts.push(attribute.attr.as_str());
        at = &attribute.value;
    }
    parts.push(match at {
        Expr::Name(name) => name.id.as_str(),
        _ => "()",
    });
    parts.reverse();
    parts.join(".")
}

fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = || std::iter::once(&*compare.left).chain(&*compare.comparators);
    let named = |side: &Expr| matches!(side, Expr::Name(name) if name.id.as_str() == "__name__");
    let text = |side: &Expr| matches!(side, Expr::StringLiteral(text) if text.value.to_str() == "__main__");
    sides().any(named) && sides().any(text)
}
