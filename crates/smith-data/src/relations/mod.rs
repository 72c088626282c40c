//! How columns, tables and files hang together.

mod calendar;
mod copies;
mod determinations;
mod foreign_keys;
mod groups;
mod keys;
mod links;
mod names;
mod near;
mod sample;
mod sums;
mod targets;
pub(crate) mod time;
mod twins;

#[cfg(test)]
mod testing;

use rayon::prelude::*;
use smith_task_schema::profile::{Document, FileKind, ForeignKey, TableProfile};

use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;

use links::FileIndex;
use sample::Sample;

/// What is found within one table.
struct Relations {
    facts: TableProfile,
    too_wide: bool,
}

/// Finds out how columns, tables and files hang together and writes it into the facts of the tables. What is held
/// between tables is returned.
///
/// The time it takes is bounded for every table: columns are compared with each other only up to
/// [`limits`], all others are still linked, keyed and compared for equality.
pub(crate) fn add(
    tables: &mut [TableData],
    files: &[(Found, FileKind)],
    documents: &[Document],
    findings: &mut Findings,
) -> Vec<ForeignKey> {
    let index = FileIndex::new(files);
    for table in tables.iter_mut() {
        index.link(table, findings);
    }
    let found: Vec<Relations> = tables.par_iter().map(within).collect();
    for (table, relations) in tables.iter_mut().zip(found) {
        if relations.too_wide {
            let message = format!(
                "has {} columns: of so many only those with the fewest different values are searched for columns \
                 that determine others",
                table.facts.columns.len()
            );
            findings.warn(&table.facts.path, message);
        }
        table.facts = relations.facts;
    }
    twins::warn(tables, findings);
    let keys = foreign_keys::find(tables);
    targets::add(tables, documents, &keys);
    keys
}

/// Sizes up to which all columns of a table are compared with each other, by name.
pub(crate) fn limits() -> [(&'static str, u64); 3] {
    [
        ("columns that may determine others", determinations::MAX_BY as u64),
        ("columns that may be determined", determinations::MAX_COLUMNS as u64),
        ("columns compared for near copies", copies::MAX_COLUMNS as u64),
    ]
}

fn within(table: &TableData) -> Relations {
    let sample = Sample::of(table);
    let (mut facts, near_duplicates) = rayon::join(|| among_columns(table, &sample), || near::find(table));
    facts.near_duplicates = near_duplicates;
    let too_wide = sample.columns.len() > determinations::MAX_COLUMNS;
    Relations { facts, too_wide }
}

/// The facts of a table with those about its columns together.
fn among_columns(table: &TableData, sample: &Sample<'_>) -> TableProfile {
    let mut facts = table.facts.clone();
    facts.relations_rows = sample.rows as u64;
    let (copies, time) = rayon::join(|| copies::find(sample), || time::find(&table.facts, sample));
    (facts.copies, facts.time) = (copies, time);
    facts.sums = sums::find(sample, &facts.copies);
    facts.determinations = determinations::find(sample, &facts.copies);
    facts.keys = keys::find(&table.facts, sample);
    facts.group_columns = groups::find(sample, &facts.determinations);
    keys::count_repeats(&table.facts, sample, &mut facts.duplicate_rows);
    facts
}
