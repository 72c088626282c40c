//! Profiles JSON and JSON Lines as a stream: one record at a time is in memory.
//!
//! Values are cut out by their brackets, then parsed one by one: what is broken is counted and left out, what is
//! nearly JSON is mended, and of a file that ends too soon the records before its end are kept. An object at the top
//! is read twice, first to learn where in it the records lie.

mod flatten;
mod mend;
mod notes;
mod outline;
mod plan;
mod record;
mod scan;
mod tables;

use std::io::Read;

use encoding_rs::UTF_8;
use smith_task_schema::profile::{JsonProfile, TableProfile};

use crate::findings::Findings;
use crate::source::encoding::{self, DecodingReader, Guess};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;
use flatten::Flattener;
use notes::Notes;
use outline::Node;
use record::Kind;
use scan::{Fault, Scanner};
use tables::Table;

/// Keys of an object that are listed.
const MAX_KEYS: usize = 100;
/// Longest record that is read, in bytes.
const MAX_VALUE_BYTES: usize = 16 << 20;

type Input = Box<dyn Read>;

/// Facts of a JSON file, and the tables in it: the records at its top, or those in the arrays of an object, which are
/// then called `FILE!/KEY`. None, with a finding, when it is no JSON. `format` is the tables': `json` or `jsonl`, with
/// `.gz` when compressed.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Option<(JsonProfile, Vec<TableData>)> {
    let mut notes = Notes::default();
    let head = match reader::head(&found.path, SNIFF_BYTES) {
        Ok(head) => head,
        Err(error) => {
            findings.error(&found.relative, format!("cannot be read: {error}"));
            return None;
        }
    };
    let guess = encoding::guess(&head);
    let read = read(&|| open(found, guess), format, max_rows, &mut notes);
    let contents = match read {
        Ok(contents) => contents,
        Err(message) => {
            findings.error(&found.relative, format!("is no sound JSON: {message}"));
            return None;
        }
    };
    if guess.encoding != UTF_8 {
        findings
            .warn(&found.relative, format!("is not UTF-8 but {}, as far as its bytes tell", guess.name()));
    }
    notes.report(&found.relative, contents.records(), findings);
    Some(contents.finish(&found.relative, format, &notes, findings))
}

/// Reads JSON from memory, for tests with arbitrary bytes.
pub(crate) fn read_bytes(bytes: &[u8], format: &str) -> usize {
    let mut notes = Notes::default();
    let open = || -> Result<Input, String> { Ok(Box::new(std::io::Cursor::new(bytes.to_vec()))) };
    let mut findings = Findings::default();
    read(&open, format, 1_000, &mut notes)
        .map_or(0, |contents| contents.finish("x", format, &notes, &mut findings).1.len())
}

fn open(found: &Found, guess: Guess) -> Result<Input, String> {
    let plain = reader::open(&found.path).map_err(|e| format!("it cannot be read: {e}"))?;
    // The decoder drops the byte order mark; bytes that are no UTF-8 become replacement characters later on.
    Ok(if guess.encoding == UTF_8 && guess.mark == 0 {
        plain
    } else {
        Box::new(DecodingReader::new(plain, guess.encoding))
    })
}

/// What a file holds.
enum Contents {
    /// Values one after the other.
    Sequence {
        word: &'static str,
        rows: Box<Sequence>,
    },
    /// An object with tables in it.
    Object {
        top: Node,
        tables: Vec<Table>,
    },
    Single,
}

/// Values one after the other.
struct Sequence {
    elements: u64,
    objects: u64,
    lists: u64,
    /// Length of the lists while they are all alike.
    width: Option<u64>,
    records: Flattener,
    list_rows: Flattener,
}

impl Sequence {
    fn new() -> Self {
        let (records, list_rows) = (Flattener::new(), Flattener::flat());
        Self { elements: 0, objects: 0, lists: 0, width: None, records, list_rows }
    }

    /// Takes one value in; the cells of those beyond `max_rows` are left out.
    fn add(&mut self, raw: &str, max_rows: u64) {
        self.elements += 1;
        match Kind::of(raw) {
            Kind::Object => {
                self.objects += 1;
                if self.records.rows() < max_rows {
                    self.records.add(None, raw);
                }
            }
            Kind::Array => self.add_list(raw, max_rows),
            _ => {}
        }
    }

    fn add_list(&mut self, raw: &str, max_rows: u64) {
        let Some((length, _)) = record::outline_of_array(raw) else { return };
        let alike = self.lists == 0 || self.width == Some(length);
        self.width = alike.then_some(length);
        self.lists += 1;
        if self.width.is_some_and(|width| width >= 2) && self.list_rows.rows() < max_rows {
            tables::add_row(&mut self.list_rows, &[], raw);
        }
    }

