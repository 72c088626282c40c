//! Holds a table against the shape that a task expects.

use std::collections::{HashMap, HashSet};

use super::examples::Examples;
use super::fields::Place;
use super::ids::IdJudge;
use super::passed::Note;
use super::refusal::{Refusal, RefusalKind, listed, shown};
use super::shape::{Column, Shape};
use super::value::{self, Value};

/// Separators that are taken for a comma now and then.
const OTHER_SEPARATORS: [char; 4] = [';', '\t', '|', ' '];

/// What has been seen of a submission so far.
pub(super) struct Judge<'a> {
    shape: &'a Shape,
    /// For each column of the file, its number among the expected ones.
    columns: Vec<usize>,
    ids: Option<IdJudge<'a>>,
    fault: Option<ValueFault>,
}

/// The first fault of a value, and all others like it in its column.
struct ValueFault {
    kind: RefusalKind,
    /// Number of the column in the file.
    at: usize,
    hint: &'static str,
    examples: Examples,
}

impl<'a> Judge<'a> {
    /// # Errors
    /// A refusal when the header does not have the expected names.
    pub(super) fn new(shape: &'a Shape, names: &[String]) -> Result<Self, Refusal> {
        refuse_separator(shape, names)?;
        let numbers: HashMap<&str, usize> = shape.columns().zip(0..).collect();
        let columns: Vec<usize> =
            names.iter().filter_map(|name| numbers.get(name.as_str()).copied()).collect();
        if columns.len() != names.len() || columns.len() != shape.expected().len() {
            return Err(other_columns(shape, names));
        }
        Ok(Self { shape, columns, ids: shape.ids().map(IdJudge::new), fault: None })
    }

    /// Takes the next value.
    pub(super) fn see(&mut self, place: Place, text: &str) {
        let column = self.columns[place.at];
        if let Some(ids) = &mut self.ids
            && self.shape.ids().is_some_and(|ids| ids.column == column)
        {
            ids.see(text, place.line);
        } else if let Some((kind, hint)) = fault_of(&self.shape.expected()[column], text) {
            let at = place.at;
            let examples = Examples::default();
            let fault = self.fault.get_or_insert(ValueFault { kind, at, hint, examples });
            if (fault.kind, fault.at) == (kind, at) {
                fault.examples.add(text, place.line);
            }
        }
    }

    /// What is odd about the submission.
    ///
    /// # Errors
    /// A refusal when ids or values are not as expected.
    pub(super) fn finish(self) -> Result<Vec<Note>, Refusal> {
        let rows_in_order = self.ids.as_ref().map_or(Ok(true), IdJudge::finish)?;
        if let Some(fault) = &self.fault {
            return Err(fault.refusal(&self.shape.expected()[self.columns[fault.at]].name));
        }
        let columns_in_order = self.columns.is_sorted();
        let notes = [(columns_in_order, Note::ColumnOrder), (rows_in_order, Note::RowOrder)];
        Ok(notes.into_iter().filter(|(in_order, _)| !in_order).map(|(_, note)| note).collect())
    }
}

impl ValueFault {
    fn refusal(&self, name: &str) -> Refusal {
        let what = match self.kind {
            RefusalKind::MissingValue => "empty, or read as empty",
            RefusalKind::InfiniteValue => "infinite",
            RefusalKind::OutOfRange => "beyond the range of numbers",
            _ => "no number",
        };
        let (count, list) = (self.examples.count(), self.examples.list());
        let verb = if count == 1 { "value is" } else { "values are" };
        let message = format!("column {}: {count} {verb} {what}: {list}; {}", shown(name), self.hint);
        let line = self.examples.first_line();
        Refusal { line, ..Refusal::new(self.kind, message).at_value(self.at) }
    }
}

/// What is wrong with a value of a column, and what to write in its place.
fn fault_of(column: &Column, text: &str) -> Option<(RefusalKind, &'static str)> {
    if !column.numbers {
        let missing = !column.missing && value::is_missing(text);
        return missing.then_some((RefusalKind::MissingValue, "no answer is missing, so write a value"));
    }
    match value::read(text) {
        Value::Number => None,
        Value::Missing if column.missing => None,
        Value::Missing => Some((RefusalKind::MissingValue, "every answer is a number, so write a number")),
        Value::Infinite => Some((RefusalKind::InfiniteValue, "write a finite number")),
        Value::OutOfRange => Some((
            RefusalKind::OutOfRange,
            "write large numbers with an exponent, such as 1e20, up to 1.7e308",
        )),
        Value::Text => Some((RefusalKind::NotANumber, value::hint(text))),
    }
}

/// Refuses a header of one name that holds all expected ones.
fn refuse_separator(shape: &Shape, names: &[String]) -> Result<(), Refusal> {
    let [name] = names else { return Ok(()) };
    let has_all = |separator: &char| {
        let parts: Vec<&str> = name.split(*separator).map(|part| part.trim().trim_matches('"')).collect();
        parts.len() > 1 && shape.columns().all(|expected| parts.contains(&expected))
    };
    match OTHER_SEPARATORS.iter().find(|separator| has_all(separator)) {
        None => Ok(()),
        Some(separator) => {
            let message =
                format!("the values are separated by {separator:?}; write the file with the separator ','");
            Err(Refusal::new(RefusalKind::WrongSeparator, message))
        }
    }
}

/// The refusal of a header that has not the expected names.
fn other_columns(shape: &Shape, names: &[String]) -> Refusal {
    let given: HashSet<&str> = names.iter().map(String::as_str).collect();
    let expected: HashSet<&str> = shape.columns().collect();
    let missing: Vec<&str> = shape.columns().filter(|name| !given.contains(name)).collect();
    let extra: Vec<&str> = names.iter().map(String::as_str).filter(|name| !expected.contains(name)).collect();
    let kind = if missing.is_empty() { RefusalKind::ExtraColumns } else { RefusalKind::MissingColumns };
    let mut message = "the columns are not those of the sample submission".to_owned();
    for (what, names) in [("missing", &missing), ("not expected", &extra)] {
        if !names.is_empty() {
            message += &format!("; {what}: {}", listed(names));
        }
    }
    Refusal::new(kind, message + columns_hint(&missing, &extra))
}

fn columns_hint(missing: &[&str], extra: &[&str]) -> &'static str {
    let plain = |name: &&str| name.trim().to_lowercase();
    let extra_plain: HashSet<String> = extra.iter().map(plain).collect();
    if extra.iter().any(|name| name.starts_with("Unnamed: ")) {
        "; with pandas, write the file with index=False"
    } else if missing.iter().any(|name| extra_plain.contains(&plain(name))) {
        "; names are compared with their case and the space around them"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests;
