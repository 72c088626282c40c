//! Character encodings: UTF-8 is expected, UTF-16 is recognised by its mark, anything else is read as
//! Windows-1252, which every sequence of bytes is.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The UTF-16 encoding that a byte order mark announces.
pub(crate) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(head) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => Some(encoding),
        _ => None,
    }
}

/// Text of bytes, and whether they were UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), true),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, false),
    }
}

/// Text of a file's first bytes, where the last character may be cut in two; a byte order mark is dropped.
pub(crate) fn decode_head(head: &[u8]) -> String {
    if let Some(encoding) = utf16(head) {
        return encoding.decode(head).0.into_owned();
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    match std::str::from_utf8(head) {
        Err(e) if e.error_len().is_none() => decode(&head[..e.valid_up_to()]).0.into_owned(),
        _ => decode(head).0.into_owned(),
    }
}

/// True for bytes that are no text in any encoding.
pub(crate) fn looks_binary(head: &[u8]) -> bool {
    if utf16(head).is_some() {
        return false;
    }
    let control = head.iter().filter(|&&b| b < 9 || (14..32).contains(&b) && b != 27).count();
    control > 4 && control * 100 > head.len()
}

/// Turns UTF-16 into UTF-8 while it is read.
pub(crate) struct Utf16Reader<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    done: usize,
    ended: bool,
}

impl<R: Read> Utf16Reader<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; 1 << 14], text: Vec::new(), done: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let n = self.inner.read(&mut self.raw)?;
        self.ended = n == 0;
        self.text.resize(self.decoder.max_utf8_buffer_length(n).unwrap_or(1 << 16), 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..n], &mut self.text, self.ended);
        debug_assert!(matches!(result, CoderResult::InputEmpty));
        self.text.truncate(written);
        self.done = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.done == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let n = buffer.len().min(self.text.len() - self.done);
        buffer[..n].copy_from_slice(&self.text[self.done..self.done + n]);
        self.done += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read_as_utf8() {
        let text = "naïve,größe\n".repeat(5_000);
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let encoding = utf16(&bytes).unwrap();
        let mut read = String::new();
        Utf16Reader::new(bytes.as_slice(), encoding).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn latin_bytes_become_letters() {
        assert_eq!(decode(b"M\xfcnchen"), (Cow::Owned("München".to_string()), false));
        assert!(decode("München".as_bytes()).1);
    }

    #[test]
    fn a_character_cut_in_two_does_not_make_a_file_latin() {
        let bytes = "München".as_bytes();
        assert_eq!(decode_head(&bytes[..2]), "M");
        assert_eq!(decode_head(b"\xef\xbb\xbfabc"), "abc");
    }

    #[test]
    fn random_bytes_are_binary_and_text_is_not() {
        let noise: Vec<u8> = (0..=255).cycle().take(4096).collect();
        assert!(looks_binary(&noise));
        assert!(!looks_binary("tab\tand\r\nlines".repeat(100).as_bytes()));
        assert!(!looks_binary(b"\xff\xfea\0b\0c\0d\0e\0f\0"));
    }
}
