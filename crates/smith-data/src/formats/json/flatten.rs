//! Makes one table of records that hold records: fields inside fields become columns with dotted names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use smith_task_schema::figure::six_digits;
use smith_task_schema::profile::{Elements, TableProfile};

use super::record::{self, Kind};
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::table_data::TableData;

/// Records from which it is learnt which fields are opened.
const SAMPLE_RECORDS: usize = 200;
/// Bytes of them.
const SAMPLE_BYTES: usize = 4 << 20;
/// Fields inside fields that are opened.
const MAX_DEPTH: usize = 8;
/// More different keys than this make an object a dictionary, whose keys are values.
const MAX_KEYS: usize = 100;
/// So many different keys are a record however seldom each of them occurs.
const FEW_KEYS: usize = 8;
/// Share of the keys that an object has at least when it is a record.
const MIN_FILL: f64 = 0.1;

/// Gathers records.
#[derive(Debug)]
pub(super) struct Flattener {
    builder: TableBuilder,
    columns: Vec<FlatColumn>,
    by_name: HashMap<String, usize>,
    sample: Vec<(Option<String>, String)>,
    sample_bytes: usize,
    /// Objects that are opened, by their dotted names; none before that is known.
    opened: Option<BTreeSet<String>>,
    touched: Vec<usize>,
    twice: u64,
}

#[derive(Debug, Default)]
struct FlatColumn {
    name: String,
    cell: Cell,
    lists: Lists,
}

#[derive(Debug, Default)]
enum Cell {
    #[default]
    None,
    Text(String),
    Nested(String),
}

/// Lengths and elements of the lists of a column.
#[derive(Debug, Default)]
struct Lists {
    count: u64,
    elements: u64,
    shortest: u64,
    longest: u64,
    kinds: BTreeSet<Kind>,
}

impl Lists {
    fn add(&mut self, raw: &str) {
        let Some((length, kinds)) = record::outline_of_array(raw) else { return };
        self.shortest = if self.count == 0 { length } else { self.shortest.min(length) };
        self.longest = self.longest.max(length);
        self.count += 1;
        self.elements += length;
        self.kinds.extend(kinds.into_iter().filter(|kind| *kind != Kind::Null));
    }

    fn facts(&self) -> Option<Elements> {
        if self.count == 0 {
            return None;
        }
        let kind = match self.kinds.iter().copied().collect::<Vec<_>>().as_slice() {
            [] => "null",
            [kind] => kind.word(),
            _ => "mixed",
        };
        let mean = six_digits(self.elements as f64 / self.count as f64);
        Some(Elements::new(kind, self.shortest, self.longest, mean))
    }
}

impl Flattener {
    /// Opens the fields that the first records show to be records.
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    /// Opens no field.
    pub(super) fn flat() -> Self {
        Self::with(Some(BTreeSet::new()))
    }

    fn with(opened: Option<BTreeSet<String>>) -> Self {
        Self {
            builder: TableBuilder::growing(),
            columns: Vec::new(),
            by_name: HashMap::new(),
            sample: Vec::new(),
            sample_bytes: 0,
            opened,
            touched: Vec::new(),
            twice: 0,
        }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.builder.rows() + self.sample.len() as u64
    }

    /// Adds a record, which is a sound object, with its key where it has one.
    pub(super) fn add(&mut self, key: Option<&str>, raw: &str) {
        if self.opened.is_some() {
            self.push(key, raw);
            return;
        }
        self.sample_bytes += raw.len();
        self.sample.push((key.map(ToString::to_string), raw.to_string()));
        if self.sample.len() >= SAMPLE_RECORDS || self.sample_bytes >= SAMPLE_BYTES {
            self.learn();
        }
    }

