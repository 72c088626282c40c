//! Columns of one table whose values are keys of another.

use std::collections::{HashMap, HashSet};

use smith_task_schema::profile::{ColumnKind, ColumnProfile, ForeignKey, TableProfile, ValueCount};

use crate::relations::names;
use crate::table_data::{ColumnData, TableData};

/// Least share of values that are found, for columns with related names.
const MIN_SHARE: f64 = 0.5;
/// Least share of values that are found, for columns whose names have nothing in common.
const MIN_SHARE_UNNAMED: f64 = 0.9;
/// Fewest different values, for columns whose names have nothing in common.
const MIN_VALUES_UNNAMED: u64 = 3;
/// Most columns of a table that are compared.
const MAX_COLUMNS: usize = 64;
/// Most keys that are reported of a dataset.
const MAX_KEYS: usize = 100;
/// Examples of values that are not found.
const EXAMPLES: usize = 3;

/// A column that may refer or be referred to.
struct End<'a> {
    table: &'a TableProfile,
    column: &'a ColumnProfile,
    data: &'a ColumnData,
    /// The telling words of its name that do not stand in most names of its table.
    words: Vec<String>,
}

/// All foreign keys between different tables, in order of path and column.
pub(crate) fn find(tables: &[TableData]) -> Vec<ForeignKey> {
    let ends: Vec<End<'_>> = tables.iter().flat_map(ends).collect();
    let targets: Vec<&End<'_>> = ends.iter().filter(|end| end.column.unique).collect();
    let mut keys = Vec::new();
    for from in &ends {
        let mut found: Vec<(f64, &End<'_>, f64)> = targets
            .iter()
            .filter(|to| to.table.path != from.table.path && may_refer(from, to))
            .filter_map(|to| {
                let share = share(from.data, to.data)?;
                Some((trust(from, to, share)?, *to, share))
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.table.path.cmp(&b.1.table.path)));
        // Copies of one table (parts, versions) hold the same keys: the best is enough.
        if let Some((_, to, share)) = found.first() {
            keys.push(foreign_key(from, to, *share));
        }
    }
    drop_mutual(&mut keys, tables);
    keys.truncate(MAX_KEYS);
    keys
}

fn ends(table: &TableData) -> Vec<End<'_>> {
    let columns = &table.facts.columns;
    let mut named: HashMap<String, usize> = HashMap::new();
    for word in
        columns.iter().flat_map(|column| telling_words(&column.name).into_iter().collect::<HashSet<_>>())
    {
        *named.entry(word).or_default() += 1;
    }
    let is_telling = |word: &String| {
        let with = named.get(word).copied().unwrap_or(0);
        with < 3 || with * 2 <= columns.len()
    };
    let plausible = columns.iter().zip(&table.columns).filter(|(column, data)| {
        let kind = matches!(
            column.kind,
            ColumnKind::Integer
                | ColumnKind::Id
                | ColumnKind::Category
                | ColumnKind::Text
                | ColumnKind::Mixed
        );
        let short = column.lengths.is_none_or(|lengths| lengths.mean_words <= 6.0);
        kind && short && !data.hashes.is_empty() && column.distinct >= 2
    });
    plausible
        .take(MAX_COLUMNS)
        .map(|(column, data)| {
            let words = telling_words(&column.name).into_iter().filter(is_telling).collect();
            End { table: &table.facts, column, data, words }
        })
        .collect()
}

fn is_number(end: &End<'_>) -> bool {
    end.column.kind == ColumnKind::Integer
        || (end.column.kind == ColumnKind::Id && !end.data.numbers.is_empty())
}

fn may_refer(from: &End<'_>, to: &End<'_>) -> bool {
    is_number(from) == is_number(to) && !are_parts(from.table, to.table)
}

/// True for tables with mostly the same columns: parts or versions of one.
fn are_parts(a: &TableProfile, b: &TableProfile) -> bool {
    let names: HashSet<&str> = a.columns.iter().map(|column| column.name.as_str()).collect();
    let shared = b.columns.iter().filter(|column| names.contains(column.name.as_str())).count();
    let all = a.columns.len() + b.columns.len() - shared;
    shared >= 2 && shared * 2 >= all
}

