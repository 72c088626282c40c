//! Columns as small whole numbers: 0 for what is missing, then the interval of the value.

use crate::learn::Matrix;

/// Intervals of a column.
pub(super) const MOST: usize = 64;

/// Where the intervals of each column end.
pub(crate) struct Bins {
    ends: Vec<Vec<f32>>,
}

/// Rows as bins, column by column.
pub(super) struct Binned {
    pub(super) columns: Vec<Vec<u8>>,
    pub(super) rows: usize,
}

impl Bins {
    /// Ends half way between distinct values where there are few of them, else at even shares of the rows.
    pub(crate) fn of(x: &Matrix) -> Self {
        Self {
            ends: (0..x.columns())
                .map(|at| ends_of(x.column(at).filter(|value| !value.is_nan()).collect()))
                .collect(),
        }
    }

    /// Number of bins of a column, that of missing values included.
    pub(super) fn count(&self, column: usize) -> usize {
        self.ends[column].len() + 2
    }

    pub(super) fn bin(&self, x: &Matrix) -> Binned {
        let columns = self.ends.iter().enumerate();
        let bins = columns.map(|(at, ends)| x.column(at).map(|value| bin_of(ends, value)).collect());
        Binned { columns: bins.collect(), rows: x.rows() }
    }
}

fn bin_of(ends: &[f32], value: f32) -> u8 {
    // There are fewer ends than a byte can count.
    if value.is_nan() { 0 } else { ends.partition_point(|end| *end < value) as u8 + 1 }
}

fn ends_of(mut values: Vec<f32>) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let mut distinct = values.clone();
    distinct.dedup();
    let halfway = |pair: &[f32]| if let [a, b] = pair { f32::midpoint(*a, *b) } else { 0.0 };
    let mut ends: Vec<f32> = if distinct.len() <= MOST {
        distinct.windows(2).map(halfway).collect()
    } else {
        (1..MOST).map(|part| values[part * (values.len() - 1) / MOST]).collect()
    };
    ends.dedup();
    ends
}
