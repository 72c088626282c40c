//! Numbers and texts in a pickle, in their order. Nothing of it is ever run: it is a stream of instructions of which
//! only those are looked at that hold a plain value.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use crate::error::DataError;
use crate::source::reader;

/// Bytes that are looked at.
const MAX_BYTES: u64 = 256 << 20;
/// Values that are taken out.
const MAX_VALUES: usize = 8 << 20;
/// Longest text that is taken out.
const MAX_TEXT: usize = 256;

/// The plain values of a pickle as text, in their order, up to the first instruction that is not known. Values that a
/// pickle names again are there again. Blocks.
///
/// # Errors
/// [`DataError`] when the file cannot be read.
pub fn pickled(path: &Path) -> Result<Vec<String>, DataError> {
    let mut bytes = Vec::new();
    reader::open(path)
        .and_then(|input| input.take(MAX_BYTES).read_to_end(&mut bytes))
        .map_err(|error| DataError::io(path, error))?;
    // An array of objects has its pickle behind its header.
    let start = if bytes.starts_with(b"\x93NUMPY") {
        memchr::memchr(b'\n', &bytes).map_or(0, |at| at + 1)
    } else {
        0
    };
    Ok(values(bytes.get(start..).unwrap_or_default()))
}

/// Reads instructions.
struct Stream<'a> {
    rest: &'a [u8],
    /// Values that the stream may name again.
    memo: HashMap<u64, Option<String>>,
    /// The value that was made last.
    last: Option<String>,
    values: Vec<String>,
}

fn values(bytes: &[u8]) -> Vec<String> {
    let mut stream = Stream { rest: bytes, memo: HashMap::new(), last: None, values: Vec::new() };
    while stream.values.len() < MAX_VALUES && stream.step().is_some() {}
    stream.values
}

impl<'a> Stream<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        let mut wide = [0; 8];
        let taken = self.take(bytes)?;
        wide.iter_mut().zip(taken).for_each(|(place, byte)| *place = *byte);
        Some(u64::from_le_bytes(wide))
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let end = memchr::memchr(b'\n', self.rest)?;
        let line = self.take(end)?;
        self.take(1)?;
        Some(line)
    }

    fn value(&mut self, text: String) {
        self.values.push(text.clone());
        self.last = Some(text);
    }

    fn text(&mut self, length: u64) -> Option<()> {
        let length = usize::try_from(length).ok()?;
        let bytes = self.take(length)?;
        match std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_TEXT) {
            Some(text) => self.value(text.to_owned()),
            None => self.last = None,
        }
        Some(())
    }

    fn remember(&mut self, place: u64) {
        self.memo.insert(place, self.last.clone());
    }

    fn recall(&mut self, place: u64) {
        self.last = self.memo.get(&place).cloned().flatten();
        self.values.extend(self.last.clone());
    }

    /// One instruction; none at the end, and at one that is not known.
    fn step(&mut self) -> Option<()> {
        let instruction = *self.take(1)?.first()?;
        match instruction {
            // Whole numbers.
            b'K' => self.whole(1),
            b'M' => self.whole(2),
            b'J' => {
                let number = u32::try_from(self.number(4)?).ok()?.cast_signed();
                self.value(number.to_string());
                Some(())
            }
            0x8a => self.long(),
            b'I' | b'L' | b'F' => {
                let line = String::from_utf8_lossy(self.line()?).trim_end_matches('L').to_owned();
                self.value(line);
                Some(())
            }
            b'G' => {
                let bytes: [u8; 8] = self.take(8)?.try_into().ok()?;
                self.value(f64::from_be_bytes(bytes).to_string());
                Some(())
            }
            0x88 | 0x89 => {
                self.value(if instruction == 0x88 { "True" } else { "False" }.to_owned());
                Some(())
            }
            // Texts and bytes.
            0x8c | b'U' | b'C' => self.number(1).and_then(|length| self.text(length)),
            b'X' | b'T' | b'B' => self.number(4).and_then(|length| self.text(length)),
            0x8d | 0x8e | 0x96 => self.number(8).and_then(|length| self.text(length)),
            b'V' | b'S' => {
                let line = String::from_utf8_lossy(self.line()?).trim_matches(['\'', '"']).to_owned();
                self.value(line);
                Some(())
            }
            // Names for values.
            0x94 => {
                self.remember(self.memo.len() as u64);
                Some(())
            }
            b'q' => self.number(1).map(|place| self.remember(place)),
            b'r' => self.number(4).map(|place| self.remember(place)),
            b'p' => self.line().map(|line| self.remember(decimal(line))),
            b'h' => self.number(1).map(|place| self.recall(place)),
            b'j' => self.number(4).map(|place| self.recall(place)),
            b'g' => self.line().map(|line| self.recall(decimal(line))),
            _ => self.other(instruction),
        }
    }

    fn whole(&mut self, bytes: usize) -> Option<()> {
        let number = self.number(bytes)?;
        self.value(number.to_string());
        Some(())
    }

    fn long(&mut self) -> Option<()> {
        let length = usize::try_from(self.number(1)?).ok()?;
        let bytes = self.take(length)?;
        if length <= 8 {
            let fill = if bytes.last().is_some_and(|&byte| byte >= 0x80) { 0xff } else { 0 };
            let mut wide = [fill; 8];
            wide.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            self.value(i64::from_le_bytes(wide).to_string());
        }
        Some(())
    }

    /// Instructions without a plain value.
    fn other(&mut self, instruction: u8) -> Option<()> {
        self.last = None;
        match instruction {
            b'.' => None,
            0x80 | 0x82 => self.take(1).map(drop),
            0x83 => self.take(2).map(drop),
            0x84 => self.take(4).map(drop),
            0x95 => self.take(8).map(drop),
            b'c' | b'i' => self.line().and_then(|_| self.line()).map(drop),
            b'P' => self.line().map(drop),
            0x8b => {
                let length = usize::try_from(self.number(4)?).ok()?;
                self.take(length).map(drop)
            }
            b'('
            | b')'
            | b'0'
            | b'1'
            | b'2'
            | b'N'
            | b'Q'
            | b'R'
            | b'a'
            | b'b'
            | b'd'
            | b'e'
            | b'l'
            | b'o'
            | b's'
            | b't'
            | b'u'
            | b']'
            | b'}'
            | 0x81
            | 0x85..=0x87
            | 0x8f..=0x93
            | 0x97
            | 0x98 => Some(()),
            _ => None,
        }
    }
}

fn decimal(line: &[u8]) -> u64 {
    std::str::from_utf8(line).ok().and_then(|line| line.parse().ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_come_in_their_order() {
        // {"a7": "cat", "b8": "dog", "c9": "cat"} of protocol 4.
        let bytes = b"\x80\x04\x95\x2b\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x02a7\x94\x8c\x03cat\x94\x8c\x02b8\x94\x8c\x03dog\x94\x8c\x02c9\x94h\x02u.";
        assert_eq!(values(bytes), ["a7", "cat", "b8", "dog", "c9", "cat"]);
        // [1, 300, -5, 0.5] of protocol 2.
        let bytes = b"\x80\x02]q\x00(K\x01M\x2c\x01J\xfb\xff\xff\xffG\x3f\xe0\x00\x00\x00\x00\x00\x00e.";
        assert_eq!(values(bytes), ["1", "300", "-5", "0.5"]);
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(values(&bytes));
        }
    }
}
