//! Columns that together name each row.

use std::collections::HashSet;

use smith_task_schema::profile::{ColumnKind, ColumnProfile, DuplicateRows, TableProfile};

use crate::relations::names;
use crate::relations::sample::{Sample, Sampled, mix, probe};

/// Most keys that are reported of a table.
const MAX_KEYS: usize = 10;
/// Most columns that are combined.
const MAX_COLUMNS: usize = 16;
/// Most combinations that are verified in all rows.
const MAX_VERIFIED: usize = 16;
/// Rows of a first look.
const PROBE_ROWS: usize = 2_000;
/// How many rows unrelated columns would have repeated, for their absence to mean something.
const EXPECTED_REPEATS: f64 = 20.0;
/// Words of a text that is more than a name.
const WORDS_OF_TEXT: f64 = 4.0;

/// All keys: single columns by their facts, then pairs and triples, when every row was sampled.
pub(crate) fn find(table: &TableProfile, sample: &Sample<'_>) -> Vec<Vec<String>> {
    let mut keys: Vec<Vec<String>> = table
        .columns
        .iter()
        .filter(|column| is_key(column, table.rows))
        .map(|c| vec![c.name.clone()])
        .collect();
    keys.truncate(MAX_KEYS);
    if sample.whole && sample.rows >= 10 {
        let room = MAX_KEYS - keys.len();
        keys.extend(combinations(sample).into_iter().take(room));
    }
    keys
}

/// True for a column without repeats whose values are names rather than measurements.
pub(crate) fn is_key(column: &ColumnProfile, rows: u64) -> bool {
    if !column.unique || rows < 2 {
        return false;
    }
    match column.kind {
        ColumnKind::Id | ColumnKind::Path | ColumnKind::Url => true,
        ColumnKind::Date => rows >= 5,
        ColumnKind::Text | ColumnKind::Category => {
            column.lengths.is_none_or(|lengths| lengths.mean_words <= WORDS_OF_TEXT && lengths.mean <= 60.0)
        }
        ColumnKind::Integer => names::is_key(&column.name) || is_dense(column, rows),
        _ => false,
    }
}

/// True for whole numbers that lie so closely that measurements would have repeated themselves.
fn is_dense(column: &ColumnProfile, rows: u64) -> bool {
    let bound = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    match (bound(&column.min), bound(&column.max)) {
        (Some(min), Some(max)) => rows >= 10 && max - min < rows as f64 * 2.0,
        _ => false,
    }
}

fn combinations(sample: &Sample<'_>) -> Vec<Vec<String>> {
    let columns = parts(sample);
    let rows = probe(sample.rows, PROBE_ROWS);
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut verified = 0;
    for set in sets(columns.len()) {
        let is_larger = found.iter().any(|key| key.iter().all(|part| set.contains(part)));
        let Some(parts) = set.iter().map(|&i| columns.get(i).copied()).collect::<Option<Vec<_>>>() else {
            continue;
        };
        if is_larger
            || !is_plausible(&parts, sample.rows)
            || !all_differ(&parts, rows.iter().copied(), rows.len())
        {
            continue;
        }
        verified += 1;
        if verified > MAX_VERIFIED {
            break;
        }
        if all_differ(&parts, 0..sample.rows, sample.rows) {
            found.push(set);
        }
    }
    let name = |&i: &usize| columns.get(i).map(|column| column.name().to_string());
    found.iter().map(|key| key.iter().filter_map(name).collect()).collect()
}

/// Pairs, then triples.
fn sets(columns: usize) -> impl Iterator<Item = Vec<usize>> {
    let pairs = (0..columns).flat_map(move |a| (a + 1..columns).map(move |b| vec![a, b]));
    let triples = (0..columns)
        .flat_map(move |a| (a + 1..columns).flat_map(move |b| (b + 1..columns).map(move |c| vec![a, b, c])));
    pairs.chain(triples)
}

/// Columns that may be a part of a key; of those that are codes for one thing the first.
fn parts<'s, 'a>(sample: &'s Sample<'a>) -> Vec<&'s Sampled<'a>> {
    let mut seen = HashSet::new();
    let mut columns: Vec<&Sampled<'_>> =
        sample.columns.iter().filter(|column| is_part(column) && seen.insert(column.signature)).collect();
    if columns.len() > MAX_COLUMNS {
        // Names and dates first, then what tells the most rows apart.
        columns.sort_by_key(|column| {
            let named = names::is_key(column.name()) || column.facts.kind == ColumnKind::Date;
            (!named, std::cmp::Reverse(column.counts.len()), column.index)
        });
        columns.truncate(MAX_COLUMNS);
        columns.sort_by_key(|column| column.index);
    }
    columns
}

fn is_part(column: &Sampled<'_>) -> bool {
    let facts = column.facts;
    let short = facts.lengths.is_none_or(|lengths| lengths.mean_words <= WORDS_OF_TEXT);
    let kind = match facts.kind {
        ColumnKind::Id
        | ColumnKind::Date
        | ColumnKind::Category
        | ColumnKind::Integer
        | ColumnKind::Boolean
        | ColumnKind::Path => true,
        ColumnKind::Text => short,
        _ => false,
    };
    // Numbers that hardly repeat themselves measure something.
    let measures = facts.kind == ColumnKind::Integer
        && !names::is_key(column.name())
        && column.distinct() * 2 > column.codes().len();
    kind && !measures && facts.missing == 0 && !facts.unique && column.distinct() >= 2
}

