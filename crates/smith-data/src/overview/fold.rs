//! Finds runs of columns alike, so that a wide table can be told in few lines.

use smith_task_schema::profile::{ColumnProfile, TableProfile};

use crate::overview::columns::is_flag;

/// Narrower tables are told column by column.
const WIDE: usize = 24;
/// So many columns alike in a row are told as one.
const FOLD_FROM: usize = 5;
/// So many of the best candidate targets are told by themselves.
const TARGETS: usize = 8;

/// A column, or a run of columns that can be told together.
pub(crate) enum Stretch<'a> {
    One(&'a ColumnProfile),
    Alike(&'a [ColumnProfile]),
}

/// The columns of a table in order, runs of columns alike together.
///
/// Columns are alike when they have one name with different numbers behind it and the same kind; in a wide table also
/// when they are numbers of the same kind, whatever their names. What may be predicted stays by itself.
pub(crate) fn stretches(table: &TableProfile) -> Vec<Stretch<'_>> {
    if table.columns.len() <= WIDE {
        return table.columns.iter().map(Stretch::One).collect();
    }
    let stands_alone = |column: &ColumnProfile| {
        let is_target = table.targets.iter().take(TARGETS).any(|target| target.column == column.name);
        is_target || column.description.is_some() || column.names_files_in.is_some()
    };
    let mut stretches = Vec::new();
    let mut rest = table.columns.as_slice();
    while let [first, behind @ ..] = rest {
        let alike = |column: &&ColumnProfile| alike(first, column) && !stands_alone(column);
        let run = if stands_alone(first) { 1 } else { 1 + behind.iter().take_while(alike).count() };
        let (now, later) = rest.split_at(run);
        if run >= FOLD_FROM {
            stretches.push(Stretch::Alike(now));
        } else {
            stretches.extend(now.iter().map(Stretch::One));
        }
        rest = later;
    }
    stretches
}

fn alike(a: &ColumnProfile, b: &ColumnProfile) -> bool {
    let numbers = a.kind.is_numeric() && b.kind.is_numeric();
    (numbered_alike(a, b) && (a.kind == b.kind || numbers))
        || (numbers && a.kind == b.kind && is_flag(a) == is_flag(b) && (!is_flag(a) || same_values(a, b)))
}

/// One name with different numbers behind it.
pub(crate) fn numbered_alike(a: &ColumnProfile, b: &ColumnProfile) -> bool {
    let stem = |column: &'_ ColumnProfile| column.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let numbered = |column: &ColumnProfile| stem(column) < column.name.len();
    numbered(a) && numbered(b) && a.name.get(..stem(a)) == b.name.get(..stem(b))
}

fn same_values(a: &ColumnProfile, b: &ColumnProfile) -> bool {
    a.top.iter().all(|value| b.top.iter().any(|other| other.value == value.value))
}

#[cfg(test)]
mod tests {
    use smith_task_schema::Formulation;
    use smith_task_schema::profile::{ColumnKind, TargetCandidate};

    use super::*;

    fn table(names: impl IntoIterator<Item = String>, kind: ColumnKind) -> TableProfile {
        let mut table = TableProfile::new("t.csv", "csv");
        table.columns = names
            .into_iter()
            .map(|name| {
                let mut column = ColumnProfile::new(name);
                column.kind = kind;
                column.distinct = 100;
                column
            })
            .collect();
        table
    }

    fn lengths(table: &TableProfile) -> Vec<usize> {
        stretches(table)
            .iter()
            .map(|stretch| match stretch {
                Stretch::One(_) => 1,
                Stretch::Alike(run) => run.len(),
            })
            .collect()
    }

    #[test]
    fn narrow_tables_are_told_column_by_column() {
        assert_eq!(lengths(&table((0..24).map(|i| format!("x{i}")), ColumnKind::Float)), [1; 24]);
    }

    #[test]
    fn numbered_columns_of_a_wide_table_are_one_run() {
        let mut wide = table((0..100).map(|i| format!("x{i}")), ColumnKind::Category);
        assert_eq!(lengths(&wide), [100]);
        wide.columns[50].kind = ColumnKind::Date;
        assert_eq!(lengths(&wide), [50, 1, 49]);
    }

    #[test]
    fn genes_are_one_run_but_words_are_not() {
        let names = || (0..60).map(|i| format!("GENE{i}X"));
        assert_eq!(lengths(&table(names(), ColumnKind::Float)), [60]);
        assert_eq!(lengths(&table(names(), ColumnKind::Category)), [1; 60]);
    }

    #[test]
    fn a_target_stays_by_itself() {
        let mut wide = table((0..40).map(|i| format!("x{i}")), ColumnKind::Float);
        wide.targets = vec![TargetCandidate::new("x20", Formulation::Regression, 0.5)];
        assert_eq!(lengths(&wide), [20, 1, 19]);
    }
}
