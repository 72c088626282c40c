//! Shows lines of a text with their numbers.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::overview::display::{number_of, prefix};
use crate::preview::PreviewOptions;
use crate::source::encoding::{Utf16Reader, decode, utf16};
use crate::source::reader;

/// Bytes kept free for the note at the end.
const NOTE_BYTES: usize = 160;
/// Longest part of a single line that is shown, as a share of the budget.
const LINE_SHARE: usize = 2;

/// The wanted lines, and a note when there are more.
pub(crate) fn lines(path: &Path, options: &PreviewOptions) -> io::Result<String> {
    let head = reader::head(path, 3)?;
    let plain = reader::open(path)?;
    let input: Box<dyn Read> = match utf16(&head) {
        Some(encoding) => Box::new(Utf16Reader::new(plain, encoding)),
        None => plain,
    };
    let mut page = Page::new(options);
    let mut input = BufReader::with_capacity(1 << 16, input);
    while page.take(&mut input)? {}
    Ok(page.finish())
}

/// Lines as they are gathered.
struct Page {
    first: u64,
    last: u64,
    max_text: usize,
    max_line: usize,
    text: String,
    shown_to: u64,
    total: u64,
    is_full: bool,
    is_latin: bool,
}

impl Page {
    fn new(options: &PreviewOptions) -> Self {
        let first = options.first_line.max(1);
        let max_text = options.max_bytes.saturating_sub(NOTE_BYTES);
        Self {
            first,
            last: first.saturating_add(options.lines.max(1) - 1),
            max_text,
            max_line: max_text / LINE_SHARE,
            text: String::new(),
            shown_to: 0,
            total: 0,
            is_full: false,
            is_latin: false,
        }
    }

    /// Reads one line, shows it when it is wanted; false at the end.
    fn take(&mut self, input: &mut impl BufRead) -> io::Result<bool> {
        let number = self.total + 1;
        let wanted = !self.is_full && (self.first..=self.last).contains(&number);
        let keep = if wanted { self.max_line } else { 0 };
        let Some((mut line, length)) = read_line(input, keep)? else { return Ok(false) };
        self.total = number;
        if !wanted {
            return Ok(true);
        }
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        let shown = self.decode(&line);
        let cut =
            if length > keep as u64 { format!("… [{length} bytes in this line]") } else { String::new() };
        let row = format!("{number:>6}  {shown}{cut}\n");
        if self.text.len() + row.len() > self.max_text && !self.text.is_empty() {
            self.is_full = true;
        } else {
            self.text += &row;
            self.shown_to = number;
        }
        Ok(true)
    }

    fn decode(&mut self, line: &[u8]) -> String {
        // A line that was cut may end within a character; that does not make it another encoding.
        let whole = match std::str::from_utf8(line) {
            Err(e) if e.error_len().is_none() => &line[..e.valid_up_to()],
            _ => line,
        };
        let (text, is_utf8) = decode(whole);
        self.is_latin |= !is_utf8;
        text.trim_end_matches('\r')
            .chars()
            .map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c })
            .collect()
    }

    fn finish(self) -> String {
        let encoding = if self.is_latin { " It is not UTF-8 and shown as windows-1252." } else { "" };
        if self.shown_to == 0 {
            return format!(
                "There is no line {}: the file has {}.{encoding}",
                self.first,
                number_of(self.total, "line")
            );
        }
        let note = if self.shown_to < self.total {
            let next = self.shown_to + 1;
            format!(
                "[lines {} to {} of {}; read on with first_line {next}]",
                self.first, self.shown_to, self.total
            )
        } else {
            format!("[{}]", number_of(self.total, "line"))
        };
        format!("{}{note}{encoding}", prefix(&self.text, self.max_text))
    }
}

/// The first `keep` bytes of the next line and its whole length, without its end.
fn read_line(input: &mut impl BufRead, keep: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
    let (mut kept, mut length, mut read_any) = (Vec::new(), 0, false);
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(read_any.then_some((kept, length)));
        }
        read_any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        kept.extend(&part[..part.len().min(keep - kept.len())]);
        length += part.len() as u64;
        let consumed = part.len() + usize::from(end.is_some());
        input.consume(consumed);
        if end.is_some() {
            return Ok(Some((kept, length)));
        }
    }
}
