//! Gathers one column, value by value, in bounded memory.
//!
//! Every different value is understood once, when it is first seen; after that a cell costs its hash and a look into
//! the dictionary. A column with too many different values goes on with sketches.

mod sample;
mod sketch;
mod typed;

use crate::column::dictionary::{Dictionary, NewValue};
use crate::column::extremes::Extremes;
use crate::column::hash;
use crate::column::order::Order;
use crate::column::value::{Class, classify};
use crate::overview::display::{one_line, prefix};
use crate::table_data::ColumnData;

use sample::{NOTHING, Sample, Sampled};
use sketch::Sketch;
pub(crate) use typed::Typed;

/// Different values of one column that are counted exactly.
pub(crate) const MAX_DISTINCT: usize = 1_000_000;
/// Values that go on being counted when a column has too many different ones.
const WATCHED: usize = 4_096;
/// Values that go on being counted when a whole table has too many different ones.
pub(crate) const WATCHED_OF_MANY: usize = 64;
/// First different values that are kept as examples.
pub(crate) const EXAMPLES: usize = 5;
/// Length in characters to which a value is shown.
pub(crate) const SHOWN_CHARS: usize = 60;
/// Words from which on a value is a text that can be nearly the same as another.
const TEXT_WORDS: u16 = 6;
/// Longest value that is kept as it was written, in bytes.
const LONGEST_WRITTEN: usize = 400;
/// Longest text that is kept for comparison, in bytes.
const LONGEST_TEXT: usize = 20_000;
/// Cells that are looked up before they are taken in.
const LOOK_AHEAD: usize = 32;
/// Whole numbers below it are told apart by `f64`.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

/// How much a column keeps beside its dictionary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep {
    /// Values as they were written.
    pub(crate) written: usize,
    /// Bytes of texts for comparison.
    pub(crate) text_bytes: usize,
}

/// Accumulates one column.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Between whole and fraction of a number.
    decimal: u8,
    keep: Keep,
    /// Spreads the hashes of this column's values differently from those of other columns.
    salt: u64,
    pub(crate) dictionary: Dictionary,
    /// There once there were too many different values.
    pub(crate) sketch: Option<Box<Sketch>>,
    pub(crate) order: Order,
    pub(crate) numbers: Option<Extremes>,
    pub(crate) dates: Option<Extremes>,
    pub(crate) examples: Vec<String>,
    pub(crate) shortest: Option<(u32, String)>,
    pub(crate) longest: Option<(u32, String)>,
    pub(crate) written: Vec<Box<str>>,
    pub(crate) texts: Vec<Box<str>>,
    text_bytes: usize,
    pub(crate) all_texts: bool,
    pub(crate) first_stray: Option<String>,
    pub(crate) sample: Sample,
    last: Option<(u64, usize)>,
    /// What the current row adds to its hash, for tables that are read row by row.
    row_hash: u64,
    row_value: Sampled,
    row_text: String,
}

/// The text that cells are ranges of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellBlock<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) quote: u8,
}

/// A cell: a range of the bytes of its block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    /// Length in bytes; the highest bit says that quotation marks are still in it.
    pub(crate) length: u32,
}

/// A cell that was looked up: its hash, and where the dictionary had it.
#[derive(Debug, Clone, Copy, Default)]
struct Ahead {
    hash: u64,
    index: Option<usize>,
}

impl Span {
    pub(crate) const QUOTED: u32 = 1 << 31;

    /// Whether quotation marks are still in it.
    pub(crate) fn is_quoted(self) -> bool {
        self.length & Self::QUOTED != 0
    }

    /// The bytes of the cell.
    #[inline]
    pub(crate) fn of(self, block: &[u8]) -> &[u8] {
        let start = self.start as usize;
        &block[start..start + (self.length & !Self::QUOTED) as usize]
    }
}

