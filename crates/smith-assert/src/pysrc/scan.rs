//! What a body does, without the bodies of definitions within it.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, Expr, Stmt};

use super::MAX_DEPTH;
use super::values::{Value, dotted};

/// What a body does.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) raises: bool,
    pub(super) yields: bool,
    pub(super) calls: bool,
    /// Variables that get a number.
    pub(super) numbers: Vec<String>,
    /// The last value that it returns.
    pub(super) returned: Option<Value>,
    depth: usize,
}

impl Scan {
    pub(super) fn of(body: &[Stmt]) -> Self {
        let mut scan = Self::default();
        scan.visit_body(body);
        scan
    }
}

impl<'a> SourceOrderVisitor<'a> for Scan {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        self.depth += 1;
        let inner = matches!(
            node,
            AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::StmtClassDef(_) | AnyNodeRef::ExprLambda(_)
        );
        if inner || self.depth > MAX_DEPTH { TraversalSignal::Skip } else { TraversalSignal::Traverse }
    }

    fn leave_node(&mut self, _node: AnyNodeRef<'a>) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Raise(_) => self.raises = true,
            Stmt::Return(returned) => {
                self.returned = Some(returned.value.as_deref().map_or(Value::None, Value::of));
            }
            Stmt::Assign(assign) if matches!(Value::of(&assign.value), Value::Number(_)) => {
                self.numbers.extend(assign.targets.iter().map(dotted));
            }
            _ => {}
        }
        source_order::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if matches!(expression, Expr::Yield(_) | Expr::YieldFrom(_)) {
            self.yields = true;
        }
        self.calls |= matches!(expression, Expr::Call(_));
        source_order::walk_expr(self, expression);
    }
}
