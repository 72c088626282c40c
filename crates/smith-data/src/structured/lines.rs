//! Lines of bytes, of a bounded length.

use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is held.
const MAX_LINE: u64 = 1 << 20;

/// Reads one line after the other.
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), line: Vec::new() }
    }

    /// The next line without its end and without blanks around it; none at the end of the input.
    ///
    /// # Errors
    /// Those of the input, and one for a line of more than a mebibyte.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let n = (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut self.line)?;
        if n as u64 == MAX_LINE && self.line.last() != Some(&b'\n') {
            return Err(io::Error::other("a line is longer than 1 MiB"));
        }
        Ok((n > 0).then(|| self.line.trim_ascii()))
    }

    /// What follows the last line.
    pub(crate) fn into_rest(self) -> BufReader<R> {
        self.input
    }
}

/// The words of a line.
pub(crate) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// The finite number that some bytes are.
pub(crate) fn number(word: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// The count that some bytes are.
pub(crate) fn count(word: &[u8]) -> Option<u64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_and_without_ends() {
        let mut lines = Lines::new(&b" a b \r\n\nlast"[..]);
        assert_eq!(lines.next().unwrap(), Some(&b"a b"[..]));
        assert_eq!(lines.next().unwrap(), Some(&b""[..]));
        assert_eq!(lines.next().unwrap(), Some(&b"last"[..]));
        assert_eq!(lines.next().unwrap(), None);
    }

    #[test]
    fn a_line_without_end_is_stopped() {
        assert!(Lines::new(io::repeat(b'x')).next().is_err());
    }
}