impl Column {
    /// An empty column. `decimal` stands between whole and fraction of a number.
    pub(crate) fn new(name: &str, position: usize, decimal: u8, keep: Keep) -> Self {
        Self {
            name: name.to_string(),
            decimal,
            keep,
            salt: hash::mixed(position as u64 + 1),
            dictionary: Dictionary::default(),
            sketch: None,
            order: Order::new(),
            numbers: None,
            dates: None,
            examples: Vec::new(),
            shortest: None,
            longest: None,
            written: Vec::new(),
            texts: Vec::new(),
            text_bytes: 0,
            all_texts: true,
            first_stray: None,
            sample: Sample::Indexed(Vec::new()),
            last: None,
            row_hash: 0,
            row_value: NOTHING,
            row_text: String::new(),
        }
    }

    /// Adds the cells of a block of rows. `sampled` are the places of the sampled rows; `row_hashes` gets what each
    /// cell adds to the hash of its row.
    pub(crate) fn push_block(
        &mut self,
        block: CellBlock<'_>,
        cells: &[Span],
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        let mut unquoted = Vec::new();
        let mut ahead = [Ahead::default(); LOOK_AHEAD];
        self.push_rows(sampled, row_hashes, |column, row| {
            if row % LOOK_AHEAD == 0 {
                column.look_ahead(block.bytes, cells.get(row..).unwrap_or_default(), &mut ahead);
            }
            let Some(span) = cells.get(row) else { return NOTHING };
            let cell = span.of(block.bytes);
            if !span.is_quoted() {
                return column.push_looked_up(trimmed(cell), ahead[row % LOOK_AHEAD]);
            }
            unquote(cell, block.quote, &mut unquoted);
            column.push_cell(&unquoted)
        });
    }

    /// Looks the next cells up, one after the other with nothing in between: the processor then waits for the memory
    /// of several at once.
    fn look_ahead(&self, bytes: &[u8], cells: &[Span], ahead: &mut [Ahead]) {
        for (span, ahead) in cells.iter().zip(ahead.iter_mut()) {
            ahead.hash = hash::of_bytes(trimmed(span.of(bytes)));
        }
        let mut last = Ahead { hash: 0, index: None };
        for ahead in ahead.iter_mut().take(cells.len()) {
            if ahead.hash != last.hash {
                last = Ahead { hash: ahead.hash, index: self.dictionary.find(ahead.hash) };
            }
            *ahead = last;
        }
    }

    /// Takes in a cell that was looked up before the cells ahead of it were taken in.
    #[inline]
    fn push_looked_up(&mut self, cell: &[u8], ahead: Ahead) -> Sampled {
        if cell.is_empty() {
            return NOTHING;
        }
        // The values may have been thinned out since.
        let known = ahead.index.filter(|&index| self.dictionary.is_at(index, ahead.hash));
        match known.or_else(|| self.dictionary.find(ahead.hash)) {
            Some(index) => self.count_known(index, ahead.hash, cell),
            None => self.push_new(ahead.hash, cell),
        }
    }

    /// Takes in one value for each row hash.
    #[inline]
    fn push_rows(
        &mut self,
        sampled: &[u32],
        row_hashes: &mut [u64],
        mut value_of: impl FnMut(&mut Self, usize) -> Sampled,
    ) {
        let mut next = sampled.iter().copied().peekable();
        for (row, row_hash) in row_hashes.iter_mut().enumerate() {
            let value = value_of(self, row);
            *row_hash = row_hash.wrapping_add(self.salted(value.identity));
            if next.next_if_eq(&(row as u32)).is_some() {
                self.sample.push(value);
            }
        }
    }

    /// What a value adds to the hash of its row: nothing when it is missing.
    #[inline]
    fn salted(&self, identity: u64) -> u64 {
        if identity == 0 {
            0
        } else {
            (identity ^ self.salt).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        }
    }

    #[inline]
    fn push_cell(&mut self, cell: &[u8]) -> Sampled {
        let cell = trimmed(cell);
        if cell.is_empty() {
            return NOTHING;
        }
        let hash = hash::of_bytes(cell);
        let known = match self.last {
            Some((last, index)) if last == hash => Some(index),
            _ => self.dictionary.find(hash),
        };
        match known {
            Some(index) => self.count_known(index, hash, cell),
            None => self.push_new(hash, cell),
        }
    }

