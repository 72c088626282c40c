//! Cuts delimited text into blocks of whole rows, and each block into cells, column by column.

mod block;

use std::io::Read;

use crate::source::reader::MAX_RECORD_BYTES;

pub(crate) use block::{Block, BlockOddities};

/// Bytes that are read at once: cells and their places then fit into the nearest caches.
const BLOCK_BYTES: usize = 1 << 18;
/// Bytes that are read at once of the widest tables.
const WIDE_BLOCK_BYTES: usize = 8 << 20;
/// Bytes for each column of a wide table: some hundred rows, so that a block is worth its trouble.
const BYTES_A_COLUMN: usize = 2 << 10;
/// Bytes that a record without end grows by.
const GROWTH: usize = 8 << 20;

/// How cells are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) delimiter: u8,
    /// The delimiter is any number of blanks.
    pub(crate) blanks: bool,
    pub(crate) quote: Option<u8>,
    /// Before a quotation mark inside a quoted cell, where it is not doubled.
    pub(crate) escape: Option<u8>,
    pub(crate) line_end: u8,
    /// Rows that begin with it are no rows.
    pub(crate) comment: Option<u8>,
    /// Each row ends with a delimiter, behind which there is no further cell.
    pub(crate) closes_rows: bool,
}

/// Reads blocks one after the other.
pub(crate) struct BlockReader {
    input: Box<dyn Read + Send>,
    marks: Marks,
    columns: usize,
    block_bytes: usize,
    /// The beginning of a row that was not whole.
    carry: Vec<u8>,
    ended: bool,
    /// Why the rest cannot be read, in words.
    failure: Option<String>,
    bytes_read: u64,
    spare: Option<Block>,
}

impl BlockReader {
    /// A reader of rows of `columns` cells.
    pub(crate) fn new(input: Box<dyn Read + Send>, marks: Marks, columns: usize) -> Self {
        let block_bytes = (columns * BYTES_A_COLUMN).clamp(BLOCK_BYTES, WIDE_BLOCK_BYTES);
        Self {
            input,
            marks,
            columns,
            block_bytes,
            carry: Vec::new(),

            ended: false,
            failure: None,
            bytes_read: 0,
            spare: None,
        }
    }

    /// Drops a byte order mark and the first `lines` lines.
    pub(crate) fn skip_lines(&mut self, lines: usize) {
        self.fill(self.block_bytes);
        if self.carry.starts_with(b"\xef\xbb\xbf") {
            self.carry.drain(..3);
        }
        for _ in 0..lines {
            while !self.skip_line() {
                if self.is_over() {
                    self.carry.clear();
                    return;
                }
                self.grow();
            }
        }
    }

    fn skip_line(&mut self) -> bool {
        let end = memchr::memchr(self.marks.line_end, &self.carry);
        if let Some(end) = end {
            self.carry.drain(..=end);
        }
        end.is_some()
    }

    /// True when nothing further can be read.
    fn is_over(&self) -> bool {
        self.ended || self.failure.is_some()
    }

    /// Reads up to `bytes` further bytes into the carry. What is read before an error is kept.
    fn fill(&mut self, bytes: usize) {
        let mut part = (&mut self.input).take(bytes as u64);
        match part.read_to_end(&mut self.carry) {
            Ok(read) => {
                self.bytes_read += read as u64;
                self.ended |= read < bytes;
            }
            Err(error) => self.failure = Some(format!("cannot be read to its end: {error}")),
        }
    }

    fn grow(&mut self) {
        // One byte beyond the limit is enough to know: a text that ends soon after it is no exception.
        let room = (MAX_RECORD_BYTES + 1).saturating_sub(self.carry.len() as u64);
        if room == 0 {
            self.failure = Some(String::from(
                "cannot be read to its end: a record is longer than 64 MiB; a quotation mark may never be closed",
            ));
        } else {
            let wanted = self.carry.len().clamp(self.block_bytes, GROWTH);
            self.fill(wanted.min(usize::try_from(room).unwrap_or(wanted)));
        }
    }

    /// Bytes that were read so far, as text.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// A block that was used up, to be filled again.
    pub(crate) fn recycle(&mut self, block: Block) {
        self.spare = Some(block);
    }

    /// The next block; none at the end.
    ///
    /// # Errors
    /// Words for why the rest cannot be read, when everything before it was handed out.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, String> {
        let mut block =
            self.spare.take().unwrap_or_else(|| Block::new(self.columns, self.marks.quote.unwrap_or(b'"')));
        loop {
            if !self.is_over() && self.carry.len() < self.block_bytes {
                self.fill(self.block_bytes - self.carry.len());
            }
            block.clear();
            std::mem::swap(&mut block.bytes, &mut self.carry);
            let consumed = cut(&mut block, &self.marks, self.ended);
            self.carry.clear();
            self.carry.extend_from_slice(block.bytes.get(consumed..).unwrap_or_default());
            if block.rows > 0 {
                block.mend_encoding(consumed);
                return Ok(Some(block));
            }
            match (&self.failure, self.ended) {
                (Some(failure), _) => return Err(failure.clone()),
                (None, true) => return Ok(None),
                (None, false) if consumed == 0 => self.grow(),
                (None, false) => {}
            }
        }
    }
}

