//! Cuts values out of JSON while it is read, without keeping what lies around them.
//!
//! Only brackets and strings are followed here; whether a value is sound is found when it is parsed. So a value that
//! is not sound does not hide those behind it.

use std::io::{self, BufRead, BufReader, Read};

/// Why scanning stopped.
#[derive(Debug)]
pub(super) enum Fault {
    /// The text ends within a value.
    End,
    /// A character that cannot stand here.
    Unexpected(u8),
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::End } else { Self::Io(error) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::End => f.write_str("it ends within a value"),
            Self::Unexpected(byte) => write!(f, "{:?} stands where it cannot", char::from(*byte)),
            Self::Io(error) => write!(f, "it cannot be read: {error}"),
        }
    }
}

/// Reads values one after the other.
pub(super) struct Scanner<R> {
    input: BufReader<R>,
    /// Longest value that is kept.
    limit: usize,
    /// Values that were longer.
    pub(super) too_long: u64,
    /// Commas without a value behind them.
    pub(super) stray_commas: u64,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), limit, too_long: 0, stray_commas: 0 }
    }

    /// The next character that is no blank, left unread; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let blanks = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let found = buffer.get(blanks).copied();
            self.input.consume(blanks);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Passes the character that was peeked at.
    pub(super) fn pass(&mut self) {
        self.input.consume(1);
    }

    /// Passes an opening bracket, or says what stands there instead.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), Fault> {
        match self.peek()? {
            Some(byte) if byte == bracket => {
                self.pass();
                Ok(())
            }
            Some(byte) => Err(Fault::Unexpected(byte)),
            None => Err(Fault::End),
        }
    }

    /// Goes to the next element of an array or an object; false when the closing bracket came, which is passed.
    pub(super) fn next(&mut self, closing: u8) -> Result<bool, Fault> {
        let mut commas = 0_u64;
        loop {
            match self.peek()? {
                Some(b',') => commas += 1,
                Some(byte) if byte == closing => {
                    self.pass();
                    self.stray_commas += commas;
                    return Ok(false);
                }
                Some(byte @ (b']' | b'}' | b':')) => return Err(Fault::Unexpected(byte)),
                Some(_) => {
                    self.stray_commas += commas.saturating_sub(1);
                    return Ok(true);
                }
                None => return Err(Fault::End),
            }
            self.pass();
        }
    }

    /// Reads the key of a member and the colon behind it.
    pub(super) fn key(&mut self) -> Result<String, Fault> {
        let mut raw = Vec::new();
        self.value(&mut raw)?;
        match self.peek()? {
            Some(b':') => self.pass(),
            Some(byte) => return Err(Fault::Unexpected(byte)),
            None => return Err(Fault::End),
        }
        let text = String::from_utf8_lossy(&raw);
        Ok(super::record::text_of(&text).unwrap_or_else(|| text.trim_matches(['"', '\'']).to_string()))
    }

    /// Cuts out one value; false, and nothing in `raw`, when it is longer than the limit.
    pub(super) fn value(&mut self, raw: &mut Vec<u8>) -> Result<bool, Fault> {
        raw.clear();
        let first = self.peek()?.ok_or(Fault::End)?;
        let mut inside = Inside::default();
        let is_scalar = !matches!(first, b'{' | b'[' | b'"' | b'\'');
        let (mut kept, mut ended) = (true, false);
        while !ended {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                // A number may end with the text; nothing else may.
                return if is_scalar && !raw.is_empty() { Ok(kept) } else { Err(Fault::End) };
            }
            let n = if is_scalar {
                let n = buffer.iter().take_while(|byte| !ends_scalar(**byte)).count();
                ended = n < buffer.len();
                n
            } else {
                let end = buffer.iter().position(|byte| inside.ends_with(*byte));
                ended = end.is_some();
                end.map_or(buffer.len(), |end| end + 1)
            };
            if kept && raw.len() + n > self.limit {
                (kept, *raw) = (false, Vec::new());
                self.too_long += 1;
            } else if kept {
                raw.extend_from_slice(&buffer[..n]);
            }
            self.input.consume(n);
        }
        if is_scalar && kept && raw.is_empty() { Err(Fault::Unexpected(first)) } else { Ok(kept) }
    }

    /// Passes one value.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let limit = std::mem::replace(&mut self.limit, 0);
        let too_long = self.too_long;
        let result = self.value(&mut Vec::new());
        (self.limit, self.too_long) = (limit, too_long);
        result.map(|_| ())
    }

    /// Reads a line without its end; none at the end of the text, an empty one when it is longer than the limit.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> Result<bool, Fault> {
        line.clear();
        let (mut any, mut kept) = (false, true);
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let n = end.unwrap_or(buffer.len());
            if kept && line.len() + n > self.limit {
                (kept, *line) = (false, Vec::new());
                self.too_long += 1;
            } else if kept {
                line.extend_from_slice(&buffer[..n]);
            }
            self.input.consume(n + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

fn ends_scalar(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}' | b':' | b'[' | b'{' | b'"') || byte.is_ascii_whitespace()
}

/// Where in a value a character stands.
#[derive(Debug, Default)]
struct Inside {
    depth: u64,
    string: Option<u8>,
    escaped: bool,
}

impl Inside {
    /// Takes the next character in; true when it is the last of the value.
    fn ends_with(&mut self, byte: u8) -> bool {
        if let Some(quote) = self.string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == quote {
                self.string = None;
                return self.depth == 0;
            }
            return false;
        }
        match byte {
            b'"' | b'\'' => self.string = Some(byte),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_out() {
        let text = r#" {"a":"}\"]","b":[1,{}]} [ ] 12.5e3 "x" null"#;
        let mut scanner = Scanner::new(text.as_bytes(), 100);
        let (mut raw, mut seen) = (Vec::new(), Vec::new());
        while scanner.peek().unwrap().is_some() {
            assert!(scanner.value(&mut raw).unwrap());
            seen.push(String::from_utf8(raw.clone()).unwrap());
        }
        assert_eq!(seen, [r#"{"a":"}\"]","b":[1,{}]}"#, "[ ]", "12.5e3", "\"x\"", "null"]);
    }

    #[test]
    fn what_is_too_long_is_passed_over() {
        let text = format!("[\"{}\", 7]", "x".repeat(200_000));
        let mut scanner = Scanner::new(text.as_bytes(), 100);
        let mut raw = Vec::new();
        scanner.open(b'[').unwrap();
        assert!(scanner.next(b']').unwrap() && !scanner.value(&mut raw).unwrap() && raw.is_empty());
        assert!(scanner.next(b']').unwrap() && scanner.value(&mut raw).unwrap());
        assert_eq!((raw.as_slice(), scanner.too_long), (&b"7"[..], 1));
        assert!(!scanner.next(b']').unwrap());
    }

    #[test]
    fn the_end_within_a_value_is_a_fault() {
        for text in ["[1", "{\"a\":", "\"abc", "[[]"] {
            let mut scanner = Scanner::new(text.as_bytes(), 100);
            assert!(matches!(scanner.value(&mut Vec::new()), Err(Fault::End)), "{text}");
        }
    }
}
