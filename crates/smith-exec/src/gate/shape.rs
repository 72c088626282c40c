//! What a task expects of a submission.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use super::GateLimits;
use super::refusal::{Refusal, RefusalKind};
use super::table::Table;
use super::value::{self, Value};

/// What a task expects of a submission: its columns, its ids, and what kind of values it takes. Built once for
/// any number of submissions.
#[derive(Debug, Clone)]
pub struct Shape {
    columns: Vec<Column>,
    ids: Option<Ids>,
}

/// A column that is expected.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    /// Every answer that is not missing is a finite number, and there is one.
    pub(super) numbers: bool,
    /// Some answers are missing.
    pub(super) missing: bool,
}

/// The ids that are expected, each in one row.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    /// Number of the id column among the expected ones.
    pub(super) column: usize,
    /// The row of each id in the answers.
    pub(super) rows: HashMap<Box<str>, usize>,
}

impl Shape {
    /// What the answers and the sample submission at these paths expect.
    ///
    /// * The columns are those of the sample.
    /// * The ids are the values of the first column that tells the answers' rows apart and that holds the same
    ///   values in the sample. No value that is in the answers alone is taken for an id, so that what the gate
    ///   says about ids is no secret. Without such a column, ids are not judged.
    /// * Whether a column takes numbers alone, and whether it takes missing values, is told by the answers.
    ///
    /// # Errors
    /// A [`Refusal`] that names the file, when one of the two is no table that the gate would let pass.
    pub fn of(answers: &Path, sample: &Path) -> Result<Self, Refusal> {
        let columns = columns(answers, sample)?;
        let mut ids = None;
        for (column, expected) in columns.iter().enumerate() {
            if let Some(rows) = distinct(answers, &expected.name)?
                && distinct(sample, &expected.name)?.is_some_and(|given| same_keys(&given, &rows))
            {
                ids = Some(Ids { column, rows });
                break;
            }
        }
        Ok(Self { columns, ids })
    }

    /// Names of the columns, in the order of the sample.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Name of the column that holds the ids.
    #[must_use]
    pub fn id_column(&self) -> Option<&str> {
        self.ids.as_ref().map(|ids| self.columns[ids.column].name.as_str())
    }

    pub(super) fn expected(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn ids(&self) -> Option<&Ids> {
        self.ids.as_ref()
    }
}

/// The sample's columns, with what the answers say about those of the same name, and of the others what the sample
/// does: one of numbers alone is for numbers.
fn columns(answers: &Path, sample: &Path) -> Result<Vec<Column>, Refusal> {
    let (mut judged, mut sampled) = (columns_of(answers)?, columns_of(sample)?);
    let names = with_table(sample, |table| Ok(table.names().to_vec()))?;
    Ok(names.iter().filter_map(|name| judged.remove(name).or_else(|| sampled.remove(name))).collect())
}

/// The columns of a table, by name.
fn columns_of(answers: &Path) -> Result<HashMap<String, Column>, Refusal> {
    #[derive(Default, Clone)]
    struct Seen {
        numbers: bool,
        missing: bool,
        other: bool,
    }
    with_table(answers, |table| {
        let mut seen = vec![Seen::default(); table.names().len()];
        while let Some(place) = table.advance()? {
            let seen = &mut seen[place.at];
            match value::read(table.text()) {
                Value::Number => seen.numbers = true,
                Value::Missing => seen.missing = true,
                Value::Infinite | Value::OutOfRange | Value::Text => seen.other = true,
            }
        }
        let columns = table.names().iter().zip(seen).map(|(name, seen)| {
            let numbers = seen.numbers && !seen.other;
            (name.clone(), Column { name: name.clone(), numbers, missing: seen.missing })
        });
        Ok(columns.collect())
    })
}

/// The row of each value of a column, unless two rows share one or there is no such column.
fn distinct(path: &Path, name: &str) -> Result<Option<HashMap<Box<str>, usize>>, Refusal> {
    with_table(path, |table| {
        let Some(column) = table.names().iter().position(|known| known == name) else { return Ok(None) };
        let mut rows = HashMap::new();
        while let Some(place) = table.advance()? {
            if place.at == column && rows.insert(table.text().into(), rows.len()).is_some() {
                return Ok(None);
            }
        }
        Ok(Some(rows))
    })
}

fn same_keys(one: &HashMap<Box<str>, usize>, other: &HashMap<Box<str>, usize>) -> bool {
    one.len() == other.len() && one.keys().all(|key| other.contains_key(key))
}

/// Gives the table in one of the task's own files to `read`.
fn with_table<T>(
    path: &Path,
    read: impl FnOnce(&mut Table<BufReader<File>>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    File::open(path)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Refusal::new(RefusalKind::NotFound, "there is no such file"),
            _ => Refusal::io("the file cannot be opened", error),
        })
        .and_then(|file| read(&mut Table::begin(BufReader::new(file), GateLimits::default())?))
        .map_err(|refusal| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Refusal { message: format!("{name}: {}", refusal.message), ..refusal }
        })
}