/// Cuts the bytes of a block into cells; returns how many bytes hold whole rows. `at_end` says that nothing follows.
fn cut(block: &mut Block, marks: &Marks, at_end: bool) -> usize {
    let bytes = std::mem::take(&mut block.bytes);
    let mut at = 0;
    let consumed = loop {
        at = skip_line_ends(&bytes, at);
        if at == bytes.len() {
            break at;
        }
        if marks.comment.is_some_and(|comment| bytes[at] == comment) {
            match memchr::memchr(marks.line_end, &bytes[at..]) {
                Some(end) => at += end + 1,
                None if at_end => break bytes.len(),
                None => break at,
            }
            continue;
        }
        let row = if marks.blanks {
            cut_blanks(block, &bytes, at, marks, at_end)
        } else {
            cut_row(block, &bytes, at, marks, at_end)
        };
        let Some((end, cells)) = row else {
            block.drop_partial_row();
            break at;
        };
        block.end_row(cells, marks.closes_rows);
        at = end;
    };
    block.bytes = bytes;
    consumed
}

/// Blank lines are no rows.
fn skip_line_ends(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Cuts one row; returns where the next begins and the number of cells, or nothing when it is not whole.
#[inline]
fn cut_row(
    block: &mut Block,
    bytes: &[u8],
    mut at: usize,
    marks: &Marks,
    at_end: bool,
) -> Option<(usize, usize)> {
    let mut column = 0;
    loop {
        let start = at;
        let is_quoted = marks.quote.is_some() && bytes.get(at).copied() == marks.quote;
        let mut is_closed = false;
        if is_quoted {
            match closing_quote(bytes, at + 1, marks.quote?, marks.escape) {
                Some(close) => (at, is_closed) = (close + 1, true),
                None if at_end => at = bytes.len(),
                None => return None,
            }
        }
        let end = match find_either(bytes, at, marks.delimiter, marks.line_end) {
            Some(end) => end,
            None if at_end => bytes.len(),
            None => return None,
        };
        let ends_row = bytes.get(end) != Some(&marks.delimiter);
        let text_end = if ends_row && end > start && bytes[end - 1] == b'\r' { end - 1 } else { end };
        // The plain case of a quoted cell needs no second look: its mark closes where the cell ends.
        if is_closed && text_end == at && !bytes[start + 1..at - 1].contains(&bytes[start]) {
            block.push_cell(column, start + 1, at - 1, false);
        } else if is_quoted {
            block.push_cell(column, (start + 1).min(text_end), text_end, true);
        } else {
            block.push_cell(column, start, text_end, false);
        }
        column += 1;
        if ends_row {
            return Some(((end + 1).min(bytes.len()), column));
        }
        at = end + 1;
    }
}

/// The mark that closes a quoted cell whose text begins at `start`; doubled and escaped ones do not.
fn closing_quote(bytes: &[u8], start: usize, quote: u8, escape: Option<u8>) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr(quote, bytes.get(at..)?)?;
        let before = bytes.get(start..at).unwrap_or_default();
        let escapes =
            escape.map_or(0, |escape| before.iter().rev().take_while(|&&byte| byte == escape).count());
        if escapes % 2 == 1 {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            // A mark at the end of what was read may be the first of two.
            return Some(at);
        }
    }
}

/// Cuts one row at runs of blanks.
fn cut_blanks(
    block: &mut Block,
    bytes: &[u8],
    start: usize,
    marks: &Marks,
    at_end: bool,
) -> Option<(usize, usize)> {
    let end = match memchr::memchr(marks.line_end, &bytes[start..]) {
        Some(end) => start + end,
        None if at_end => bytes.len(),
        None => return None,
    };
    let (mut at, mut column) = (start, 0);
    while at < end {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if marks.quote == Some(bytes[at])
            && let Some(close) = closing_quote(&bytes[..end], at + 1, bytes[at], marks.escape)
        {
            block.push_cell(column, at + 1, close + 1, true);
            at = close + 1;
        } else {
            let length = bytes[at..end].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
            block.push_cell(column, at, at + length, false);
            at += length;
        }
        column += 1;
    }
    Some(((end + 1).min(bytes.len()), column))
}