    /// Adds a row of values as they are written.
    pub(super) fn add_values<'a>(&mut self, fields: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, raw) in fields {
            self.set(name, raw);
        }
        self.end_row();
    }

    fn learn(&mut self) {
        let mut seen = Seen::default();
        let sample = std::mem::take(&mut self.sample);
        for (_, raw) in &sample {
            seen.look(raw, "", 0);
        }
        self.opened = Some(seen.records());
        for (key, raw) in &sample {
            self.push(key.as_deref(), raw);
        }
    }

    fn push(&mut self, key: Option<&str>, raw: &str) {
        if let Some(key) = key {
            self.put("key", Cell::Text(key.to_string()));
        }
        let mut name = String::new();
        self.push_fields(raw, &mut name, 0);
        self.end_row();
    }

    fn push_fields(&mut self, raw: &str, name: &mut String, depth: usize) {
        let Some(record::Fields(fields)) = record::fields(raw) else { return };
        let length = name.len();
        for (key, value) in &fields {
            name.truncate(length);
            if length > 0 {
                name.push('.');
            }
            name.push_str(key);
            let opened = depth < MAX_DEPTH
                && Kind::of(value) == Kind::Object
                && self.opened.as_ref().is_some_and(|opened| opened.contains(name.as_str()));
            if opened {
                self.push_fields(value, name, depth + 1);
            } else {
                self.set(name, value);
            }
        }
        name.truncate(length);
    }

    fn set(&mut self, name: &str, raw: &str) {
        let cell = match Kind::of(raw) {
            Kind::Null => Cell::None,
            Kind::String => {
                Cell::Text(record::text_of(raw).unwrap_or_else(|| raw.trim_matches('"').to_string()))
            }
            Kind::Array | Kind::Object => Cell::Nested(raw.to_string()),
            Kind::Boolean | Kind::Number => Cell::Text(raw.to_string()),
        };
        if let (Cell::Nested(raw), Some(index)) = (&cell, self.index(name))
            && raw.starts_with('[')
        {
            self.columns[index].lists.add(raw);
        }
        self.put(name, cell);
    }

    /// The place of a column, made when it is new; none when there are too many.
    fn index(&mut self, name: &str) -> Option<usize> {
        if let Some(&index) = self.by_name.get(name) {
            return Some(index);
        }
        self.builder.named(name)?;
        let index = self.columns.len();
        self.columns.push(FlatColumn { name: name.to_string(), ..FlatColumn::default() });
        self.by_name.insert(name.to_string(), index);
        Some(index)
    }

    /// Sets a cell of the row; of a name that occurs again the last value counts.
    fn put(&mut self, name: &str, cell: Cell) {
        let Some(index) = self.index(name) else { return };
        if self.touched.contains(&index) {
            self.twice += 1;
        } else {
            self.touched.push(index);
        }
        self.columns[index].cell = cell;
    }

    fn end_row(&mut self) {
        for index in self.touched.drain(..) {
            let column = &mut self.columns[index];
            let Some(target) = self.builder.named(&column.name) else { continue };
            match std::mem::take(&mut column.cell) {
                Cell::None => {}
                Cell::Text(text) => target.push(&text),
                Cell::Nested(text) => target.push_nested(&text),
            }
        }
        self.builder.end_row();
    }

    /// The table of all records.
    pub(super) fn finish(mut self, table: TableProfile, findings: &mut Findings) -> TableData {
        if self.opened.is_none() {
            self.learn();
        }
        if self.twice > 0 {
            let message = format!(
                "{} keys occur more than once in their record; the last value of each is profiled",
                self.twice
            );
            findings.warn(&table.path, message);
        }
        let mut table = self.builder.finish(table, findings);
        for (facts, column) in table.facts.columns.iter_mut().zip(&self.columns) {
            facts.elements = column.lists.facts();
        }
        table
    }
}

/// The objects inside the first records, by their dotted names.
#[derive(Debug, Default)]
struct Seen {
    objects: BTreeMap<String, Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    objects: u64,
    fields: u64,
    names: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, raw: &str, name: &str, depth: usize) {
        let Some(record::Fields(fields)) = record::fields(raw) else { return };
        for (key, value) in fields {
            if Kind::of(value) != Kind::Object {
                continue;
            }
            let name = if name.is_empty() { key } else { Cow::Owned(format!("{name}.{key}")) };
            if !self.objects.contains_key(name.as_ref()) && self.objects.len() > 10 * MAX_KEYS {
                continue;
            }
            self.count(&name, value);
            if depth < MAX_DEPTH {
                self.look(value, &name, depth + 1);
            }
        }
    }

    fn count(&mut self, name: &str, raw: &str) {
        let Some(record::Fields(fields)) = record::fields(raw) else { return };
        if fields.is_empty() {
            return;
        }
        let keys = self.objects.entry(name.to_string()).or_default();
        keys.objects += 1;
        keys.fields += fields.len() as u64;
        for (key, _) in fields {
            if keys.names.len() <= MAX_KEYS {
                keys.names.insert(key.into_owned());
            }
        }
    }

    /// Names of the objects that are records: their keys are few, or each of them occurs in many.
    fn records(self) -> BTreeSet<String> {
        let is_record = |keys: &Keys| {
            let fill = keys.fields as f64 / (keys.objects as f64 * keys.names.len() as f64);
            keys.names.len() <= FEW_KEYS || (keys.names.len() <= MAX_KEYS && fill >= MIN_FILL)
        };
        self.objects.into_iter().filter(|(_, keys)| is_record(keys)).map(|(name, _)| name).collect()
    }
}