/// True when unrelated columns of these values would have repeated rows.
fn is_plausible(parts: &[&Sampled<'_>], rows: usize) -> bool {
    let product: f64 = parts.iter().map(|column| column.distinct() as f64).product();
    let same: f64 = parts.iter().map(|column| column.same_by_chance()).product();
    let rows = rows as f64;
    product >= rows && rows * (rows - 1.0) / 2.0 * same >= EXPECTED_REPEATS
}

/// True when no two of the rows agree in all columns.
pub(crate) fn all_differ(parts: &[&Sampled<'_>], rows: impl Iterator<Item = usize>, count: usize) -> bool {
    let sizes: Option<u64> =
        parts.iter().try_fold(1_u64, |all, part| all.checked_mul(part.counts.len() as u64));
    let Some(size) = sizes else { return false };
    let values = rows.map(|row| {
        parts.iter().fold(0_u64, |all, part| {
            all * part.counts.len() as u64 + part.codes().get(row).copied().map_or(0, u64::from)
        })
    });
    const BITMAP: u64 = 1 << 25;
    if size <= BITMAP && count as u64 * 64 >= size {
        let mut seen = vec![0_u64; (size / 64 + 1) as usize];
        return values.into_iter().all(|value| {
            let Some(word) = seen.get_mut((value / 64) as usize) else { return false };
            let bit = 1_u64 << (value % 64);
            let new = *word & bit == 0;
            *word |= bit;
            new
        });
    }
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.windows(2).all(|pair| pair.first() != pair.last())
}

/// Counts the rows that differ from an earlier one in nothing but the keys.
pub(crate) fn count_repeats(table: &TableProfile, sample: &Sample<'_>, rows: &mut DuplicateRows) {
    let (keys, others): (Vec<&Sampled<'_>>, Vec<&Sampled<'_>>) =
        sample.columns.iter().partition(|column| is_key(column.facts, table.rows));
    let has_all = sample.columns.len() == table.columns.len();
    if keys.is_empty() || others.is_empty() || !has_all {
        return;
    }
    let mut hashes = vec![0_u64; sample.rows];
    for column in others {
        for (hash, &code) in hashes.iter_mut().zip(column.codes()) {
            *hash = mix(*hash, u64::from(code) + 1);
        }
    }
    hashes.sort_unstable();
    rows.repeats_but_keys = hashes.windows(2).filter(|pair| pair.first() == pair.last()).count() as u64;
    rows.but_keys = keys.iter().map(|column| column.name().to_string()).collect();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::relations::testing;

    fn keys(header: &str, rows: &[String]) -> Vec<String> {
        let table = testing::table("t.csv", header, rows);
        find(&table.facts, &Sample::of(&table)).iter().map(|key| key.join("+")).collect()
    }

    #[test]
    fn a_patient_and_a_visit_name_a_row_together() {
        let rows: Vec<String> =
            (0..200).map(|i| format!("p{},{},{}", i / 8, i % 8, mix(1, i) % 40)).collect();
        assert_eq!(keys("patient,visit,age", &rows), ["patient+visit"]);
    }

    #[test]
    fn three_columns_and_no_smaller_set() {
        let rows: Vec<String> =
            (0..400).map(|i| format!("s{},d{},{},{}", i / 80, i / 4 % 20, i % 4, i % 3)).collect();
        assert_eq!(keys("store,day,shift,noise", &rows), ["store+day+shift"]);
    }

    #[test]
    fn measurements_that_happen_to_differ_are_no_key() {
        let rows: Vec<String> = (0..60).map(|i| format!("{},{}", mix(1, i) % 90, mix(2, i) % 900)).collect();
        assert_eq!(keys("age,income", &rows), [""; 0]);
    }

    #[test]
    fn rows_that_repeat_but_for_their_key() {
        let rows: Vec<String> = (0..30).map(|i| format!("k{i},{},{}", i % 5, i % 5 % 2)).collect();
        let table = testing::table("t.csv", "code,a,b", &rows);
        let mut repeats = DuplicateRows::default();
        count_repeats(&table.facts, &Sample::of(&table), &mut repeats);
        assert_eq!((repeats.repeats_but_keys, repeats.but_keys), (25, vec!["code".to_string()]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_order_of_rows_does_not_matter(seed in any::<u64>(), visits in 2_u64..9) {
            let rows: Vec<String> = (0..120).map(|i| format!("p{},{},{}", i / visits, i % visits, i % 7)).collect();
            let mut shuffled: Vec<(u64, &String)> = (0..).map(|i| mix(seed, i)).zip(&rows).collect();
            shuffled.sort();
            let shuffled: Vec<String> = shuffled.into_iter().map(|(_, row)| row.clone()).collect();
            prop_assert_eq!(keys("patient,visit,x", &rows), keys("patient,visit,x", &shuffled));
        }
    }
}
