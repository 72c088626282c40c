//! Functions, classes and imports of a module.

use ruff_python_ast::{
    Expr, ParameterWithDefault, Stmt, StmtClassDef, StmtFunctionDef, StmtImport, StmtImportFrom,
};

use super::model::{Class, Function, Import, Parameter, ParameterKind};
use super::scan::Scan;
use super::values::{Value, dotted};
use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn function(&self, def: &StmtFunctionDef) -> Function {
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
            is_generator: Scan::of(&def.body).yields,
            decorators: def
                .decorator_list
                .iter()
                .map(|decorator| called_name(&decorator.expression))
                .collect(),
            source: self.source(def),
        }
    }

    fn parameter(&self, parameter: &ParameterWithDefault, kind: ParameterKind) -> Parameter {
        Parameter {
            name: parameter.name().to_string(),
            annotation: parameter.annotation().map(|annotation| self.source(annotation)),
            default: parameter.default().map(Value::of),
            kind,
        }
    }

    pub(super) fn class(&self, def: &StmtClassDef) -> Class {
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

    pub(super) fn import(&mut self, import: &StmtImport) {
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

    pub(super) fn import_from(&mut self, import: &StmtImportFrom) {
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
}

/// The dotted name of a decorator, without the arguments that it may be called with.
fn called_name(expression: &Expr) -> String {
    match expression {
        Expr::Call(call) => dotted(&call.func),
        other => dotted(other),
    }
}
