//! Columns whose values gather rows that belong together, so that a split must not part them.

use rayon::prelude::*;
use smith_task_schema::profile::{ColumnKind, Determination, GroupColumn};

use crate::relations::names;
use crate::relations::sample::{Sample, Sampled, is_whole};

/// Words for what rows belong to.
const OWNERS: &[&str] = &[
    "patient",
    "subject",
    "user",
    "customer",
    "client",
    "member",
    "participant",
    "person",
    "respondent",
    "session",
    "visit",
    "group",
    "household",
    "family",
    "block",
    "cluster",
    "query",
    "qid",
    "search",
    "speaker",
    "author",
    "store",
    "shop",
    "site",
    "plot",
    "station",
    "sensor",
    "device",
    "machine",
    "engine",
    "well",
    "case",
    "study",
    "recording",
    "clip",
    "series",
    "sequence",
    "account",
    "card",
    "ticket",
];
/// Owners that are as often a class, unless they stand alone: `age_group`.
const VAGUE: &[&str] = &["group", "family", "case", "card", "visit", "series", "study", "site", "block"];
/// Fewest groups that a shape alone can show.
const MIN_BY_SHAPE: usize = 20;
/// Fewest groups that a name can announce.
const MIN_BY_NAME: usize = 5;
/// Share of the rows that the largest group may have.
const LARGEST: f64 = 0.5;
/// The same where the shape alone speaks for groups.
const LARGEST_BY_SHAPE: f64 = 0.2;
/// Words of a text that is more than a name.
const WORDS_OF_TEXT: f64 = 8.0;

/// The groups of a table, given which columns decide others.
pub(crate) fn find(sample: &Sample<'_>, rules: &[Determination]) -> Vec<GroupColumn> {
    let found: Vec<Option<GroupColumn>> =
        sample.columns.par_iter().map(|column| group(column, sample, rules)).collect();
    found.into_iter().flatten().collect()
}

fn group(column: &Sampled<'_>, sample: &Sample<'_>, rules: &[Determination]) -> Option<GroupColumn> {
    if !may_group(column, sample.rows) {
        return None;
    }
    let decided: Vec<&str> =
        rules.iter().filter(|rule| rule.by == column.name()).map(|rule| rule.column.as_str()).collect();
    let adjacent = rows_are_adjacent(column);
    let named = named_as(column);
    let groups = column.distinct();
    // A sorted label lies together too.
    let sorted = column.facts.monotone.is_some() && named.is_none();
    // Few values with very many rows each are categories, though another category may follow from them.
    let many = groups >= MIN_BY_SHAPE && groups * groups >= sample.rows;
    let enough = groups >= MIN_BY_SHAPE;
    let by_name = match named {
        Some(Named::Owner) => groups >= MIN_BY_NAME,
        Some(Named::Key) => many || (adjacent && enough),
        None => false,
    };
    let largest = column.counts.iter().skip(1).copied().max().unwrap_or(0);
    let small = f64::from(largest) <= LARGEST_BY_SHAPE * sample.rows as f64;
    let by_shape = many && small && !decided.is_empty() && is_word(column);
    let by_order = many && adjacent && !sorted && (is_word(column) || !decided.is_empty());
    if !(by_name || by_shape || by_order) {
        return None;
    }
    let mut reasons = Vec::new();
    if named.is_some() {
        reasons.push(String::from("its name is that of what rows belong to"));
    }
    if adjacent {
        reasons.push(String::from("the rows of a value lie together"));
    }
    if !decided.is_empty() {
        reasons.push(format!("rows with one value agree in {}", list(&decided)));
    }
    let mean = sample.rows.saturating_sub(column.missing()) as f64 / groups.max(1) as f64;
    reasons.push(format!("{mean:.1} rows of a value on average"));
    let largest = match column.facts.top.first() {
        Some(top) if !sample.whole => top.count,
        _ => u64::from(largest),
    };
    Some(GroupColumn {
        column: column.name().into(),
        groups: if sample.whole { groups as u64 } else { column.facts.distinct },
        largest,
        reason: reasons.join("; "),
    })
}