    #[inline]
    fn count_known(&mut self, index: usize, hash: u64, cell: &[u8]) -> Sampled {
        self.last = Some((hash, index));
        let entry = *self.dictionary.count(index, cell);
        let place = place_in_order(entry.class, entry.number);
        let value = Sampled { identity: entry.identity, number: place, index: index as u32 + 1 };
        if !self.order.is_lost() && entry.class != Class::Missing {
            self.order.see(place, entry.identity);
        }
        if let Some(sketch) = &mut self.sketch {
            sketch.add(&NewValue::from(&entry), 1);
        }
        if entry.class == Class::Missing { NOTHING } else { value }
    }

    /// A value that is not in the dictionary.
    fn push_new(&mut self, hash: u64, cell: &[u8]) -> Sampled {
        let text = String::from_utf8_lossy(cell);
        let (class, number) = classify(&text, self.decimal);
        let identity = match class {
            Class::Missing => 0,
            // Long keys of digits differ where the number no longer does.
            Class::Integer if !is_exact(number) => text.parse().map_or(hash, identity_of_long),
            Class::Integer | Class::Decimal => hash::of_number(number),
            _ => hash,
        };
        let (length, words) = measure(&text);
        self.add_new(NewValue { hash, identity, number, length, words, class }, 1, &text)
    }

    /// Takes a new value in that was seen `times`, with its text where it has one.
    fn add_new(&mut self, value: NewValue, times: u64, text: &str) -> Sampled {
        if value.class != Class::Missing {
            self.note(&value, text);
            if !self.order.is_lost() {
                self.order.see(place_in_order(value.class, value.number), value.identity);
            }
        }
        let number = place_in_order(value.class, value.number);
        let mut sampled = Sampled { identity: value.identity, number, index: 0 };
        if let Some(sketch) = &mut self.sketch {
            sketch.add(&value, times);
            return sampled;
        }
        let index = self.dictionary.insert(value);
        self.dictionary.keep_early_text(index, text.as_bytes(), self.keep.written);
        self.dictionary.count_times(index, times);
        self.last = Some((value.hash, index));
        sampled.index = index as u32 + 1;
        if self.dictionary.len() > MAX_DISTINCT {
            self.give_up_dictionary(WATCHED);
        }
        if value.class == Class::Missing { NOTHING } else { sampled }
    }

    /// What is noted of a value when it is first seen: extremes, examples, texts.
    fn note(&mut self, value: &NewValue, text: &str) {
        match value.class {
            Class::Integer | Class::Decimal => Extremes::add(&mut self.numbers, value.number, text),
            Class::Date => Extremes::add(&mut self.dates, value.number, text),
            _ => {}
        }
        if self.examples.len() < EXAMPLES && !text.is_empty() {
            self.examples.push(one_line(text, SHOWN_CHARS));
        }
        if text.is_empty() {
            return;
        }
        if !value.class.is_number() {
            if self.first_stray.is_none() {
                self.first_stray = Some(one_line(text, SHOWN_CHARS));
            }
            self.note_lengths(value.length, text);
        }
        // Without the dictionary nothing tells whether a value is new.
        if self.sketch.is_none() && self.written.len() < self.keep.written {
            self.written.push(prefix(text, LONGEST_WRITTEN).into());
        }
        if value.words >= TEXT_WORDS {
            self.keep_text(text);
        }
    }

    fn note_lengths(&mut self, length: u32, text: &str) {
        if self.shortest.as_ref().is_none_or(|(shortest, _)| length < *shortest) {
            self.shortest = Some((length, one_line(text, SHOWN_CHARS)));
        }
        if self.longest.as_ref().is_none_or(|(longest, _)| length > *longest) {
            self.longest = Some((length, one_line(text, SHOWN_CHARS)));
        }
    }

    fn keep_text(&mut self, text: &str) {
        let kept = prefix(text, LONGEST_TEXT);
        let is_full =
            self.texts.len() == ColumnData::MAX_TEXTS || self.text_bytes + kept.len() > self.keep.text_bytes;
        if is_full || self.sketch.is_some() {
            self.all_texts = false;
            return;
        }
        self.text_bytes += kept.len();
        self.texts.push(kept.into());
    }