/// The share of the different values of one column that are found in another, estimated when not all are kept.
fn share(from: &ColumnData, to: &ColumnData) -> Option<f64> {
    // Kept are the least hashes: below the least limit both sides are whole.
    let limit =
        |data: &ColumnData| if data.all_hashes { u64::MAX } else { data.hashes.last().copied().unwrap_or(0) };
    let limit = limit(from).min(limit(to));
    let mut others = to.hashes.iter().peekable();
    let (mut seen, mut found) = (0_u64, 0_u64);
    for hash in from.hashes.iter().take_while(|hash| **hash <= limit) {
        while others.next_if(|other| *other < hash).is_some() {}
        seen += 1;
        found += u64::from(others.peek() == Some(&hash));
    }
    (seen > 0).then(|| found as f64 / seen as f64)
}

/// How sure it is that a column refers to another, given the share of its values that are found; none when it is not.
fn trust(from: &End<'_>, to: &End<'_>, share: f64) -> Option<f64> {
    let affinity = affinity(from, to);
    if share < if affinity > 0.0 { MIN_SHARE } else { MIN_SHARE_UNNAMED } {
        return None;
    }
    let both_unique = from.column.unique && from.column.distinct == to.column.distinct;
    if names::is_row_number(&to.column.name) || (names::is_row_number(&from.column.name) && is_number(from)) {
        return None;
    }
    if is_number(from) {
        // Small whole numbers are found in every range of them: the names must say so.
        let says_so = affinity >= 0.5 || (affinity > 0.0 && both_unique && share == 1.0);
        let generic = names::plain(&to.column.name) == "id" && names::plain(&from.column.name) == "id";
        let same_rows = both_unique && share == 1.0;
        return (says_so && share >= MIN_SHARE && (!generic || same_rows)).then_some(affinity + share);
    }
    if affinity == 0.0 && (from.column.distinct < MIN_VALUES_UNNAMED || from.column.longest < 3) {
        return None;
    }
    Some(affinity + share)
}

/// How far names say that one column refers to another: 1 for the same telling name, 0 for nothing in common.
fn affinity(from: &End<'_>, to: &End<'_>) -> f64 {
    let (from_words, to_words) = (&from.words, &to.words);
    let table_words = telling_words(names::stem_of(&to.table.path));
    let shared = |a: &[String], b: &[String]| a.iter().any(|word| b.contains(word));
    if names::plain(&from.column.name) == names::plain(&to.column.name) {
        // `name` and `type` stand in tables of every kind.
        let generic =
            matches!(names::plain(&to.column.name).as_str(), "name" | "type" | "value" | "label" | "title");
        return if generic { 0.25 } else { 1.0 };
    }
    let to_is_key = to_words.is_empty() || names::is_key(&to.column.name);
    if shared(from_words, &table_words) && to_is_key {
        return 0.9;
    }
    if shared(from_words, to_words) {
        return if names::is_key(&from.column.name) == names::is_key(&to.column.name) { 0.6 } else { 0.3 };
    }
    0.0
}

/// The words of a name that are not about being a key, without the endings of plurals.
fn telling_words(name: &str) -> Vec<String> {
    let is_telling = |word: &String| {
        !matches!(
            word.as_str(),
            "id" | "ids" | "key" | "code" | "no" | "nr" | "number" | "index" | "fk" | "of"
        ) && !word.bytes().all(|b| b.is_ascii_digit())
    };
    names::words(name).into_iter().filter(is_telling).map(|word| names::singular(&word).to_string()).collect()
}

fn foreign_key(from: &End<'_>, to: &End<'_>, share: f64) -> ForeignKey {
    ForeignKey {
        table: from.table.path.clone(),
        column: from.column.name.clone(),
        to_table: to.table.path.clone(),
        to_column: to.column.name.clone(),
        share,
        missing_examples: if share < 1.0 { not_found(from, to) } else { Vec::new() },
        declared: false,
    }
}

/// Frequent values that are not found, when all values of the other column are known as they were written.
fn not_found(from: &End<'_>, to: &End<'_>) -> Vec<ValueCount> {
    if to.data.written.len() as u64 != to.column.distinct || !to.column.distinct_exact {
        return Vec::new();
    }
    let known: HashSet<&str> = to.data.written.iter().map(AsRef::as_ref).collect();
    let counted: HashMap<&str, u64> =
        from.column.top.iter().map(|top| (top.value.as_str(), top.count)).collect();
    let frequent = from.column.top.iter().map(|top| (top.value.as_str(), top.count));
    // Where nothing repeats there are no counts: each value is there once.
    let once = from.data.written.iter().filter(|_| from.column.unique).map(|text| (text.as_ref(), 1));
    let mut seen = HashSet::new();
    frequent
        .chain(once)
        .filter(|(value, _)| !known.contains(value) && seen.insert(*value))
        .map(|(value, count)| ValueCount::new(value, counted.get(value).copied().unwrap_or(count)))
        .take(EXAMPLES)
        .collect()
}

