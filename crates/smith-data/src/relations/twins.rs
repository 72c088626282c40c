//! Finds tables whose rows are those of another table: what is asked of one stands in the other.

use std::collections::HashMap;

use smith_task_schema::profile::ColumnKind;

use crate::findings::Findings;
use crate::relations::names;
use crate::relations::sample::{Sample, Sampled};
use crate::table_data::TableData;

/// Fewest rows whose order is no accident.
const MIN_ROWS: usize = 20;
/// Fewest different values of a column that no other has in the same order by accident.
const MIN_DISTINCT: usize = 10;
/// Fewest columns in step that tell that rows are the same ones.
const MIN_COLUMNS: usize = 2;
/// Pairs of columns that are told.
const TOLD: usize = 4;
/// Tables that are compared.
const MAX_TABLES: usize = 1_000;
/// Tables whose rows are told to be those of an earlier one.
const MAX_TOLD: usize = 20;

/// Warns of every table that has the same rows, in the same order, as an earlier one, whatever the names of its
/// columns and the words of its classes.
pub(super) fn warn(tables: &[TableData], findings: &mut Findings) {
    // By the number of rows and the pattern in which values repeat: the first table and its column with it.
    let mut known: HashMap<(u64, u64), (usize, &str)> = HashMap::new();
    let mut told = 0;
    for (index, table) in tables.iter().enumerate().take(MAX_TABLES) {
        let sample = Sample::of(table);
        let telling: Vec<&Sampled<'_>> =
            sample.columns.iter().filter(|column| tells(column, sample.rows)).collect();
        let mut pairs: HashMap<usize, Vec<(&str, &str)>> = HashMap::new();
        for column in &telling {
            if let Some((other, name)) = known.get(&(table.facts.rows, column.signature)) {
                pairs.entry(*other).or_default().push((column.name(), name));
            }
        }
        let best = pairs.into_iter().max_by_key(|(other, pairs)| (pairs.len(), usize::MAX - other));
        if let Some((other, pairs)) = best.filter(|(_, pairs)| pairs.len() >= MIN_COLUMNS && told < MAX_TOLD)
            && let Some(other) = tables.get(other)
        {
            findings.warn(&table.facts.path, message(&other.facts.path, &pairs));
            told += 1;
        }
        for column in telling {
            known.entry((table.facts.rows, column.signature)).or_insert((index, column.name()));
        }
    }
}

/// True for a column whose values repeat in a pattern of its own: no key, no date, nothing that rises.
fn tells(column: &Sampled<'_>, rows: usize) -> bool {
    rows >= MIN_ROWS
        && column.distinct() >= MIN_DISTINCT
        && column.distinct() * 20 >= rows
        && column.distinct() < rows
        && column.facts.monotone.is_none()
        && !column.facts.unique
        && !matches!(column.facts.kind, ColumnKind::Id | ColumnKind::Date | ColumnKind::Path)
        && !names::is_key(column.name())
}

fn message(other: &str, pairs: &[(&str, &str)]) -> String {
    let shown: Vec<String> =
        pairs.iter().take(TOLD).map(|(column, of)| format!("`{column}` with `{of}`")).collect();
    let more = pairs.len().saturating_sub(shown.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "has the rows of `{other}` in the same order: {} change{more} in step; what is asked of one table must not be \
         looked up in the other",
        shown.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::sample::mix;
    use crate::relations::testing;

    fn found(one: &[String], other: &[String]) -> usize {
        let tables =
            [testing::table("a.csv", "size,mass,kind", one), testing::table("b.csv", "s,m,k", other)];
        let mut findings = Findings::default();
        warn(&tables, &mut findings);
        findings.finish().len()
    }

    fn rows(seed: u64, kinds: [&str; 2]) -> Vec<String> {
        (0..60)
            .map(|i| {
                let kind = kinds[(mix(3, i) % 2) as usize];
                format!("{}.5,{},{kind}", mix(seed, i) % 30, mix(seed + 1, i) % 40)
            })
            .collect()
    }

    #[test]
    fn the_same_rows_under_other_names_and_words() {
        assert_eq!(found(&rows(1, ["a", "b"]), &rows(1, ["first kind", "second kind"])), 1);
    }

    #[test]
    fn other_rows_of_the_same_make_and_few_values_tell_nothing() {
        assert_eq!(found(&rows(1, ["a", "b"]), &rows(7, ["a", "b"])), 0);
        let hours: Vec<String> = (0..480).map(|i| format!("{},{},x", i % 24, i / 24)).collect();
        assert_eq!(found(&hours, &hours), 0);
    }
}
