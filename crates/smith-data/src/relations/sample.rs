//! The sampled rows of a table, ready to be compared column by column.

use rayon::prelude::*;
use smith_task_schema::profile::{ColumnKind, ColumnProfile};

use crate::table_data::{ColumnData, TableData};

/// One column that was sampled.
#[derive(Debug)]
pub(crate) struct Sampled<'a> {
    pub(crate) index: usize,
    pub(crate) facts: &'a ColumnProfile,
    pub(crate) data: &'a ColumnData,
    /// Rows of each code; that of 0 are the missing ones.
    pub(crate) counts: Vec<u32>,
    /// Number of different values in the sample, missing ones not counted.
    distinct: usize,
    /// The most frequent code, of equally frequent ones the first.
    pub(crate) usual: u32,
    /// Rows whose value, or lack of one, is not alone.
    pub(crate) repeated: usize,
    same: f64,
    same_present: f64,
    /// The same for columns with the same codes: values of one are in step with those of the other.
    pub(crate) signature: u64,
}

/// The sampled columns of one table. Columns without codes (lists, bytes) are not among them.
#[derive(Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) rows: usize,
    /// True when the sample is every row that was read.
    pub(crate) whole: bool,
    pub(crate) columns: Vec<Sampled<'a>>,
}

impl<'a> Sample<'a> {
    pub(crate) fn of(table: &'a TableData) -> Self {
        let rows = table.sample_rows;
        let columns = table.facts.columns.par_iter().zip(&table.columns).enumerate();
        let columns =
            columns.filter_map(|(index, (facts, data))| Sampled::of(index, facts, data, rows)).collect();
        Self { rows, whole: rows as u64 == table.facts.rows, columns }
    }

    pub(crate) fn column(&self, index: usize) -> Option<&Sampled<'a>> {
        self.columns
            .binary_search_by_key(&index, |column| column.index)
            .ok()
            .and_then(|i| self.columns.get(i))
    }
}

impl<'a> Sampled<'a> {
    fn of(index: usize, facts: &'a ColumnProfile, data: &'a ColumnData, rows: usize) -> Option<Self> {
        if rows == 0 || data.codes.len() != rows {
            return None;
        }
        let codes = data.codes.iter().copied().max()? as usize;
        if codes > rows {
            return None;
        }
        let mut counts = vec![0_u32; codes + 1];
        let mut signature = 0xcbf2_9ce4_8422_2325_u64;
        for &code in &data.codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
            signature = mix(signature, u64::from(code));
        }
        let usual = (0_u32..).zip(&counts).max_by_key(|&(code, &count)| (count, u32::MAX - code));
        let present = rows.saturating_sub(counts.first().map_or(0, |&missing| missing as usize));
        let same = |skipped: usize, all: usize| -> f64 {
            let all = all.max(1) as f64;
            counts.iter().skip(skipped).map(|&count| (f64::from(count) / all).powi(2)).sum()
        };
        Some(Self {
            index,
            facts,
            data,
            distinct: counts.iter().skip(1).filter(|&&count| count > 0).count(),
            usual: usual.map_or(0, |(code, _)| code),
            repeated: counts.iter().filter(|&&count| count >= 2).map(|&count| count as usize).sum(),
            same: same(0, rows),
            same_present: same(1, present),
            counts,
            signature,
        })
    }

    pub(crate) fn name(&self) -> &'a str {
        &self.facts.name
    }

    pub(crate) fn codes(&self) -> &'a [u32] {
        &self.data.codes
    }

    /// Number of different values in the sample, missing ones not counted.
    pub(crate) fn distinct(&self) -> usize {
        self.distinct
    }

    pub(crate) fn missing(&self) -> usize {
        self.counts.first().map_or(0, |&count| count as usize)
    }

    /// The chance that two rows drawn at random have the same value, missing being one.
    pub(crate) fn same_by_chance(&self) -> f64 {
        self.same
    }

    /// The chance that two rows with a value drawn at random have the same.
    pub(crate) fn same_present(&self) -> f64 {
        self.same_present
    }

    /// The numbers of the rows, when the column is one of numbers (or dates, when `dates`).
    pub(crate) fn numbers(&self, dates: bool) -> Option<&'a [f64]> {
        let kind = self.facts.kind;
        let fits =
            matches!(kind, ColumnKind::Integer | ColumnKind::Float | ColumnKind::Id | ColumnKind::Mixed)
                || (dates && kind == ColumnKind::Date);
        (fits && self.data.numbers.len() == self.data.codes.len()).then_some(self.data.numbers.as_slice())
    }

    /// The rows in order of their codes.
    pub(crate) fn groups(&self) -> Groups {
        let mut starts = Vec::with_capacity(self.counts.len() + 1);
        let mut total = 0_u32;
        for &count in &self.counts {
            starts.push(total);
            total += count;
        }
        starts.push(total);
        let mut next = starts.clone();
        let mut rows = vec![0_u32; self.data.codes.len()];
        for (row, &code) in (0_u32..).zip(&self.data.codes) {
            if let Some(place) = next.get_mut(code as usize) {
                if let Some(slot) = rows.get_mut(*place as usize) {
                    *slot = row;
                }
                *place += 1;
            }
        }
        Groups { starts, rows }
    }
}

/// True for whole numbers, also when they are written as fractions (`3.0`).
pub(crate) fn is_whole(column: &ColumnProfile) -> bool {
    let written = || column.examples.iter().chain(column.top.iter().map(|top| &top.value));
    let whole = |text: &String| text.trim().parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
    column.kind == ColumnKind::Integer
        || column.kind == ColumnKind::Float && written().next().is_some() && written().all(whole)
}

/// Rows gathered by their value.
#[derive(Debug)]
pub(crate) struct Groups {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Groups {
    /// The rows of every value, that of missing ones first; each rising.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).filter_map(|pair| match pair {
            [from, to] => self.rows.get(*from as usize..*to as usize),
            _ => None,
        })
    }
}

/// A number that depends on both and on their order.
pub(crate) fn mix(state: u64, value: u64) -> u64 {
    let mixed = (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// Some rows, spread over all of them in blocks, so that neighbours are among them.
pub(crate) fn probe(rows: usize, wanted: usize) -> Vec<usize> {
    const BLOCKS: usize = 8;
    if rows <= wanted {
        return (0..rows).collect();
    }
    let block = (wanted / BLOCKS).max(1);
    (0..BLOCKS)
        .flat_map(|i| {
            let start = i * (rows - block) / (BLOCKS - 1);
            start..start + block
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::testing;

    #[test]
    fn groups_hold_every_row_once_in_order() {
        let table = testing::table("t.csv", "a", &["x", "y", "", "x", "y", "x"]);
        let sample = Sample::of(&table);
        let column = sample.column(0).unwrap();
        let groups: Vec<Vec<u32>> = column.groups().iter().map(<[u32]>::to_vec).collect();
        assert_eq!(groups, [vec![2], vec![0, 3, 5], vec![1, 4]]);
        assert_eq!((column.distinct(), column.missing()), (2, 1));
    }

    #[test]
    fn a_probe_is_within_the_rows() {
        for rows in [0, 1, 7, 99, 5_000] {
            let probe = probe(rows, 96);
            assert!(probe.iter().all(|&row| row < rows) && probe.is_sorted());
            assert_eq!(probe.len(), rows.min(96));
        }
    }
}