/// The first place from `at` on where either byte stands. Cells are short: the next eight bytes are looked at first.
#[inline]
fn find_either(bytes: &[u8], mut at: usize, a: u8, b: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (a_word, b_word) = (ONES * u64::from(a), ONES * u64::from(b));
    for _ in 0..3 {
        let Some(chunk) = bytes.get(at..at + 8) else { break };
        let word = u64::from_le_bytes(<[u8; 8]>::try_from(chunk).ok()?);
        let (x, y) = (word ^ a_word, word ^ b_word);
        // A byte of `x` is zero where `a` stands; only the lowest mark is sure, and it is all that counts.
        let marks = (x.wrapping_sub(ONES) & !x | y.wrapping_sub(ONES) & !y) & HIGH;
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(a, b, bytes.get(at..)?).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::column::gather::{CellBlock, Column};
    use crate::column::table_builder::RowBlock;

    const COMMAS: Marks = Marks {
        delimiter: b',',
        blanks: false,
        quote: Some(b'"'),
        escape: None,
        line_end: b'\n',
        comment: None,
        closes_rows: false,
    };

    fn rows_of(text: &[u8], columns: usize, marks: Marks) -> Vec<Vec<String>> {
        let mut reader = BlockReader::new(Box::new(std::io::Cursor::new(text.to_vec())), marks, columns);
        reader.skip_lines(0);
        let mut rows = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            rows.extend(
                (0..block.rows()).map(|row| (0..columns).map(|column| block.text(column, row)).collect()),
            );
            reader.recycle(block);
        }
        rows
    }

    #[test]
    fn rows_are_cut() {
        let rows = rows_of(b"a,b\r\n\n\"x,\"\"y\"\"\",2\n3\n4,5,6", 2, COMMAS);
        assert_eq!(rows, [["a", "b"], ["x,\"y\"", "2"], ["3", ""], ["4", "5"]]);
    }

    #[test]
    fn runs_of_blanks_are_one_delimiter() {
        let marks = Marks { delimiter: b' ', blanks: true, ..COMMAS };
        let rows = rows_of(b"  1   2.5  \"x y\"\n3\t4 5\n", 3, marks);
        assert_eq!(rows, [["1", "2.5", "x y"], ["3", "4", "5"]]);
    }

    #[test]
    fn comments_are_no_rows() {
        let marks = Marks { comment: Some(b'#'), ..COMMAS };
        assert_eq!(rows_of(b"# title\n1,2\n#end\n3,4\n# last", 2, marks), [["1", "2"], ["3", "4"]]);
    }

    #[test]
    fn a_record_without_end_is_stopped() {
        let mut reader = BlockReader::new(Box::new(std::io::repeat(b'x')), COMMAS, 2);
        assert!(reader.next_block().unwrap_err().contains("64 MiB"));
        // One that ends soon after the limit is too long all the same, in a header too.
        for (lines, is_sound) in [(0, false), (1, false), (2, true)] {
            let mut text =
                vec![b'x'; (MAX_RECORD_BYTES as usize) + (1 << 20) - usize::from(is_sound) * (2 << 20)];
            text.splice(..0, b"a\nb\n".iter().take(lines * 2).copied());
            let mut reader = BlockReader::new(Box::new(std::io::Cursor::new(text)), COMMAS, 1);
            reader.skip_lines(lines);
            assert_eq!(reader.next_block().is_ok(), is_sound, "{lines}");
        }
    }

    proptest! {
        #[test]
        fn the_next_byte_is_found(bytes in proptest::collection::vec(0_u8..5, 0..80), at in 0_usize..10) {
            let at = at.min(bytes.len());
            let expected = (at..bytes.len()).find(|&i| bytes[i] == 1 || bytes[i] == 3);
            prop_assert_eq!(find_either(&bytes, at, 1, 3), expected);
        }

        /// The `csv` crate is the judge, but of a carriage return alone, which ends a row for it only.
        #[test]
        fn cells_are_those_of_another_reader(text in "([a-c,\"\n ]|\r\n|\"\"){0,60}") {
            let mut judge = ::csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let judged: Vec<Vec<String>> = judge
                .records()
                .map(|record| record.unwrap().iter().map(ToString::to_string).collect())
                .collect();
            let width = judged.iter().map(Vec::len).max().unwrap_or(1);
            let mut reader =
                BlockReader::new(Box::new(std::io::Cursor::new(text.clone().into_bytes())), COMMAS, width);
            let mut rows: Vec<Vec<String>> = Vec::new();
            while let Some(block) = reader.next_block().unwrap() {
                for row in 0..block.rows() {
                    let mut names = Vec::new();
                    for column in 0..width {
                        let mut gathered = Column::new("x", 0, b'.', crate::column::gather::Keep { written: 10, text_bytes: 0 });
                        let cells = [block.cells[column][row]];
                        let cell_block = CellBlock { bytes: &block.bytes, quote: b'"' };
                        gathered.push_block(cell_block, &cells, &[], &mut [0]);
                        names.push(gathered.written.first().map_or_else(String::new, ToString::to_string));
                    }
                    rows.push(names);
                }
            }
            let padded: Vec<Vec<String>> = judged
                .into_iter()
                .map(|mut row| { row.resize(width, String::new()); row.iter().map(|cell| cell.trim().to_string()).collect() })
                .collect();
            prop_assert_eq!(rows, padded);
        }
    }
}
