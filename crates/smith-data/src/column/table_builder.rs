//! Gathers the columns of a table, whatever format its rows come from: row by row, or in blocks of rows on all cores.

use std::collections::HashMap;

use rayon::prelude::*;
use smith_task_schema::profile::TableProfile;

use crate::column::finish::{Finished, finish};
use crate::column::gather::{Column, Keep, WATCHED_OF_MANY};
use crate::column::repeats::Repeats;
use crate::column::sampler::RowSampler;
use crate::findings::Findings;
use crate::overview::display::one_line;
use crate::table_data::{ColumnData, TableData};

/// Different values counted exactly in one table, over all its columns together: what bounds its memory.
pub(crate) const MAX_DISTINCT_TOTAL: usize = 2_000_000;
/// Columns that are gathered where rows bring their own names, as in JSON.
const MAX_NAMED_COLUMNS: usize = 2_000;
/// Rows from which relations are found.
pub(crate) const SAMPLE_ROWS: usize = 100_000;
/// Cells of the sampled rows of a wide table.
const SAMPLE_CELLS: usize = 5_000_000;
/// Sampled rows of even the widest table.
const MIN_SAMPLE_ROWS: usize = 500;
/// Sampled rows of a table whose columns are found on the way.
const GROWING_SAMPLE_ROWS: usize = 20_000;
/// Rows that are shown whole.
const SHOWN_ROWS: usize = 5;
/// Length of a cell of a row that is shown, in characters.
const SHOWN_CELL: usize = 80;
/// Columns of a row that is shown.
const SHOWN_COLUMNS: usize = 200;
/// Values kept as they were written, over all columns.
const WRITTEN_TOTAL: usize = 200_000;
/// Bytes of texts kept for comparison, over all columns.
const TEXT_BYTES_TOTAL: usize = 64 << 20;
/// Bytes of texts kept for comparison, of one column.
const TEXT_BYTES: usize = 8 << 20;
/// Parts of a block of rows that are shared out to the cores.
const TASKS: usize = 32;
/// Columns of such a part, at least.
const COLUMNS_A_TASK: usize = 2;
/// Rows between two looks at the memory, for tables that are read row by row.
const ROWS_BETWEEN_LOOKS: u64 = 4_096;

/// A block of rows whose columns can be taken in side by side.
pub(crate) trait RowBlock: Sync {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Pushes the cells of one column: `sampled` and `row_hashes` are handed on to the column.
    ///
    /// # Errors
    /// Words for what is wrong with the data.
    fn push(
        &self,
        index: usize,
        column: &mut Column,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) -> Result<(), String>;

    /// A cell as text, to be shown.
    fn text(&self, index: usize, row: usize) -> String;
}

/// Accumulates one table.
#[derive(Debug)]
pub(crate) struct TableBuilder {
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
    decimal: u8,
    rows: u64,
    sampler: RowSampler,
    repeats: Repeats,
    /// Hashes of the last rows, not yet in `repeats`.
    pending: Vec<u64>,
    shown: RowSampler,
    shown_rows: Vec<Vec<String>>,
    too_many_names: bool,
}

impl TableBuilder {
    /// A table whose columns are known.
    pub(crate) fn new(names: &[String]) -> Self {
        Self::with_decimal(names, b'.')
    }

    /// A table whose columns are known, and what stands between whole and fraction of its numbers.
    pub(crate) fn with_decimal(names: &[String], decimal: u8) -> Self {
        let width = names.len().max(1);
        let sample_rows = (SAMPLE_CELLS / width).clamp(MIN_SAMPLE_ROWS, SAMPLE_ROWS);
        let keep = keep(width);
        let columns =
            names.iter().enumerate().map(|(at, name)| Column::new(name, at, decimal, keep)).collect();
        Self { columns, decimal, ..Self::empty(sample_rows) }
    }

    /// A table whose columns are found on the way.
    pub(crate) fn growing() -> Self {
        Self::empty(GROWING_SAMPLE_ROWS)
    }