    fn words(&self, word: &str) -> String {
        match (self.elements, self.objects, self.lists) {
            (0, ..) => word.to_string(),
            (all, objects, _) if all == objects => format!("{word} of objects"),
            (all, _, lists) if all == lists => format!("{word} of arrays"),
            (_, 0, _) => format!("{word} of values"),
            _ => format!("{word} of objects and values"),
        }
    }

    /// The rows, when the values are all objects or all lists alike.
    fn table(self) -> Option<Flattener> {
        if self.objects > 0 && self.objects == self.elements {
            Some(self.records)
        } else if self.lists > 0 && self.lists == self.elements && self.width.is_some_and(|width| width >= 2)
        {
            Some(self.list_rows)
        } else {
            None
        }
    }
}

impl Contents {
    fn records(&self) -> u64 {
        match self {
            Self::Sequence { rows, .. } => rows.elements,
            Self::Object { tables, .. } => tables.iter().map(|table| table.records).sum(),
            Self::Single => 0,
        }
    }

    fn finish(
        self,
        path: &str,
        format: &str,
        notes: &Notes,
        findings: &mut Findings,
    ) -> (JsonProfile, Vec<TableData>) {
        match self {
            Self::Single => (JsonProfile::new(path, "single value"), Vec::new()),
            Self::Sequence { word, rows } => {
                let mut json = JsonProfile::new(path, rows.words(word));
                let elements = rows.elements;
                json.records = Some(elements);
                let table = rows.table().map(|rows| {
                    let mut table = TableProfile::new(path, format);
                    table.exact = notes.is_complete() && rows.rows() == elements;
                    rows.finish(table, findings)
                });
                if let Some(table) = &table {
                    let names = table.facts.columns.iter().map(|column| column.name.clone());
                    json.keys = names.take(MAX_KEYS).collect();
                }
                (json, table.into_iter().collect())
            }
            Self::Object { top, tables } => {
                let mut json = JsonProfile::new(path, "object");
                let keys = top.named.iter().take(MAX_KEYS);
                json.keys = keys.map(|(key, node)| format!("{key}: {}", node.words())).collect();
                if let [table] = tables.as_slice() {
                    json.records = Some(table.records);
                }
                let finish = |table: Table| {
                    let path = match table.plan.path.join("/") {
                        inner if inner.is_empty() => path.to_string(),
                        inner => format!("{path}!/{inner}"),
                    };
                    let mut facts = TableProfile::new(path, format);
                    facts.exact = notes.is_complete() && table.rows.rows() == table.records;
                    table.rows.finish(facts, findings)
                };
                (json, tables.into_iter().filter(|table| table.records > 0).map(finish).collect())
            }
        }
    }
}

