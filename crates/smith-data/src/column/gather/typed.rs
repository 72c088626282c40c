//! Takes in values as columnar files and parsers hold them, beside the cells of delimited text.

use super::{Column, NOTHING, Sampled, identity_of_long, is_exact};
use crate::column::dictionary::NewValue;
use crate::column::hash;
use crate::column::value::Class;

/// A value that is no text, as columnar files hold it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed {
    pub(crate) class: Class,
    pub(crate) number: f64,
    pub(crate) identity: u64,
    /// The lowest bits of a whole number that `number` may not tell from its neighbours.
    bits: u64,
}

impl Typed {
    /// A whole number of at most 64 bits, with or without a sign.
    #[inline]
    pub(crate) fn integer(value: i128) -> Self {
        let number = value as f64;
        let identity = if is_exact(number) { hash::of_number(number) } else { identity_of_long(value) };
        Self { class: Class::Integer, number, identity, bits: value as u64 }
    }

    /// How a whole number is written whose `f64` is that of its neighbours too; nothing for any other.
    #[inline]
    fn long(&self) -> String {
        if self.class != Class::Integer || is_exact(self.number) {
            String::new()
        } else if self.number < 0.0 {
            (self.bits as i64).to_string()
        } else {
            self.bits.to_string()
        }
    }

    /// A number with a fraction.
    #[inline]
    pub(crate) fn decimal(number: f64) -> Self {
        Self { class: Class::Decimal, number, identity: hash::of_number(number), bits: 0 }
    }

    /// A point in time, in seconds since 1970.
    pub(crate) fn time(seconds: f64) -> Self {
        Self { class: Class::Date, number: seconds, identity: hash::of_number(seconds), bits: 0 }
    }
}

impl Column {
    /// Adds values that are no text, `None` for a missing one, in the order of their rows.
    pub(crate) fn push_typed(
        &mut self,
        mut value_at: impl FnMut(usize) -> Option<Typed>,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        self.push_rows(sampled, row_hashes, |column, row| {
            value_at(row).map_or(NOTHING, |value| column.push_one_typed(value))
        });
    }

    /// Adds texts, `None` for a missing one, in the order of their rows.
    pub(crate) fn push_texts<'t>(
        &mut self,
        text_at: impl Fn(usize) -> Option<&'t str>,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        self.push_rows(sampled, row_hashes, |column, row| {
            text_at(row).map_or(NOTHING, |text| column.push_cell(text.as_bytes()))
        });
    }

    /// Adds values of a list of texts, each row by its place in the list, `None` for a missing one.
    pub(crate) fn push_keyed(
        &mut self,
        list: &[&str],
        key_at: impl Fn(usize) -> Option<usize>,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        let mut known: Vec<Option<Sampled>> = vec![None; list.len()];
        self.push_rows(sampled, row_hashes, |column, row| {
            let Some(key) = key_at(row).filter(|&key| key < list.len()) else { return NOTHING };
            // What was looked up once in this list needs no second look, as long as nothing but its count counts.
            if let Some(value) = known[key]
                && column.order.is_lost()
                && column.sketch.is_none()
            {
                column.dictionary.count(value.index as usize - 1, list[key].as_bytes());
                return value;
            }
            let value = column.push_cell(list[key].as_bytes());
            if value.index > 0 {
                known[key] = Some(value);
            }
            value
        });
    }

    /// Adds values as they are written out, `None` for a missing one.
    pub(crate) fn push_written(
        &mut self,
        mut text_at: impl FnMut(usize) -> Option<String>,
        are_nested: bool,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        self.push_rows(sampled, row_hashes, |column, row| {
            text_at(row).map_or(NOTHING, |text| {
                if are_nested { column.push_one_nested(&text) } else { column.push_cell(text.as_bytes()) }
            })
        });
    }

    /// Adds values of bytes, `None` for a missing one.
    pub(crate) fn push_binaries<'b>(
        &mut self,
        bytes_at: impl Fn(usize) -> Option<&'b [u8]>,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) {
        self.push_rows(sampled, row_hashes, |column, row| {
            bytes_at(row).map_or(NOTHING, |bytes| column.push_opaque(bytes, Class::Binary, bytes.len(), ""))
        });
    }

    #[inline]
    fn push_one_typed(&mut self, value: Typed) -> Sampled {
        if value.number.is_nan() {
            return NOTHING;
        }
        let known = match self.last {
            Some((last, index)) if last == value.identity => Some(index),
            _ => self.dictionary.find(value.identity),
        };
        match known {
            Some(index) => self.count_known(index, value.identity, value.long().as_bytes()),
            None => {
                let new = NewValue {
                    hash: value.identity,
                    identity: value.identity,
                    number: value.number,
                    length: 0,
                    words: 0,
                    class: value.class,
                };
                self.add_new(new, 1, &value.long())
            }
        }
    }

    /// Adds the value of the current row as it was written. A row without one has a missing value.
    pub(crate) fn push(&mut self, written: &str) {
        let value = self.push_cell(written.as_bytes());
        self.set_row(value, written);
    }

    /// Adds a list or a record as the value of the current row, written as JSON or alike.
    pub(crate) fn push_nested(&mut self, text: &str) {
        let value = self.push_one_nested(text);
        self.set_row(value, text);
    }

    fn push_one_nested(&mut self, text: &str) -> Sampled {
        self.push_opaque(text.as_bytes(), Class::Nested, text.chars().count(), text)
    }

    /// Adds bytes that are no text as the value of the current row.
    pub(crate) fn push_binary(&mut self, bytes: &[u8]) {
        let value = self.push_opaque(bytes, Class::Binary, bytes.len(), "");
        self.set_row(value, &format!("<{} bytes>", bytes.len()));
    }

    fn push_opaque(&mut self, bytes: &[u8], class: Class, length: usize, text: &str) -> Sampled {
        let hash = hash::of_bytes(bytes);
        match self.dictionary.find(hash) {
            Some(index) => self.count_known(index, hash, text.as_bytes()),
            None => {
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                let value = NewValue { hash, identity: hash, number: f64::NAN, length, words: 0, class };
                self.add_new(value, 1, text)
            }
        }
    }
}
