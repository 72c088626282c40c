//! Reading a stream to its end in bounded memory.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Watch;
use crate::{Captured, Limits};

/// A stream carried more than it may.
#[derive(Debug)]
pub(crate) struct Overflow;

/// The start and the end of a stream.
pub(crate) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Bytes kept at each end.
    half: usize,
    total: u64,
    limit: u64,
}

impl Capture {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            head: Vec::new(),
            tail: VecDeque::new(),
            half: limits.kept_bytes / 2,
            total: 0,
            limit: limits.output_bytes,
        }
    }

    /// Reads `stream` until it ends or has carried too much. A read error ends it like an end of file:
    /// there is nothing more to get.
    pub(crate) async fn drain(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        watch: Watch<'_>,
    ) -> Result<(), Overflow> {
        let Some(mut stream) = stream else { return Ok(()) };
        let mut buffer = vec![0; 16 << 10];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            watch(&buffer[..count]);
            self.push(&buffer[..count]);
            if self.total > self.limit {
                return Err(Overflow);
            }
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (head, rest) = bytes.split_at(bytes.len().min(self.half - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(self.half);
        self.tail.drain(..surplus);
    }

    /// The text, with a line in place of the bytes that were not kept.
    pub(crate) fn finish(mut self) -> Captured {
        let kept = (self.head.len() + self.tail.len()) as u64;
        let cut = kept < self.total;
        if !cut {
            self.head.extend(&self.tail);
            return Captured {
                text: String::from_utf8_lossy(&self.head).into_owned(),
                total_bytes: self.total,
                cut,
            };
        }
        let tail = Vec::from(self.tail);
        let (head, tail) = (whole_chars_at_start(&self.head), whole_chars_at_end(&tail));
        let missing = self.total - (head.len() + tail.len()) as u64;
        let text = format!(
            "{}\n[… {missing} bytes left out …]\n{}",
            String::from_utf8_lossy(head),
            String::from_utf8_lossy(tail)
        );
        Captured { text, total_bytes: self.total, cut }
    }
}

/// `bytes` without a character whose end was cut off.
fn whole_chars_at_start(bytes: &[u8]) -> &[u8] {
    let following = bytes.iter().rev().take(3).take_while(|byte| is_continuation(**byte)).count();
    let Some((&lead, before)) = bytes[..bytes.len() - following].split_last() else { return bytes };
    let wanted = match lead {
        0xC0..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF7 => 3,
        _ => 0,
    };
    if following < wanted { before } else { bytes }
}

/// `bytes` without a character whose start was cut off.
fn whole_chars_at_end(bytes: &[u8]) -> &[u8] {
    let cut_off = bytes.iter().take(3).take_while(|byte| is_continuation(**byte)).count();
    &bytes[cut_off..]
}

/// Whether this is the second to fourth byte of a UTF-8 character.
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(chunks: &[&[u8]], kept_bytes: usize) -> Captured {
        let mut capture = Capture::new(&Limits { kept_bytes, ..Limits::default() });
        for chunk in chunks {
            capture.push(chunk);
        }
        capture.finish()
    }

    #[test]
    fn short_output_is_kept_whole() {
        let got = captured(&[b"ab", b"cdef"], 6);
        assert_eq!(got, Captured { text: "abcdef".into(), total_bytes: 6, cut: false });
    }

    #[test]
    fn the_middle_is_replaced_by_its_length() {
        let got = captured(&[b"abc", b"defghij"], 6);
        assert_eq!(
            got,
            Captured { text: "abc\n[… 4 bytes left out …]\nhij".into(), total_bytes: 10, cut: true }
        );
    }

    #[test]
    fn chunks_of_any_size_give_the_same_text() {
        let text: Vec<u8> = (0..200).map(|n| b'a' + n % 26).collect();
        let whole = captured(&[&text], 20);
        for size in [1, 3, 7, 64] {
            assert_eq!(captured(&text.chunks(size).collect::<Vec<_>>(), 20), whole);
        }
    }

    #[test]
    fn characters_are_never_cut_in_two() {
        // Ten two-byte characters; three bytes at each end are one and a half characters.
        let got = captured(&["é".repeat(10).as_bytes()], 6);
        assert_eq!(got.text, "é\n[… 16 bytes left out …]\né");
    }

    #[test]
    fn four_byte_characters_are_whole_too() {
        let got = captured(&["a😀😀😀😀".as_bytes()], 12);
        assert_eq!(got.text, "a😀\n[… 8 bytes left out …]\n😀");
    }

    #[test]
    fn any_cut_of_any_text_is_whole() {
        let text = "aé😀漢b😀é漢".repeat(5);
        for kept in 0..text.len() {
            let got = captured(&[text.as_bytes()], kept);
            assert!(!got.text.contains('\u{FFFD}'), "{kept}: {}", got.text);
        }
    }

    #[test]
    fn nothing_kept_still_counts() {
        let got = captured(&[b"abc"], 0);
        assert_eq!((got.text.as_str(), got.total_bytes), ("\n[… 3 bytes left out …]\n", 3));
    }
}