    /// Goes on without the dictionary but for its `watched` most frequent values.
    pub(crate) fn give_up_dictionary(&mut self, watched: usize) {
        if self.sketch.is_some() {
            return;
        }
        let mut sketch = Sketch::new();
        for entry in self.dictionary.entries() {
            sketch.add(&NewValue::from(entry), entry.count);
        }
        self.sample.make_direct(&self.dictionary);
        self.dictionary.keep_most_frequent(watched);
        self.sketch = Some(Box::new(sketch));
        self.last = None;
    }

    /// A number as it was written, with a point before its fraction.
    pub(crate) fn with_point(&self, number: &str) -> String {
        if self.decimal == b',' { number.replacen(',', ".", 1) } else { number.into() }
    }

    /// Leaves the sampled rows at these places among them.
    pub(crate) fn keep_sampled(&mut self, places: &[u32]) {
        self.sample.keep(places);
    }

    fn set_row(&mut self, value: Sampled, text: &str) {
        self.row_text.clear();
        self.row_text.push_str(prefix(text, LONGEST_WRITTEN));
        self.row_hash = self.salted(value.identity);
        self.row_value = value;
    }

    /// Ends the current row; returns what its cell adds to the hash of the row.
    pub(crate) fn end_row(&mut self, is_sampled: bool) -> u64 {
        let value = std::mem::replace(&mut self.row_value, NOTHING);
        if is_sampled {
            self.sample.push(value);
        }
        self.row_text.clear();
        std::mem::take(&mut self.row_hash)
    }

    /// What was pushed for the current row, its beginning when it is long.
    pub(crate) fn row_text(&self) -> &str {
        &self.row_text
    }

    /// Fills the sampled rows before this column was first seen.
    pub(crate) fn start_late(&mut self, sampled_rows: usize) {
        for _ in 0..sampled_rows {
            self.sample.push(NOTHING);
        }
    }
}

/// True where the `f64` of a whole number is that of no other.
#[inline]
fn is_exact(number: f64) -> bool {
    number.abs() < EXACT
}

/// Identity of a whole number that is too long for `f64`, however it is stored.
fn identity_of_long(value: i128) -> u64 {
    hash::of_bytes(&value.to_le_bytes())
}

/// Where a value stands among the others, when it does.
fn place_in_order(class: Class, number: f64) -> f64 {
    if matches!(class, Class::Integer | Class::Decimal | Class::Date) { number } else { f64::NAN }
}

/// A cell without blanks around it.
#[inline]
fn trimmed(cell: &[u8]) -> &[u8] {
    match (cell.first(), cell.last()) {
        (Some(first), Some(last)) if *first > b' ' && *last > b' ' => cell,
        _ => cell.trim_ascii(),
    }
}

/// Characters and words of a text.
fn measure(text: &str) -> (u32, u16) {
    let length = if text.is_ascii() { text.len() } else { text.chars().count() };
    let words = text.split_ascii_whitespace().take(usize::from(u16::MAX)).count();
    (u32::try_from(length).unwrap_or(u32::MAX), words as u16)
}

/// Takes the quotation marks out of a cell: a doubled one is one, a closing one is none.
pub(crate) fn unquote(cell: &[u8], quote: u8, out: &mut Vec<u8>) {
    out.clear();
    let mut rest = cell;
    let mut inside = true;
    while let Some(at) = memchr::memchr(quote, rest).filter(|_| inside) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if rest.first() == Some(&quote) {
            out.push(quote);
            rest = &rest[1..];
        } else {
            inside = false;
        }
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks() {
        for (cell, expected) in
            [("a\"\"b\"", "a\"b"), ("a\"", "a"), ("\"\"\"", "\""), ("a\"b\"c", "ab\"c"), ("open", "open")]
        {
            let mut out = Vec::new();
            unquote(cell.as_bytes(), b'"', &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{cell}");
        }
    }
}
