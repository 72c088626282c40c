//! One walk over the syntax tree that collects what [`Module`] holds.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor, TraversalSignal};
use std::collections::BTreeSet;

use ruff_python_ast::{
    AnyNodeRef, Comprehension, ExceptHandler, Expr, ExprCall, ExprContext, Mod, Parameters, Stmt,
    StmtClassDef, StmtFunctionDef, StmtIf, StmtRaise, StmtTry,
};
use ruff_text_size::Ranged;

use super::branches::Test;
use super::model::{Binding, Branch, Call, Handler, Import, Iteration, Module, Raise, Reference};
use super::scan::Scan;
use super::values::{Value, dotted, imported_module};
use super::{MAX_DEPTH, Parsed, Problem, line_at, names};

/// How many enclosing calls a call remembers.
const MAX_WITHIN: usize = 3;

/// Collects the facts of a parsed module.
pub(super) fn module(text: &str, lines: &[usize], syntax: &Mod) -> Parsed {
    let mut walk = Walk {
        text,
        lines,
        module: Module::default(),
        depth: 0,
        too_deep: None,
        scope: Vec::new(),
        parameters: BTreeSet::new(),
        within: Vec::new(),
        swallowing: 0,
        assigned: BTreeSet::new(),
        in_chain: false,
    };
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
    // An import may stand below its use, so names are resolved at the end.
    Ok(names::resolved(&walk.module, &walk.parameters))
}

pub(super) struct Walk<'t> {
    text: &'t str,
    lines: &'t [usize],
    pub(super) module: Module,
    depth: usize,
    /// Line at which the nesting became too deep.
    too_deep: Option<u32>,
    scope: Vec<Scope>,
    /// Functions and the names of their parameters.
    parameters: BTreeSet<(String, String)>,
    /// Targets of the enclosing calls.
    within: Vec<String>,
    /// How many enclosing `try` statements swallow what is raised.
    swallowing: usize,
    /// Where targets begin whose value is known.
    assigned: BTreeSet<usize>,
    /// Whether the walk is within a dotted name that was recorded as a whole.
    in_chain: bool,
}

/// A definition that encloses the place of the walk.
enum Scope {
    Class(String),
    /// A function, lambda or main guard: its body does not run at import.
    Function(String),
}

