//! Lines of a text in whatever encoding, one at a time.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use encoding_rs::UTF_8;

use crate::source::encoding::{self, DecodingReader};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader::{self, MAX_RECORD_BYTES};
use crate::source::walk::Found;

/// Reads lines.
pub(crate) struct Lines {
    input: BufReader<Box<dyn Read>>,
    raw: Vec<u8>,
    /// Number of the line that was read last, from 1.
    pub(super) number: u64,
}

impl Lines {
    /// Opens a file. The error says in words why it cannot be read.
    pub(super) fn open(found: &Found) -> Result<Self, String> {
        Self::open_path(&found.path)
    }

    /// Opens the file at a path.
    pub(crate) fn open_path(path: &Path) -> Result<Self, String> {
        let words = |e: std::io::Error| format!("cannot be read: {e}");
        let head = reader::head(path, SNIFF_BYTES).map_err(words)?;
        let plain = reader::open(path).map_err(words)?;
        let guess = encoding::guess(&head);
        Ok(Self::new(if guess.encoding == UTF_8 && guess.mark == 0 {
            plain
        } else {
            Box::new(DecodingReader::new(plain, guess.encoding))
        }))
    }

    pub(super) fn new(input: Box<dyn Read>) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), raw: Vec::new(), number: 0 }
    }

    /// The next line without its end, whatever its sort; none at the end of the text.
    pub(crate) fn next(&mut self) -> Result<Option<String>, String> {
        self.raw.clear();
        let mut any = false;
        loop {
            let buffer = self.input.fill_buf().map_err(|e| format!("cannot be read to its end: {e}"))?;
            if buffer.is_empty() {
                if !any {
                    return Ok(None);
                }
                break;
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let n = end.unwrap_or(buffer.len());
            if (self.raw.len() + n) as u64 > MAX_RECORD_BYTES {
                return Err(String::from("cannot be read to its end: a line is longer than 64 MiB"));
            }
            self.raw.extend_from_slice(&buffer[..n]);
            self.input.consume(n + usize::from(end.is_some()));
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        let line = self.raw.strip_suffix(b"\r").unwrap_or(&self.raw);
        Ok(Some(encoding::decode(line).0.into_owned()))
    }
}

/// Rows that could not be read: how many, and the first with its line.
#[derive(Debug, Default)]
pub(super) struct BadRows {
    count: u64,
    first: Option<(u64, String)>,
}

impl BadRows {
    pub(super) fn add(&mut self, line: u64, reason: impl Into<String>) {
        self.count += 1;
        self.first.get_or_insert_with(|| (line, reason.into()));
    }

    pub(super) fn report(&self, path: &str, findings: &mut crate::findings::Findings) {
        if let Some((line, reason)) = &self.first {
            let message = format!(
                "{} rows cannot be read and are left out; the first is line {line}: {reason}",
                self.count
            );
            findings.error(path, message);
        }
    }
}
