//! Whole rows of delimited text with the places of their cells.

use crate::column::gather::{CellBlock, Column, Span, unquote};
use crate::column::table_builder::RowBlock;
use crate::overview::display::prefix;
use crate::source::encoding::decode;

/// What is odd about the rows of a block: how many, and the first of them, counted from 0 in the block.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct BlockOddities {
    pub(crate) ragged: u64,
    pub(crate) first_ragged: Option<(usize, usize)>,
    pub(crate) with_nul: u64,
    pub(crate) not_utf8: u64,
    /// Rows with any character beyond ASCII, counted where some are not UTF-8.
    pub(crate) beyond_ascii: u64,
    pub(crate) first_not_utf8: Option<usize>,
}

/// Whole rows of delimited text.
#[derive(Debug)]
pub(crate) struct Block {
    pub(super) bytes: Vec<u8>,
    quote: u8,
    /// For each column a cell in each row.
    pub(super) cells: Vec<Vec<Span>>,
    pub(super) rows: usize,
    pub(crate) oddities: BlockOddities,
}

impl Block {
    pub(super) fn new(columns: usize, quote: u8) -> Self {
        Self {
            bytes: Vec::new(),
            quote,
            cells: vec![Vec::new(); columns],
            rows: 0,
            oddities: BlockOddities::default(),
        }
    }

    /// Leaves the first `rows` rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
        self.cells.iter_mut().for_each(|cells| cells.truncate(rows));
    }

    pub(super) fn clear(&mut self) {
        self.rows = 0;
        self.cells.iter_mut().for_each(Vec::clear);
        self.oddities = BlockOddities::default();
    }

    /// Takes back the cells of a row that is not whole.
    pub(super) fn drop_partial_row(&mut self) {
        let rows = self.rows;
        self.cells.iter_mut().take_while(|cells| cells.len() > rows).for_each(|cells| cells.truncate(rows));
    }

    pub(super) fn push_cell(&mut self, column: usize, start: usize, end: usize, is_quoted: bool) {
        if let Some(cells) = self.cells.get_mut(column) {
            let flag = if is_quoted { Span::QUOTED } else { 0 };
            cells.push(Span { start: start as u32, length: (end - start) as u32 | flag });
        }
    }

    pub(super) fn end_row(&mut self, cells: usize, closes_rows: bool) {
        let columns = self.cells.len();
        if cells != columns + usize::from(closes_rows) && cells != columns {
            self.oddities.ragged += 1;
            self.oddities.first_ragged.get_or_insert((self.rows, cells));
        }
        for missing in self.cells.iter_mut().skip(cells) {
            missing.push(Span::default());
        }
        self.rows += 1;
    }

    /// Makes every cell UTF-8: what is not is read as Windows-1252.
    pub(super) fn mend_encoding(&mut self, consumed: usize) {
        let text = self.bytes.get(..consumed).unwrap_or_default();
        if memchr::memchr(0, text).is_some() {
            self.count_nul();
        }
        let text = self.bytes.get(..consumed).unwrap_or_default();
        if std::str::from_utf8(text).is_ok() {
            return;
        }
        let mut first = usize::MAX;
        let mut rows_hit = vec![false; self.rows];
        let mut rows_beyond = vec![false; self.rows];
        for cells in &mut self.cells {
            for (row, span) in cells.iter_mut().enumerate() {
                let cell = span.of(&self.bytes);
                if cell.is_ascii() {
                    continue;
                }
                rows_beyond[row] = true;
                let (decoded, is_utf8) = decode(cell);
                if is_utf8 {
                    continue;
                }
                first = first.min(row);
                rows_hit[row] = true;
                let decoded = decoded.into_owned();
                *span = Span {
                    start: self.bytes.len() as u32,
                    length: decoded.len() as u32 | (span.length & Span::QUOTED),
                };
                self.bytes.extend_from_slice(decoded.as_bytes());
            }
        }
        self.oddities.beyond_ascii = rows_beyond.iter().filter(|&&hit| hit).count() as u64;
        self.oddities.not_utf8 = rows_hit.iter().filter(|&&hit| hit).count() as u64;
        self.oddities.first_not_utf8 = (first < usize::MAX).then_some(first);
    }

    fn count_nul(&mut self) {
        let has_nul = |span: &Span| span.of(&self.bytes).contains(&0);
        let rows =
            (0..self.rows).filter(|&row| self.cells.iter().any(|cells| cells.get(row).is_some_and(has_nul)));
        self.oddities.with_nul = rows.count() as u64;
    }
}

impl RowBlock for Block {
    fn rows(&self) -> usize {
        self.rows
    }

    fn push(
        &self,
        index: usize,
        column: &mut Column,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) -> Result<(), String> {
        let cells = self.cells.get(index).map(Vec::as_slice).unwrap_or_default();
        column.push_block(CellBlock { bytes: &self.bytes, quote: self.quote }, cells, sampled, row_hashes);
        Ok(())
    }

    fn text(&self, index: usize, row: usize) -> String {
        let Some(span) = self.cells.get(index).and_then(|cells| cells.get(row)) else { return String::new() };
        let mut cell = span.of(&self.bytes);
        let mut unquoted = Vec::new();
        if span.is_quoted() {
            unquote(cell, self.quote, &mut unquoted);
            cell = &unquoted;
        }
        prefix(&String::from_utf8_lossy(cell), 1_000).to_string()
    }
}