    fn empty(sample_rows: usize) -> Self {
        Self {
            columns: Vec::new(),
            by_name: HashMap::new(),
            decimal: b'.',
            rows: 0,
            sampler: RowSampler::new(sample_rows),
            repeats: Repeats::default(),
            pending: Vec::new(),
            shown: RowSampler::new(SHOWN_ROWS),
            shown_rows: Vec::new(),
            too_many_names: false,
        }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes in a block of rows, its columns side by side.
    ///
    /// # Errors
    /// What a column says is wrong with the data.
    pub(crate) fn push_block(&mut self, block: &impl RowBlock) -> Result<(), String> {
        let rows = block.rows();
        let sampled = self.sampler.choose(self.rows, rows);
        let push = |hashes: Result<Vec<u64>, String>, (index, column): (usize, &mut Column)| {
            let mut hashes = hashes?;
            block.push(index, column, &sampled, &mut hashes)?;
            Ok(hashes)
        };
        let sum = |a: Result<Vec<u64>, String>, b: Result<Vec<u64>, String>| {
            let (mut a, b) = (a?, b?);
            a.iter_mut().zip(&b).for_each(|(a, b)| *a = a.wrapping_add(*b));
            Ok(a)
        };
        let none = || Ok(vec![0; rows]);
        let (repeats, pending) = (&mut self.repeats, std::mem::take(&mut self.pending));
        let a_task = (self.columns.len() / TASKS).max(COLUMNS_A_TASK);
        let columns = self.columns.par_iter_mut().with_max_len(a_task).enumerate();
        // The rows of the last block are compared while the columns of this one are taken in. Addition is what makes
        // the sum the same in whatever order the columns finish.
        let (hashes, ()) =
            rayon::join(|| columns.fold(none, push).reduce(none, sum), || repeats.add(&pending));
        self.pending = hashes?;
        self.show(block);
        self.rows += rows as u64;
        self.stay_bounded();
        Ok(())
    }

    /// Keeps the cells of some rows. The sampler thins out at each, so that few of a block are ever written out.
    fn show(&mut self, block: &impl RowBlock) {
        let width = self.columns.len().min(SHOWN_COLUMNS);
        for row in 0..block.rows() {
            if self.shown.choose_one(self.rows + row as u64) {
                let cells = (0..width).map(|index| one_line(&block.text(index, row), SHOWN_CELL));
                self.shown_rows.push(cells.collect());
                self.thin_shown();
            }
        }
    }

    fn thin_shown(&mut self) {
        if let Some(kept) = self.shown.thin() {
            let rows = std::mem::take(&mut self.shown_rows);
            self.shown_rows = rows
                .into_iter()
                .enumerate()
                .filter(|(at, _)| kept.contains(&(*at as u32)))
                .map(|(_, row)| row)
                .collect();
        }
    }

    /// Counts one row, whose cells were pushed before.
    pub(crate) fn end_row(&mut self) {
        let is_sampled = self.sampler.choose_one(self.rows);
        if self.shown.choose_one(self.rows) {
            let width = self.columns.len().min(SHOWN_COLUMNS);
            self.shown_rows
                .push(self.columns[..width].iter().map(|column| column.row_text().to_owned()).collect());
            self.thin_shown();
        }
        let hash =
            self.columns.iter_mut().fold(0_u64, |sum, column| sum.wrapping_add(column.end_row(is_sampled)));
        self.repeats.add(&[hash]);
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_BETWEEN_LOOKS) {
            self.stay_bounded();
        }
    }

    /// Gives up what exceeds the bounds: sampled rows, and the largest dictionaries.
    fn stay_bounded(&mut self) {
        if let Some(kept) = self.sampler.thin() {
            self.columns.par_iter_mut().for_each(|column| column.keep_sampled(&kept));
        }
        let mut total: usize = self.columns.iter().map(|column| column.dictionary.len()).sum();
        while total > MAX_DISTINCT_TOTAL {
            let largest = self.columns.iter_mut().rev().max_by_key(|column| column.dictionary.len());
            let Some(largest) = largest else { return };
            let before = largest.dictionary.len();
            largest.give_up_dictionary(WATCHED_OF_MANY);
            total -= before - largest.dictionary.len();
            if before == largest.dictionary.len() {
                return;
            }
        }
    }

    /// The column at a position; none beyond the last one.
    pub(crate) fn column(&mut self, index: usize) -> Option<&mut Column> {
        self.columns.get_mut(index)
    }

    /// The column of a name, made when it is new; none when there are too many already.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut Column> {
        if let Some(&index) = self.by_name.get(name) {
            return self.columns.get_mut(index);
        }
        if self.columns.len() == MAX_NAMED_COLUMNS {
            self.too_many_names = true;
            return None;
        }
        let index = self.columns.len();
        self.by_name.insert(name.to_string(), index);
        let mut column = Column::new(name, index, self.decimal, keep(MAX_NAMED_COLUMNS / 8));
        column.start_late(self.sampler.rows().len());
        self.columns.push(column);
        self.columns.last_mut()
    }

    /// `table` with its rows and columns; what is odd about them goes into `findings`.
    pub(crate) fn finish(mut self, mut table: TableProfile, findings: &mut Findings) -> TableData {
        if self.too_many_names {
            let message = format!(
                "the records have more than {MAX_NAMED_COLUMNS} different keys; the first are profiled"
            );
            findings.warn(&table.path, message);
        }
        let rows = self.rows;
        let finished: Vec<Finished> =
            self.columns.into_par_iter().map(|column| finish(column, rows)).collect();
        report_strays(&table.path, &finished, rows, findings);
        let (columns, data): (Vec<_>, Vec<ColumnData>) =
            finished.into_iter().map(|column| (column.facts, column.data)).unzip();
        table.rows = rows;
        table.columns = columns;
        table.sample_rows = self.shown_rows;
        self.repeats.add(&self.pending);
        table.duplicate_rows = self.repeats.finish();
        table.relations_rows = self.sampler.rows().len() as u64;
        TableData {
            facts: table,
            columns: data,
            sample_rows: self.sampler.rows().len(),
            ..TableData::default()
        }
    }
}

fn keep(width: usize) -> Keep {
    Keep {
        written: (WRITTEN_TOTAL / width).clamp(20, ColumnData::MAX_WRITTEN),
        text_bytes: (TEXT_BYTES_TOTAL / width).min(TEXT_BYTES),
    }
}

fn report_strays(path: &str, columns: &[Finished], rows: u64, findings: &mut Findings) {
    for column in columns {
        if let Some((strays, first)) = &column.strays {
            let (name, values) = (&column.facts.name, rows - column.facts.missing);
            findings.warn(
                path,
                format!("column `{name}`: {strays} of {values} values are no numbers, such as `{first}`"),
            );
        }
    }
}
