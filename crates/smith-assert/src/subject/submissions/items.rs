//! Cells of several items: how they are written, taken apart and put together again.

use std::collections::BTreeSet;

use super::Base;
use crate::subject::tables::{cell, number};

/// Separators, those that stand between whole items before those that may stand within them.
const SEPARATORS: [char; 6] = [';', '|', '\n', '\t', ',', ' '];
/// Brackets around lists.
const BRACKETS: [(char, char); 3] = [('[', ']'), ('(', ')'), ('{', '}')];
/// Numbers that may belong together: start and length, the corners of a box, its class and confidence before them.
const UNITS: std::ops::RangeInclusive<usize> = 2..=6;
/// Ways to take cells apart that are tried.
pub(super) const MOST_FORMS: u8 = 3;
/// Cells that tell how they are written.
const LOOKED_AT: usize = 2_000;

/// How the items of a column's cells are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// Column of the sample.
    pub(super) at: usize,
    brackets: Option<(char, char)>,
    separator: char,
    /// A blank behind the separator.
    is_spaced: bool,
    /// Parts between separators that make one item.
    unit: usize,
}

/// The ways in which the first predicted column of lists may be read, the most likely one first.
pub(super) fn forms(base: &Base<'_>) -> Vec<Form> {
    base.predicted.iter().map(|at| forms_of(base, *at)).find(|forms| !forms.is_empty()).unwrap_or_default()
}

fn forms_of(base: &Base<'_>, at: usize) -> Vec<Form> {
    if base.numbers(at).is_some() {
        return Vec::new();
    }
    let rows = || base.truth.rows.iter().take(LOOKED_AT).chain(base.pair.sample.rows.iter().take(LOOKED_AT));
    let cells: Vec<&str> = rows().map(|row| cell(row, at)).filter(|cell| !cell.is_empty()).collect();
    let is_in = |pair: &(char, char)| cells.iter().all(|c| c.starts_with(pair.0) && c.ends_with(pair.1));
    let brackets = BRACKETS.into_iter().find(is_in).filter(|_| !cells.is_empty());
    let separators: &[char] = if brackets.is_some() { &[','] } else { &SEPARATORS };
    let Some(separator) = separators.iter().copied().find(|s| cells.iter().any(|cell| cell.contains(*s)))
    else {
        return Vec::new();
    };
    let spaced = format!("{separator} ");
    let is_spaced = separator != ' ' && cells.iter().any(|cell| cell.contains(&spaced));
    let single = Form { at, brackets, separator, is_spaced, unit: 1 };
    let parts: Vec<Vec<String>> = cells.iter().map(|cell| single.split(cell)).collect();
    if !parts.iter().any(|parts| parts.len() > 1) {
        return Vec::new();
    }
    // Words and numbers come in the same order in each item.
    let is_number = |parts: &[String], at: usize| parts.get(at).is_some_and(|part| number(part).is_some());
    let fits = |unit: &usize| {
        parts.iter().all(|parts| {
            parts.len().is_multiple_of(*unit)
                && (0..parts.len()).all(|at| is_number(parts, at) == is_number(parts, at % unit))
        })
    };
    let units = UNITS.rev().filter(fits).map(|unit| Form { unit, ..single.clone() });
    let mut forms: Vec<Form> = units.collect();
    forms.truncate(usize::from(MOST_FORMS) - 1);
    forms.push(single);
    forms
}

impl Form {
    /// The items of a cell.
    pub(super) fn split(&self, cell: &str) -> Vec<String> {
        let inner = match self.brackets {
            Some((open, close)) => cell.trim().trim_start_matches(open).trim_end_matches(close),
            None => cell,
        };
        // Lists of lists lose their outermost brackets only.
        let inner = match self.brackets {
            Some((open, close)) if cell.trim().starts_with(&format!("{open}{open}")) => {
                cell.trim().strip_prefix(open).and_then(|cell| cell.strip_suffix(close)).unwrap_or(inner)
            }
            _ => inner,
        };
        let parts: Vec<&str> = pieces(inner, self.separator);
        parts.chunks(self.unit).map(|unit| unit.join(&self.between())).collect()
    }

    /// A cell of some items.
    pub(super) fn join<T: AsRef<str>>(&self, items: &[T]) -> String {
        let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
        let inner = items.join(&self.between());
        self.brackets.map_or_else(|| inner.clone(), |(open, close)| format!("{open}{inner}{close}"))
    }

    fn between(&self) -> String {
        if self.is_spaced { format!("{} ", self.separator) } else { self.separator.to_string() }
    }

    /// The items of the answer to each row.
    pub(super) fn answers(&self, base: &Base<'_>) -> Vec<Vec<String>> {
        base.truth.rows.iter().map(|row| self.split(cell(row, self.at))).collect()
    }

    /// Items of the longest list of the answers and of the sample.
    pub(super) fn longest(&self, base: &Base<'_>) -> usize {
        let rows = base.truth.rows.iter().chain(&base.pair.sample.rows);
        rows.map(|row| self.split(cell(row, self.at)).len()).max().unwrap_or(0)
    }
}

/// True for a list in which an item stands twice.
pub(super) fn repeats(items: &[String]) -> bool {
    let different: BTreeSet<&String> = items.iter().collect();
    different.len() < items.len()
}

/// What stands between separators outside of quotation marks and brackets.
fn pieces(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            // An apostrophe within a word opens nothing.
            (None, '"' | '\'') if text.get(start..at).is_some_and(|before| before.trim().is_empty()) => {
                quote = Some(c);
            }
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.saturating_sub(1),
            (None, _) if c == separator && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or(""));
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}
