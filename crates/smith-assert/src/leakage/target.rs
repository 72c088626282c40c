//! One predicted column: classes or numbers.

use std::collections::HashMap;

use crate::subject::number;

/// Whole numbers of so many different values are classes.
const MAX_CODES: usize = 30;

/// A predicted column with the values of some rows.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) cells: Vec<String>,
    pub(crate) values: Values,
}

/// What is predicted.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    /// For each row its class, and the classes by name in order of their names.
    Classes(Vec<u32>, Vec<String>),
    Numbers(Vec<f64>),
}

impl Target {
    pub(crate) fn new(name: &str, cells: Vec<String>) -> Self {
        let mut distinct: Vec<&String> = cells.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let numbers: Option<Vec<f64>> = cells.iter().map(|cell| number(cell)).collect();
        let whole = |numbers: &Vec<f64>| numbers.iter().all(|number| number.fract() == 0.0);
        let values = match numbers {
            Some(numbers) if distinct.len() > if whole(&numbers) { MAX_CODES } else { 10 } => {
                Values::Numbers(numbers)
            }
            _ => {
                let names: Vec<String> = distinct.into_iter().cloned().collect();
                let code: HashMap<&str, u32> =
                    names.iter().zip(0..).map(|(name, code)| (name.as_str(), code)).collect();
                let codes = cells.iter().map(|cell| code.get(cell.as_str()).copied().unwrap_or(0)).collect();
                Values::Classes(codes, names)
            }
        };
        Self { name: name.to_owned(), cells, values }
    }

    pub(crate) fn rows(&self) -> usize {
        self.cells.len()
    }

    /// True when there are at least two different answers.
    pub(crate) fn varies(&self) -> bool {
        match &self.values {
            Values::Classes(_, names) => names.len() > 1,
            Values::Numbers(_) => true,
        }
    }

    /// Shares of the classes.
    pub(crate) fn shares(&self) -> Vec<f64> {
        let Values::Classes(codes, names) = &self.values else { return Vec::new() };
        let mut counts = vec![0_usize; names.len()];
        for &code in codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        counts.into_iter().map(|count| count as f64 / codes.len().max(1) as f64).collect()
    }

    /// The first rows and the others, of the same kind as all together.
    pub(crate) fn split_at(&self, rows: usize) -> (Self, Self) {
        let part = |from: usize, to: usize| {
            let values = match &self.values {
                Values::Classes(codes, names) => {
                    Values::Classes(codes.get(from..to).unwrap_or_default().to_vec(), names.clone())
                }
                Values::Numbers(numbers) => {
                    Values::Numbers(numbers.get(from..to).unwrap_or_default().to_vec())
                }
            };
            Self {
                name: self.name.clone(),
                cells: self.cells.get(from..to).unwrap_or_default().to_vec(),
                values,
            }
        };
        let at = rows.min(self.rows());
        (part(0, at), part(at, self.rows()))
    }

    /// The same column for some of its rows, in another order.
    pub(crate) fn of_rows(&self, rows: impl Iterator<Item = usize>) -> Self {
        let cells = rows.filter_map(|row| self.cells.get(row)).cloned().collect();
        Self::new(&self.name, cells)
    }
}

/// The predicted columns; where each row of several columns says by a single greatest number which class it is, that
/// class too.
pub(crate) fn targets(names: &[&str], columns: &[Vec<String>]) -> Vec<Target> {
    let mut targets: Vec<Target> = names
        .iter()
        .zip(columns)
        .take(MAX_COLUMNS)
        .map(|(name, cells)| Target::new(name, cells.clone()))
        .collect();
    if columns.len() > 1
        && let Some(classes) = one_hot(names, columns)
    {
        targets.insert(0, Target::new("class", classes));
    }
    targets.retain(Target::varies);
    targets
}

/// Predicted columns that are compared one by one.
pub(crate) const MAX_COLUMNS: usize = 16;

fn one_hot(names: &[&str], columns: &[Vec<String>]) -> Option<Vec<String>> {
    let rows = columns.first()?.len();
    let class = |row: usize| {
        let mut given = columns.iter().enumerate().map(|(at, cells)| Some((at, number(cells.get(row)?)?)));
        let ones = given.try_fold((None, 0), |(one, count), cell| match cell? {
            (at, 1.0) => Some((Some(at), count + 1)),
            (_, 0.0) => Some((one, count)),
            _ => None,
        });
        match ones? {
            (Some(at), 1) => names.get(at).map(|name| (*name).to_owned()),
            _ => None,
        }
    };
    (0..rows).map(class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn few_whole_numbers_are_classes() {
        assert!(matches!(Target::new("y", owned(&["0", "1", "1"])).values, Values::Classes(..)));
        let many: Vec<String> = (0..50).map(|i| format!("{i}.5")).collect();
        assert!(matches!(Target::new("y", many).values, Values::Numbers(_)));
    }

    #[test]
    fn one_column_a_class_is_one_class() {
        let targets = targets(&["cat", "dog"], &[owned(&["1", "0"]), owned(&["0", "1"])]);
        assert_eq!((targets.len(), targets[0].cells.clone()), (3, owned(&["cat", "dog"])));
    }
}
