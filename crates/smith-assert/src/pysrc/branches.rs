//! Conditions that return a constant.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, Expr, ExprSubscript};

use super::MAX_DEPTH;
use super::values::Value;

/// What a condition looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Test {
    /// Numbers that something is compared with or that are taken off.
    pub(crate) numbers: Vec<f64>,
    /// Texts in it, those between square brackets apart.
    pub(crate) texts: Vec<String>,
    /// Names of variables and parameters.
    pub(crate) names: Vec<String>,
    /// Whether it looks at a single element: `x[0]`, `x.iloc[-1]`, but not `x.shape[0]`.
    pub(crate) single: bool,
    depth: usize,
}

impl Test {
    pub(super) fn of(test: &Expr) -> Self {
        let mut scan = Self::default();
        scan.visit_expr(test);
        scan
    }

    fn subscript(&mut self, subscript: &ExprSubscript) {
        let of_shape = matches!(&*subscript.value, Expr::Attribute(of) if of.attr.as_str() == "shape");
        let index = Value::of(&subscript.slice);
        let all_numbers = match &index {
            Value::Number(_) => true,
            Value::Items(items) => items.iter().all(|item| matches!(item, Value::Number(_))),
            _ => false,
        };
        self.single |= all_numbers && !of_shape;
    }
}

impl<'a> SourceOrderVisitor<'a> for Test {
    fn enter_node(&mut self, _node: AnyNodeRef<'a>) -> TraversalSignal {
        self.depth += 1;
        if self.depth > MAX_DEPTH { TraversalSignal::Skip } else { TraversalSignal::Traverse }
    }

    fn leave_node(&mut self, _node: AnyNodeRef<'a>) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match (expression, Value::of(expression)) {
            (Expr::Subscript(subscript), _) => {
                self.subscript(subscript);
                return self.visit_expr(&subscript.value);
            }
            (Expr::Name(name), _) => self.names.push(name.id.to_string()),
            (_, Value::Number(number)) => return self.numbers.push(number),
            (_, Value::Text(text)) => return self.texts.push(text),
            _ => {}
        }
        source_order::walk_expr(self, expression);
    }
}