impl Walk<'_> {
    pub(super) fn line(&self, node: &impl Ranged) -> u32 {
        line_at(self.lines, node.range().start().to_usize())
    }

    pub(super) fn source(&self, node: &impl Ranged) -> String {
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

    fn enclosed(&mut self, scope: Scope, body: impl FnOnce(&mut Self)) {
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
                return self.enclosed(guard, |walk| walk.visit_stmt(statement));
            }
            _ => {}
        }
        self.visit_stmt(statement);
    }

    fn raise(&mut self, raise: &StmtRaise) {
        let exception = match raise.exc.as_deref() {
            Some(Expr::Call(call)) => dotted(&call.func),
            Some(other) => dotted(other),
            None => String::new(),
        };
        let scope = self.scope();
        self.module.raises.push(Raise { exception, scope, swallowed: self.swallowing > 0 });
    }

    fn call(&mut self, call: &ExprCall, target: &str) {
        let keywords = call.arguments.keywords.iter().map(|argument| {
            let name = argument.arg.as_ref().map_or_else(|| "**".to_owned(), ToString::to_string);
            (name, Value::of(&argument.value))
        });
        let call = Call {
            target: target.to_owned(),
            line: self.line(call),
            positional: call.arguments.args.iter().map(Value::of).collect(),
            keywords: keywords.collect(),
            scope: self.scope(),
            within: self.enclosing_calls(),
            swallowed: self.swallowing > 0,
        };
        self.module.calls.push(call);
    }

    /// A decorator without arguments is called where the definition stands.
    fn decorated(&mut self, decorator: &Expr) {
        if matches!(decorator, Expr::Name(_) | Expr::Attribute(_)) {
            let call = Call {
                target: dotted(decorator),
                line: self.line(decorator),
                positional: vec![Value::Other],
                keywords: Vec::new(),
                scope: self.scope(),
                within: Vec::new(),
                swallowed: self.swallowing > 0,
            };
            self.module.calls.push(call);
        }
    }

    fn enclosing_calls(&self) -> Vec<String> {
        self.within.iter().rev().take(MAX_WITHIN).cloned().collect()
    }

    fn bind(&mut self, target: &Expr, value: Value) {
        if !matches!(target, Expr::Name(_) | Expr::Attribute(_)) {
            return;
        }
        self.assigned.insert(target.range().start().to_usize());
        let binding = Binding { target: dotted(target), value, line: self.line(target), scope: self.scope() };
        self.module.bindings.push(binding);
    }

    fn assignment(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.bind(target, Value::of(&assign.value));
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.bind(&assign.target, Value::of(value));
                }
            }
            _ => {}
        }
    }

    /// A name that is written gets an unknown value, one that is read is a reference.
    fn name(&mut self, expression: &Expr) {
        let context = match expression {
            Expr::Name(name) => name.ctx,
            Expr::Attribute(attribute) => attribute.ctx,
            _ => return,
        };
        let known = self.assigned.contains(&expression.range().start().to_usize());
        match context {
            ExprContext::Load if !self.in_chain => {
                let (name, line, scope) = (dotted(expression), self.line(expression), self.scope());
                self.module.references.push(Reference { name, line, scope });
            }
            ExprContext::Store if !known => self.bind(expression, Value::Other),
            _ => {}
        }
    }

    fn iteration(&mut self, over: &Expr) {
        let iteration = Iteration {
            over: Value::of(over),
            line: self.line(over),
            within: self.enclosing_calls(),
            scope: self.scope(),
        };
        self.module.iterations.push(iteration);
    }

    fn branch(&mut self, test: &Expr, body: &[Stmt]) {
        let Some(returned) = Scan::of(body).returned else { return };
        let branch = Branch { line: self.line(test), test: Test::of(test), returned, scope: self.scope() };
        self.module.branches.push(branch);
    }

    fn branches(&mut self, statement: &StmtIf) {
        self.branch(&statement.test, &statement.body);
        for clause in &statement.elif_else_clauses {
            if let Some(test) = &clause.test {
                self.branch(test, &clause.body);
            }
        }
    }

    /// Names of the parameters of the function or lambda that was just entered.
    fn enter_parameters(&mut self, parameters: &Parameters) {
        let scope = self.scope().unwrap_or_default();
        let names = parameters.iter().map(|parameter| parameter.name().to_string());
        self.parameters.extend(names.map(|name| (scope.clone(), name)));
    }

    fn guarded<'a>(&mut self, statement: &'a StmtTry)
    where
        Self: SourceOrderVisitor<'a>,
    {
        let handlers: Vec<_> = statement.handlers.iter().map(|handler| self.handler(handler)).collect();
        let first = self.module.calls.len();
        let swallows = statement.handlers.iter().zip(&handlers).any(|(handler, known)| {
            let ExceptHandler::ExceptHandler(handler) = handler;
            !known.raises && (known.broad || catches(handler.type_.as_deref(), &["InvalidSubmissionError"]))
        });
        self.swallowing += usize::from(swallows);
        self.visit_body(&statement.body);
        self.swallowing -= usize::from(swallows);
        let guarded = first..self.module.calls.len();
        self.module
            .handlers
            .extend(handlers.into_iter().map(|handler| Handler { guarded: guarded.clone(), ..handler }));
        for handler in &statement.handlers {
            self.visit_except_handler(handler);
        }
        self.visit_body(&statement.orelse);
        self.visit_body(&statement.finalbody);
    }

    fn handler(&self, handler: &ExceptHandler) -> Handler {
        let ExceptHandler::ExceptHandler(handler) = handler;
        let scan = Scan::of(&handler.body);
        Handler {
            line: self.line(handler),
            broad: handler.type_.is_none()
                || catches(handler.type_.as_deref(), &["Exception", "BaseException"]),
            raises: scan.raises,
            calls: scan.calls,
            numbers: scan.numbers,
            returned: scan.returned,
            guarded: 0..0,
            scope: self.scope(),
        }
    }

    /// Decorators, defaults and annotations are evaluated where the definition stands, the body is not.
    fn function_parts<'a>(&mut self, def: &'a StmtFunctionDef)
    where
        Self: SourceOrderVisitor<'a>,
    {
        for decorator in &def.decorator_list {
            self.decorated(&decorator.expression);
            self.visit_decorator(decorator);
        }
        self.visit_parameters(&def.parameters);
        self.enclosed(Scope::Function(def.name.to_string()), |walk| {
            walk.enter_parameters(&def.parameters);
            source_order::walk_body(walk, &def.body);
        });
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
        self.enclosed(Scope::Class(def.name.to_string()), |walk| source_order::walk_body(walk, &def.body));
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
            Stmt::Global(_) => {
                let line = self.line(statement);
                self.module.globals.push(line);
            }
            Stmt::For(loops) => self.iteration(&loops.iter),
            Stmt::If(test) => self.branches(test),
            Stmt::FunctionDef(def) if self.scope.is_empty() && self.depth > 0 => {
                self.module.conditional.push(def.name.to_string());
            }
            _ => self.assignment(statement),
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
            Stmt::If(test) if is_never(&test.test) => {
                if self.enter_node(node).is_traverse() {
                    for clause in &test.elif_else_clauses {
                        self.visit_elif_else_clause(clause);
                    }
                }
                self.leave_node(node);
            }
            Stmt::Try(guarded) => {
                if self.enter_node(node).is_traverse() {
                    self.guarded(guarded);
                }
                self.leave_node(node);
            }
            other => source_order::walk_stmt(self, other),
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.iteration(&comprehension.iter);
        source_order::walk_comprehension(self, comprehension);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let in_chain = self.in_chain;
        self.name(expression);
        match expression {
            Expr::Attribute(_) => self.in_chain = true,
            _ => self.in_chain = false,
        }
        match expression {
            Expr::Call(call) => {
                let target = dotted(&call.func);
                if let Some(path) = imported_module(call) {
                    let line = self.line(call);
                    let import = Import { bound: path.clone(), path, alias: String::new(), line };
                    self.module.imports.push(import);
                }
                self.call(call, &target);
                self.within.push(target);
                source_order::walk_expr(self, expression);
                self.within.pop();
            }
            Expr::Named(named) => {
                self.bind(&named.target, Value::of(&named.value));
                source_order::walk_expr(self, expression);
            }
            Expr::Lambda(lambda) => self.enclosed(Scope::Function("<lambda>".into()), |walk| {
                if let Some(parameters) = &lambda.parameters {
                    walk.enter_parameters(parameters);
                }
                source_order::walk_expr(walk, expression);
            }),
            _ => source_order::walk_expr(self, expression),
        }
        self.in_chain = in_chain;
    }
}

/// Whether an `except` clause names one of the exceptions.
fn catches(caught: Option<&Expr>, names: &[&str]) -> bool {
    let named = |expression: &Expr| {
        let name = dotted(expression);
        names.contains(&name.rsplit('.').next().unwrap_or_default())
    };
    match caught {
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().any(named),
        Some(other) => named(other),
        None => false,
    }
}

/// `False`, `0`.
fn is_never(test: &Expr) -> bool {
    matches!(Value::of(test), Value::Bool(false) | Value::None) || Value::of(test) == Value::Number(0.0)
}

fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = || std::iter::once(&*compare.left).chain(&*compare.comparators);
    let named = |side: &Expr| matches!(side, Expr::Name(name) if name.id.as_str() == "__name__");
    let text = |side: &Expr| matches!(side, Expr::StringLiteral(text) if text.value.to_str() == "__main__");
    sides().any(named) && sides().any(text)
}
