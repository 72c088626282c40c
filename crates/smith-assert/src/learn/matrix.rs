//! Tables of numbers.

/// Numbers row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self { columns, values: vec![0.0; rows * columns] }
    }

    /// Of columns that are equally long.
    pub(crate) fn of_columns(rows: usize, columns: &[Vec<f32>]) -> Self {
        let mut matrix = Self::zeros(rows, columns.len());
        for (at, column) in columns.iter().enumerate() {
            for (row, &value) in column.iter().enumerate().take(rows) {
                matrix.row_mut(row)[at] = value;
            }
        }
        matrix
    }

    pub(crate) fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn column(&self, at: usize) -> impl Iterator<Item = f32> + '_ {
        self.values.iter().skip(at).step_by(self.columns.max(1)).copied()
    }

    /// Some of the rows, in the order in which they are named.
    pub(crate) fn pick(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { columns: self.columns, values }
    }

    /// Mean of each column.
    pub(crate) fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.columns];
        for row in 0..self.rows() {
            means.iter_mut().zip(self.row(row)).for_each(|(mean, &value)| *mean += f64::from(value));
        }
        means.iter_mut().for_each(|mean| *mean /= self.rows().max(1) as f64);
        means
    }
}

/// Rows of few numbers that are not zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sparse {
    pub(crate) columns: usize,
    ends: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Sparse {
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, ends: Vec::new(), entries: Vec::new() }
    }

    /// Adds a row of columns below the number of columns.
    pub(crate) fn push_row(&mut self, entries: impl IntoIterator<Item = (u32, f32)>) {
        self.entries.extend(entries);
        self.ends.push(self.entries.len());
    }

    pub(crate) fn rows(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn row(&self, row: usize) -> &[(u32, f32)] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.entries[start..self.ends[row]]
    }

    /// Mean number of entries of a row.
    pub(crate) fn density(&self) -> usize {
        self.entries.len().checked_div(self.ends.len()).unwrap_or(0)
    }
}

/// What a linear model sees: columns that are mostly filled, and columns that are mostly zero.
#[derive(Debug, Clone, Default)]
pub(crate) struct Design {
    pub(crate) dense: Matrix,
    pub(crate) sparse: Option<Sparse>,
    pub(crate) rows: usize,
}

impl Design {
    pub(crate) fn columns(&self) -> usize {
        self.dense.columns() + self.sparse.as_ref().map_or(0, |sparse| sparse.columns)
    }

    /// Some of the rows, in the order in which they are named.
    pub(crate) fn pick(&self, rows: &[usize]) -> Self {
        let sparse = self.sparse.as_ref().map(|sparse| {
            let mut picked = Sparse::new(sparse.columns);
            rows.iter().for_each(|&row| picked.push_row(sparse.row(row).iter().copied()));
            picked
        });
        Self { dense: self.dense.pick(rows), sparse, rows: rows.len() }
    }

    /// Entries of a row, on average.
    pub(crate) fn density(&self) -> usize {
        self.dense.columns() + self.sparse.as_ref().map_or(0, Sparse::density)
    }

    /// The columns of a row that are mostly filled.
    pub(crate) fn dense_row(&self, row: usize) -> &[f32] {
        if self.dense.columns() == 0 { &[] } else { self.dense.row(row) }
    }

    /// Those of the others that are not zero, by their positions among the others.
    pub(crate) fn sparse_row(&self, row: usize) -> &[(u32, f32)] {
        self.sparse.as_ref().map_or(&[][..], |sparse| sparse.row(row))
    }
}
