//! Expressions as far as rules need to know what they are.

use ruff_python_ast::{Expr, ExprCall, InterpolatedStringElement, Number, Operator, UnaryOp};

/// What an argument, a default or an assigned value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Number(f64),
    Text(String),
    /// The constant beginning of an f-string or of a sum of texts; empty when it begins with something else.
    Template(String),
    /// A dotted name, as it is written until the module is complete and resolved from then on.
    Name(String),
    /// A call and its arguments, those by name without their names.
    Call(String, Vec<Self>),
    /// A list, tuple or set, as far as it is looked at.
    Items(Vec<Self>),
    /// Both sides of `a / b`.
    Join(Box<[Self; 2]>),
    Other,
}

/// How deep values are looked into.
const MAX_VALUE_DEPTH: usize = 5;
/// How many items of a display are looked at.
const MAX_ITEMS: usize = 8;
/// Longest text that is kept, in bytes.
const MAX_TEXT: usize = 400;
/// Longest dotted name that is kept, in parts.
const MAX_PARTS: usize = 12;

impl Value {
    pub(super) fn of(expression: &Expr) -> Self {
        of(expression, MAX_VALUE_DEPTH)
    }

    /// Its text, or the constant beginning of it.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Template(text) => Some(text),
            _ => None,
        }
    }

    /// The value and all that is within it.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        let mut parts = vec![self];
        let mut at = 0;
        while let Some(&part) = parts.get(at) {
            match part {
                Self::Call(_, inner) | Self::Items(inner) => parts.extend(inner),
                Self::Join(sides) => parts.extend(sides.iter()),
                _ => {}
            }
            at += 1;
        }
        parts
    }

    /// The same value with every name replaced.
    pub(super) fn renamed(self, rename: &impl Fn(&str) -> String) -> Self {
        let all = |values: Vec<Self>| values.into_iter().map(|value| value.renamed(rename)).collect();
        match self {
            Self::Name(name) => Self::Name(rename(&name)),
            Self::Call(target, inner) => Self::Call(rename(&target), all(inner)),
            Self::Items(inner) => Self::Items(all(inner)),
            Self::Join(sides) => Self::Join(Box::new(sides.map(|side| side.renamed(rename)))),
            other => other,
        }
    }
}

fn of(expression: &Expr, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Other };
    let items = |elements: &[Expr]| {
        Value::Items(elements.iter().take(MAX_ITEMS).map(|element| of(element, depth)).collect())
    };
    match expression {
        Expr::NoneLiteral(_) => Value::None,
        Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => Value::Number(int.as_i64().map_or(f64::INFINITY, |int| int as f64)),
            Number::Float(float) => Value::Number(*float),
            Number::Complex { .. } => Value::Other,
        },
        Expr::UnaryOp(operation) => match (operation.op, of(&operation.operand, depth)) {
            (UnaryOp::USub, Value::Number(number)) => Value::Number(-number),
            (UnaryOp::UAdd, Value::Number(number)) => Value::Number(number),
            _ => Value::Other,
        },
        Expr::StringLiteral(literal) => Value::Text(cut(literal.value.to_str())),
        Expr::FString(literal) => Value::Template(match literal.value.elements().next() {
            Some(InterpolatedStringElement::Literal(text)) => cut(&text.value),
            _ => String::new(),
        }),
        Expr::Name(_) | Expr::Attribute(_) => Value::Name(dotted(expression)),
        Expr::Call(call) => constant_attribute(call).map_or_else(|| of_call(call, depth), Value::Name),
        Expr::List(list) => items(&list.elts),
        Expr::Tuple(tuple) => items(&tuple.elts),
        Expr::Set(set) => items(&set.elts),
        Expr::BinOp(operation) => match (operation.op, of(&operation.left, depth)) {
            (Operator::Div, left) => Value::Join(Box::new([left, of(&operation.right, depth)])),
            (Operator::Add | Operator::Mod, Value::Text(text) | Value::Template(text)) => {
                Value::Template(text)
            }
            // Seeds that are computed from something that moves still move.
            (_, left) => Value::Call("()".to_owned(), vec![left, of(&operation.right, depth)]),
        },
        Expr::Subscript(subscript) => {
            Value::Call(format!("{}[]", dotted(&subscript.value)), vec![of(&subscript.slice, depth)])
        }
        Expr::Named(named) => of(&named.value, depth),
        _ => Value::Other,
    }
}

fn of_call(call: &ExprCall, depth: usize) -> Value {
    let positional = call.arguments.args.iter();
    let named = call.arguments.keywords.iter().map(|keyword| &keyword.value);
    let arguments = positional.chain(named).take(MAX_ITEMS).map(|argument| of(argument, depth)).collect();
    Value::Call(dotted(&call.func), arguments)
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default().to_owned()
}

/// `getattr(a, "b")`, `__import__("a")` and `importlib.import_module("a")` as the dotted names that they are.
fn constant_attribute(call: &ExprCall) -> Option<String> {
    let text = |expression: &Expr| match expression {
        Expr::StringLiteral(literal) => Some(literal.value.to_str().to_owned()),
        _ => None,
    };
    match (dotted_parts(&call.func).as_str(), &call.arguments.args[..]) {
        ("getattr", [object, name]) => Some(format!("{}.{}", dotted(object), text(name)?)),
        ("__import__" | "importlib.import_module" | "import_module", [name, ..]) => {
            Some(format!("{IMPORTED}{}", text(name)?))
        }
        _ => None,
    }
}

/// The module that a call imports by a constant name.
pub(super) fn imported_module(call: &ExprCall) -> Option<String> {
    constant_attribute(call)?.strip_prefix(IMPORTED).map(str::to_owned)
}

/// Begins the name of a module that a call imports.
pub(super) const IMPORTED: &str = "import:";

/// `a.b.c` of names and attributes, `a[].b` where the name has a subscript. What begins with neither begins with `()`.
pub(super) fn dotted(expression: &Expr) -> String {
    match expression {
        Expr::Call(call) => constant_attribute(call).unwrap_or_else(|| "()".to_owned()),
        _ => dotted_parts(expression),
    }
}

fn dotted_parts(expression: &Expr) -> String {
    let (mut parts, mut at) = (Vec::new(), expression);
    while let Expr::Attribute(attribute) = at {
        parts.push(attribute.attr.as_str());
        at = &attribute.value;
    }
    let more = parts.len().saturating_sub(MAX_PARTS);
    parts.truncate(parts.len() - more);
    let root = match at {
        Expr::Name(name) => name.id.to_string(),
        Expr::Call(call) => constant_attribute_shallow(call),
        Expr::Subscript(subscript) => match &*subscript.value {
            Expr::Name(name) => format!("{}[]", name.id),
            _ => "()".to_owned(),
        },
        _ => "()".to_owned(),
    };
    parts.push(&root);
    parts.reverse();
    parts.join(".")
}

/// The root of a chain that begins with a call. Only names are looked at, so that chains of chains stay linear.
fn constant_attribute_shallow(call: &ExprCall) -> String {
    let simple = call.arguments.args.first().is_none_or(|first| {
        matches!(first, Expr::Name(_) | Expr::StringLiteral(_))
            || matches!(first, Expr::Attribute(attribute) if matches!(&*attribute.value, Expr::Name(_)))
    });
    let named = matches!(&*call.func, Expr::Name(_))
        || matches!(&*call.func, Expr::Attribute(attribute) if matches!(&*attribute.value, Expr::Name(_)));
    if simple && named {
        return constant_attribute(call).unwrap_or_else(|| "()".to_owned());
    }
    "()".to_owned()
}