/// Of two tables with the same rows each refers to the other: the narrower one refers to the wider.
fn drop_mutual(keys: &mut Vec<ForeignKey>, tables: &[TableData]) {
    let width = |path: &str| {
        tables.iter().find(|table| table.facts.path == path).map_or(0, |table| table.facts.columns.len())
    };
    let ends: HashSet<[String; 4]> = keys.iter().map(|key| ends_of(key, false)).collect();
    keys.retain(|key| {
        let mutual = ends.contains(&ends_of(key, true));
        let (own, other) = (width(&key.table), width(&key.to_table));
        !mutual || own < other || (own == other && key.table > key.to_table)
    });
}

fn ends_of(key: &ForeignKey, turned: bool) -> [String; 4] {
    let [a, b, c, d] = [&key.table, &key.column, &key.to_table, &key.to_column].map(Clone::clone);
    if turned { [c, d, a, b] } else { [a, b, c, d] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::testing;

    fn keys(tables: &[TableData]) -> Vec<String> {
        let keys = find(tables);
        keys.iter()
            .map(|k| format!("{}.{} -> {}.{} {:.2}", k.table, k.column, k.to_table, k.to_column, k.share))
            .collect()
    }

    #[test]
    fn codes_refer_to_their_table_by_name_and_by_values() {
        let codes = ["AAL", "BKE", "CDG", "DUS", "EWR", "FRA", "GOT", "HAM"];
        let airports: Vec<String> =
            codes.iter().enumerate().map(|(i, code)| format!("{code},{}", i * 37)).collect();
        let airlines: Vec<String> =
            ["LH", "AF", "BA", "KL"].iter().map(|c| format!("{c},{c} Airways")).collect();
        let flights: Vec<String> = (0..200)
            .map(|i| {
                let to = if i == 3 { "XXX" } else { codes[i * 5 % 8] };
                format!("{},{to},{}", ["LH", "AF", "BA"][i % 3], i % 7)
            })
            .collect();
        let tables = [
            testing::table("airlines.csv", "carrier,name", &airlines),
            testing::table("airports.csv", "faa,alt", &airports),
            testing::table("flights.csv", "carrier,dest,delay", &flights),
        ];
        // One of nine destinations is unknown: too many for names that have nothing in common.
        assert_eq!(keys(&tables), ["flights.csv.carrier -> airlines.csv.carrier 1.00"]);
        let clean: Vec<String> = flights.iter().map(|row| row.replace("XXX", "FRA")).collect();
        let tables = [
            testing::table("airports.csv", "faa,alt", &airports),
            testing::table("flights.csv", "carrier,dest,delay", &clean),
        ];
        assert_eq!(keys(&tables), ["flights.csv.dest -> airports.csv.faa 1.00"]);
    }

    #[test]
    fn small_whole_numbers_refer_to_nothing_without_a_name() {
        let users: Vec<String> = (1..=100).map(|i| format!("{i},{}", i * 7 % 40)).collect();
        let orders: Vec<String> =
            (1..=60).map(|i| format!("{},{},{}", i + 500, i * 3 % 90 + 1, i % 5 + 1)).collect();
        let tables = [
            testing::table("orders.csv", "order_id,user_id,stars", &orders),
            testing::table("users.csv", "id,age", &users),
        ];
        assert_eq!(keys(&tables), ["orders.csv.user_id -> users.csv.id 1.00"]);
    }

    #[test]
    fn missing_values_are_shown() {
        let species: Vec<String> =
            ["AB", "CD", "EF", "GH", "IJ"].iter().map(|c| format!("{c},x{c}")).collect();
        let surveys: Vec<String> =
            (0..60).map(|i| format!("{},{}", ["AB", "CD", "ZZ", "EF"][i % 4], i * 7 % 11)).collect();
        let tables = [
            testing::table("species.csv", "species_id,genus", &species),
            testing::table("surveys.csv", "species_id,weight", &surveys),
        ];
        let found = find(&tables);
        assert_eq!(found[0].missing_examples, [ValueCount::new("ZZ", 15)]);
        assert_eq!(found[0].share, 0.75);
    }

    #[test]
    fn parts_of_one_table_do_not_refer_to_each_other() {
        let rows =
            |from: u32| (from..from + 40).map(|i| format!("r{i},{},{}", i % 7, i % 3)).collect::<Vec<_>>();
        let tables =
            [testing::table("all.csv", "id,a,b", &rows(0)), testing::table("part.csv", "id,a,b", &rows(0))];
        assert_eq!(keys(&tables), [""; 0]);
    }
}