fn read(
    open: &dyn Fn() -> Result<Input, String>,
    format: &str,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<Contents, String> {
    let lines_first = format.starts_with("jsonl");
    if lines_first && let Some(contents) = sequence(open, max_rows, notes)? {
        return Ok(contents);
    }
    let first = Scanner::new(open()?, 0).peek().map_err(|fault| fault.to_string())?;
    let contents = match first {
        None => return Err(String::from("there is no value")),
        Some(b'[') => array(open()?, max_rows, notes)?,
        Some(b'{') => object(open, max_rows, notes)?,
        Some(_) => single(open()?)?,
    };
    if let Some(contents) = contents {
        return Ok(contents);
    }
    // A second value behind the first makes JSON Lines of what is named JSON.
    *notes = Notes::default();
    sequence(open, max_rows, notes)?.ok_or_else(|| String::from("there is no sound value"))
}

/// Ends a reading that a fault stopped: what came before it counts, if there is any.
fn stopped(fault: Fault, any: bool, notes: &mut Notes) -> Result<(), String> {
    match fault {
        _ if !any => Err(fault.to_string()),
        Fault::End => {
            notes.cut_off = true;
            Ok(())
        }
        other => {
            notes.fault = Some(other.to_string());
            Ok(())
        }
    }
}

/// An array at the top; none when other values follow it.
fn array(input: Input, max_rows: u64, notes: &mut Notes) -> Result<Option<Contents>, String> {
    let mut scanner = Scanner::new(input, MAX_VALUE_BYTES);
    let mut rows = Sequence::new();
    let mut read = || -> Result<bool, Fault> {
        scanner.open(b'[')?;
        while scanner.next(b']')? {
            if let Some(raw) = notes.next_value(&mut scanner)? {
                rows.add(&raw, max_rows);
            }
        }
        Ok(scanner.peek()?.is_none())
    };
    let result = read();
    notes.take(&scanner);
    match result {
        Ok(false) => return Ok(None),
        Ok(true) if rows.elements == 0 && notes.broken > 0 => {
            return Err(String::from("no value in it is sound"));
        }
        Ok(true) => {}
        Err(fault) => stopped(fault, rows.objects + rows.lists > 0, notes)?,
    }
    Ok(Some(Contents::Sequence { word: "array", rows: Box::new(rows) }))
}

/// An object at the top; none when other values follow it.
fn object(
    open: &dyn Fn() -> Result<Input, String>,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<Option<Contents>, String> {
    let mut scanner = Scanner::new(open()?, MAX_VALUE_BYTES);
    let mut top = Node::default();
    let result = top.read(&mut scanner, 0).and_then(|()| Ok(scanner.peek()?.is_none()));
    let plans = plan::plan(&top);
    match result {
        Ok(false) => return Ok(None),
        Ok(true) => {}
        Err(fault) => stopped(fault, !plans.is_empty(), notes)?,
    }
    let mut tables: Vec<Table> = plans.into_iter().map(Table::new).collect();
    let mut scanner = Scanner::new(open()?, MAX_VALUE_BYTES);
    if !tables.is_empty() {
        let second = tables::read(&mut scanner, &mut Vec::new(), &mut tables, max_rows, notes);
        if let Err(fault) = second {
            stopped(fault, true, notes)?;
        }
    } else if notes.is_complete() {
        check_whole(&mut scanner, notes)?;
    }
    notes.take(&scanner);
    Ok(Some(Contents::Object { top, tables }))
}

/// Parses an object without tables as a whole, when it is not too long, so that nonsense in brackets is no JSON.
fn check_whole(scanner: &mut Scanner<Input>, notes: &mut Notes) -> Result<(), String> {
    let whole = notes.next_value(scanner).map_err(|fault| fault.to_string())?;
    if whole.is_none() && notes.broken > 0 {
        return Err(String::from("it is an object with parts that are no JSON"));
    }
    scanner.too_long = 0;
    Ok(())
}

/// A lone number, string or word; none when more follows.
fn single(input: Input) -> Result<Option<Contents>, String> {
    let mut scanner = Scanner::new(input, MAX_VALUE_BYTES);
    let mut raw = Vec::new();
    let kept = scanner.value(&mut raw).map_err(|fault| fault.to_string())?;
    if kept && !record::is_sound(&String::from_utf8_lossy(&raw)) {
        return Err(String::from("it does not begin with a value"));
    }
    let alone = scanner.peek().map_err(|fault| fault.to_string())?.is_none();
    Ok(alone.then_some(Contents::Single))
}

/// Values one after the other: one a line, or else wherever they end. None when there is not a single sound one.
fn sequence(
    open: &dyn Fn() -> Result<Input, String>,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<Option<Contents>, String> {
    let (rows, line_notes) = lines(open()?, max_rows)?;
    if rows.elements > 0 && line_notes.broken <= rows.elements {
        *notes = line_notes;
        return Ok(Some(Contents::Sequence { word: "JSON Lines", rows: Box::new(rows) }));
    }
    let (rows, value_notes) = values(open()?, max_rows)?;
    if rows.elements == 0 || value_notes.broken >= rows.elements {
        return Ok(None);
    }
    *notes = value_notes;
    Ok(Some(Contents::Sequence { word: "JSON values", rows: Box::new(rows) }))
}

fn lines(input: Input, max_rows: u64) -> Result<(Sequence, Notes), String> {
    let mut scanner = Scanner::new(input, MAX_VALUE_BYTES);
    let (mut rows, mut notes, mut line) = (Sequence::new(), Notes::default(), Vec::new());
    loop {
        match scanner.line(&mut line) {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                stopped(fault, rows.elements > 0, &mut notes)?;
                break;
            }
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        notes.values += 1;
        if let Some(raw) = notes.sound(text.strip_suffix(b",").unwrap_or(text)) {
            rows.add(&raw, max_rows);
        }
    }
    notes.take(&scanner);
    Ok((rows, notes))
}

fn values(input: Input, max_rows: u64) -> Result<(Sequence, Notes), String> {
    let mut scanner = Scanner::new(input, MAX_VALUE_BYTES);
    let (mut rows, mut notes) = (Sequence::new(), Notes::default());
    let mut read = || -> Result<(), Fault> {
        while let Some(byte) = scanner.peek()? {
            match byte {
                b',' => scanner.pass(),
                b']' | b'}' | b':' => return Err(Fault::Unexpected(byte)),
                _ => {
                    if let Some(raw) = notes.next_value(&mut scanner)? {
                        rows.add(&raw, max_rows);
                    }
                }
            }
        }
        Ok(())
    };
    if let Err(fault) = read() {
        stopped(fault, rows.elements > 0, &mut notes)?;
    }
    notes.take(&scanner);
    Ok((rows, notes))
}

#[cfg(test)]
mod tests;
