//! Divides the ids of a task into a validation and a test part, and cuts tables accordingly.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Ids that each part has at least: a score over fewer says nothing.
pub(super) const LEAST_IDS: usize = 5;

/// UTF-8's byte-order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the hash that divides is for.
const CONTEXT: &str = "smith 2026 division of ids into a validation and a test part";

/// One of the two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// What agents are told the score of.
    Validation,
    /// What counts in the end.
    Test,
}

/// Which part every id of a task is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Division {
    /// Name of the column that holds the ids: the first one of the answers.
    key: Vec<u8>,
    parts: HashMap<Box<[u8]>, Part>,
}

/// A table's bytes, divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) validation: Vec<u8>,
    pub(super) test: Vec<u8>,
}

impl Division {
    /// Divides the ids in the first column of `answers`, a CSV. An id's part depends on the seed, on what the answers
    /// hold in whatever order, which only those who know them can compute, and on `share`; ids of several rows are in
    /// one part.
    ///
    /// # Errors
    /// A sentence when the answers cannot be read or a part would have fewer than [`LEAST_IDS`] ids.
    pub(super) fn of(answers: &[u8], share: f64, seed: u64) -> Result<Self, String> {
        let table = Rows::read(answers)?;
        let key = table.names.first().cloned().ok_or("it has no columns")?;
        let secret = secret(seed, answers, &table);
        let ids: HashSet<&[u8]> = table.rows.iter().map(Row::first).collect();
        let mut ranked: Vec<([u8; 32], &[u8])> =
            ids.into_iter().map(|id| (*blake3::keyed_hash(&secret, id).as_bytes(), id)).collect();
        ranked.sort_unstable();
        let validation = (share * ranked.len() as f64).round() as usize;
        if validation < LEAST_IDS || ranked.len().saturating_sub(validation) < LEAST_IDS {
            return Err(format!(
                "its {} ids cannot be divided with a share of {share} so that each part has {LEAST_IDS} or more",
                ranked.len()
            ));
        }
        let part = |rank| if rank < validation { Part::Validation } else { Part::Test };
        let parts = ranked.into_iter().enumerate().map(|(rank, (_, id))| (id.into(), part(rank))).collect();
        Ok(Self { key, parts })
    }

    /// Divides the rows of a CSV by their ids: the header and the text of the rows stay as they are, and so does
    /// their order.
    ///
    /// # Errors
    /// A sentence for the author of the table when it has not the ids of the answers, each at least once.
    pub(super) fn cut(&self, table: &[u8]) -> Result<Cut, String> {
        let rows = Rows::read(table)?;
        let key = rows.names.iter().position(|name| *name == self.key);
        let key = key.ok_or_else(|| format!("there is no column {:?}", text(&self.key)))?;
        let header = line(table, &rows.header);
        let mut cut = Cut { validation: header.clone(), test: header };
        let mut seen = HashSet::new();
        for row in &rows.rows {
            let id = row.value(key);
            let Some((id, part)) = self.parts.get_key_value(id) else {
                return Err(format!("the id {:?} is unknown", text(id)));
            };
            seen.insert(id);
            let target = match part {
                Part::Validation => &mut cut.validation,
                Part::Test => &mut cut.test,
            };
            target.extend(line(table, &row.range));
        }
        match self.parts.len() - seen.len() {
            0 => Ok(cut),
            missing => Err(format!("{missing} ids are missing in the column {:?}", text(&self.key))),
        }
    }
}

/// A hash key that does not depend on the order of the answers' rows.
fn secret(seed: u64, answers: &[u8], table: &Rows) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&seed.to_le_bytes());
    let mut rows: Vec<[u8; 32]> =
        table.rows.iter().map(|row| *blake3::hash(&line(answers, &row.range)).as_bytes()).collect();
    rows.sort_unstable();
    for row in rows {
        hasher.update(&row);
    }
    *hasher.finalize().as_bytes()
}

/// Where the rows of a CSV lie in its bytes.
struct Rows {
    names: Vec<Vec<u8>>,
    header: Range<usize>,
    rows: Vec<Row>,
}

struct Row {
    record: csv::ByteRecord,
    range: Range<usize>,
}

impl Row {
    fn value(&self, column: usize) -> &[u8] {
        self.record.get(column).unwrap_or_default()
    }

    fn first(&self) -> &[u8] {
        self.value(0)
    }
}

impl Rows {
    fn read(table: &[u8]) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table);
        let mut rows = Vec::new();
        loop {
            let (mut record, from) = (csv::ByteRecord::new(), at(&reader));
            let more = reader.read_byte_record(&mut record).map_err(|error| error.to_string())?;
            if !more {
                break;
            }
            if !is_blank(&record) {
                rows.push(Row { record, range: from..at(&reader) });
            }
        }
        let mut rows = rows.into_iter();
        let header = rows.next().ok_or("it has no header")?;
        let names = header.record.iter().enumerate().map(|(column, name)| match column {
            0 => name.strip_prefix(BYTE_ORDER_MARK).unwrap_or(name).to_vec(),
            _ => name.to_vec(),
        });
        Ok(Self { names: names.collect(), header: header.range, rows: rows.collect() })
    }
}

/// Position in the table, whose size is that of memory.
fn at(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

/// Whether pandas skips the line.
fn is_blank(record: &csv::ByteRecord) -> bool {
    record.len() == 1 && record[0].iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// One row with one line feed at its end: the reader leaves the second byte of a line's end to the next row.
fn line(table: &[u8], range: &Range<usize>) -> Vec<u8> {
    let bytes = table.get(range.clone()).unwrap_or_default();
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let from = bytes.iter().position(|byte| !is_end(byte)).unwrap_or(bytes.len());
    let to = bytes.iter().rposition(|byte| !is_end(byte)).map_or(from, |last| last + 1);
    let mut line = bytes[from..to].to_vec();
    line.push(b'\n');
    line
}

/// The beginning of a value, for a message.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(40).collect()
}

#[cfg(test)]
mod tests;