/// Some names, the rest counted.
pub(crate) fn list(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Values that repeat, that are many, and that measure nothing.
fn may_group(column: &Sampled<'_>, rows: usize) -> bool {
    let facts = column.facts;
    let kind = match facts.kind {
        ColumnKind::Id | ColumnKind::Category | ColumnKind::Integer | ColumnKind::Path | ColumnKind::Url => {
            true
        }
        // Whole numbers of which some are missing are often written as fractions.
        ColumnKind::Float => names::is_key(column.name()) && is_whole(facts),
        ColumnKind::Text | ColumnKind::Mixed => {
            facts.lengths.is_none_or(|lengths| lengths.mean_words <= WORDS_OF_TEXT)
        }
        _ => false,
    };
    let distinct = column.distinct();
    let present = rows.saturating_sub(column.missing());
    let repeated: u32 = column.counts.iter().skip(1).filter(|&&count| count >= 2).sum();
    let largest = column.counts.iter().skip(1).copied().max().unwrap_or(0);
    kind && distinct >= MIN_BY_NAME
        && !facts.unique
        && present * 2 >= rows
        && f64::from(repeated) >= 0.3 * present as f64
        && present as f64 >= 1.2 * distinct as f64
        && f64::from(largest) <= LARGEST * present as f64
}

fn is_word(column: &Sampled<'_>) -> bool {
    !matches!(column.facts.kind, ColumnKind::Integer | ColumnKind::Float | ColumnKind::Mixed)
}

/// In what way a name announces groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// It is that of what rows belong to.
    Owner,
    /// It is that of a key of something.
    Key,
}

fn named_as(column: &Sampled<'_>) -> Option<Named> {
    let words = names::words(column.name());
    let about = |word: &String| OWNERS.contains(&word.as_str()) || OWNERS.contains(&names::singular(word));
    let last = words.last()?;
    // A number of something counts within another thing as often as it names it.
    let counts = matches!(last.as_str(), "number" | "no" | "nr" | "index");
    let is_key = names::is_key(column.name()) && !names::is_row_number(column.name()) && !counts;
    // `user_age` measures and `plot_type` is a class: the owner stands alone, at the end, or before a word for names.
    let names_it = matches!(last.as_str(), "id" | "key" | "code" | "name" | "uuid" | "hash");
    let owner = words.iter().any(about) && (is_key || names_it || words.len() == 1);
    let at_end = about(last) && !VAGUE.contains(&last.as_str()) && column.facts.kind != ColumnKind::Integer;
    if owner || at_end { Some(Named::Owner) } else { is_key.then_some(Named::Key) }
}

/// True when equal values follow each other far more often than in a random order.
fn rows_are_adjacent(column: &Sampled<'_>) -> bool {
    let codes = column.codes();
    let changes = codes.windows(2).filter(|pair| pair.first() != pair.last()).count();
    let by_chance = codes.len() as f64 * (1.0 - column.same_by_chance());
    let fewest = column.distinct() as f64;
    changes as f64 + 1.0 <= fewest * 1.2 && by_chance >= fewest * 1.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::sample::mix;
    use crate::relations::{determinations, testing};

    fn groups(header: &str, rows: &[String]) -> Vec<GroupColumn> {
        let table = testing::table("t.csv", header, rows);
        let sample = Sample::of(&table);
        find(&sample, &determinations::find(&sample, &[]))
    }

    #[test]
    fn patients_gather_their_visits() {
        let rows: Vec<String> = (0..240)
            .map(|i| format!("{},{},{}", 1000 + mix(3, i / 6) % 5000, i / 6 % 2, mix(1, i) % 200))
            .collect();
        let found = groups("patient_id,sex,pressure", &rows);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].column.as_str(), found[0].groups, found[0].largest), ("patient_id", 40, 6));
        for part in ["its name", "lie together", "agree in `sex`", "6.0 rows"] {
            assert!(found[0].reason.contains(part), "{}", found[0].reason);
        }
    }

    #[test]
    fn keys_written_as_fractions_gather_rows_and_measurements_do_not() {
        let rows: Vec<String> = (0..240)
            .map(|i| {
                let key = if i == 7 { String::new() } else { format!("{}.0", mix(3, i / 4) % 5000) };
                format!("{key},{}.0", mix(1, i) % 90)
            })
            .collect();
        let found: Vec<String> =
            groups("case_id,pressure", &rows).into_iter().map(|group| group.column).collect();
        assert_eq!(found, ["case_id"]);
    }

    #[test]
    fn plain_categories_and_measurements_gather_nothing() {
        let rows: Vec<String> = (0..300)
            .map(|i| format!("{},c{},{}", 20 + mix(1, i) % 50, mix(2, i) % 12, mix(4, i) % 90))
            .collect();
        assert_eq!(groups("age,occupation,hours", &rows), []);
    }

    #[test]
    fn a_sorted_label_is_no_group() {
        let rows: Vec<String> = (0..150).map(|i| format!("s{},{}", i / 50, mix(2, i) % 90)).collect();
        assert_eq!(groups("species,length", &rows), []);
    }

    #[test]
    fn tickets_are_shared_by_shape() {
        let rows: Vec<String> = (0..300)
            .map(|i| {
                let ticket = mix(5, i) % 100;
                format!("A{ticket}x,{},{}", mix(9, ticket) % 40, mix(4, i) % 90)
            })
            .collect();
        let found = groups("voucher,fare,age", &rows);
        assert_eq!(found.iter().map(|g| g.column.as_str()).collect::<Vec<_>>(), ["voucher"]);
        assert!(found[0].reason.contains("agree in `fare`"), "{}", found[0].reason);
    }
}
