//! Writes the columns of a table as lines of prompt text.

use smith_task_schema::profile::{ColumnKind, ColumnProfile, Monotone, TableProfile, ValueCount};

use crate::overview::display::{number_of, percent_of};
use crate::overview::fold::{Stretch, stretches};
use crate::overview::quote;
use crate::overview::section::Item;
use crate::overview::targets::STRONG;

/// Integers with at most so many distinct values are shown as values rather than as a range.
const FEW_INTEGERS: u64 = 12;
/// Frequent values that are shown.
const SHOWN_VALUES: usize = 8;
/// Characters of a value.
const VALUE_CHARS: usize = 60;
/// Characters of a description.
const DESCRIPTION_CHARS: usize = 160;
/// From this share on it is said how many of the numbers are zero.
const MANY_ZEROS: f64 = 0.1;

/// The columns as lines, most of them one a column.
pub(crate) fn column_lines(table: &TableProfile) -> Vec<String> {
    stretches(table)
        .into_iter()
        .map(|stretch| match stretch {
            Stretch::One(column) => column_line(column, table),
            Stretch::Alike(run) => run_line(run, table.rows),
        })
        .collect()
}

/// The columns as parts of a section: what may be predicted and what orders the rows is more telling than the rest,
/// columns that hold nothing are less so.
pub(crate) fn column_items(table: &TableProfile) -> Vec<Item> {
    stretches(table)
        .into_iter()
        .map(|stretch| match stretch {
            Stretch::One(column) => Item::line(column_line(column, table))
                .rank(rank(column, table))
                .named(quote::value(&column.name, VALUE_CHARS)),
            Stretch::Alike(run) => Item::line(run_line(run, table.rows)).things(run.len()).named(names(run)),
        })
        .collect()
}

fn rank(column: &ColumnProfile, table: &TableProfile) -> u8 {
    if !roles(column, table).is_empty() {
        0
    } else if column.constant || column.kind == ColumnKind::Empty {
        2
    } else {
        1
    }
}

fn run_line(run: &[ColumnProfile], rows: u64) -> String {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let least = run.iter().filter_map(|column| number(&column.min)).fold(f64::INFINITY, f64::min);
    let greatest = run.iter().filter_map(|column| number(&column.max)).fold(f64::NEG_INFINITY, f64::max);
    let missing: u64 = run.iter().map(|column| column.missing).sum();
    let kind = match run {
        [first, rest @ ..] if rest.iter().all(|column| column.kind == first.kind) => first.kind,
        _ => ColumnKind::Float,
    };
    let mut facts = vec![kind.as_str().to_string()];
    if least <= greatest {
        facts.push(format!("{least} to {greatest} over all"));
    }
    facts.push(match missing {
        0 => String::from("0 missing"),
        missing => format!(
            "{missing} missing over all ({})",
            percent_of(missing, rows.saturating_mul(run.len() as u64))
        ),
    });
    facts.push(match run.first() {
        Some(first) if kind.is_numeric() && is_flag(first) => {
            format!("each with the values {}", counts_of(&first.top, SHOWN_VALUES, false))
        }
        _ => distinct_over(run),
    });
    format!("- {} ({}): {}", names(run), number_of(run.len() as u64, "column"), facts.join(", "))
}

/// `x_1` … `x_100`, and some in between when their names are no mere numbers.
fn names(run: &[ColumnProfile]) -> String {
    let name = |column: &ColumnProfile| quote::value(&column.name, VALUE_CHARS);
    match run {
        [first, second, third, .., last] if !crate::overview::fold::numbered_alike(first, second) => {
            format!("{}, {}, {} … {}", name(first), name(second), name(third), name(last))
        }
        [first, .., last] => format!("{} … {}", name(first), name(last)),
        [only] => name(only),
        [] => String::new(),
    }
}

/// True for a column of two values, so that what it holds can be said of many alike.
pub(crate) fn is_flag(column: &ColumnProfile) -> bool {
    column.distinct <= 2 && column.top.len() as u64 == column.distinct && !column.top.is_empty()
}

fn distinct_over(run: &[ColumnProfile]) -> String {
    let least = run.iter().map(|column| column.distinct).min().unwrap_or(0);
    let most = run.iter().map(|column| column.distinct).max().unwrap_or(0);
    if least == most { format!("{least} distinct each") } else { format!("{least} to {most} distinct") }
}

pub(crate) fn column_line(column: &ColumnProfile, table: &TableProfile) -> String {
    let mut facts = vec![column.kind.as_str().to_string()];
    facts.extend(values(column, table.rows));
    facts.extend(missing(column, table.rows));
    facts.extend(notes(column));
    let mut line = format!("- {}: {}", quote::name(&column.name), facts.join(", "));
    let roles = roles(column, table);
    if !roles.is_empty() {
        line += &format!(" [{}]", roles.join(", "));
    }
    if let Some(description) = &column.description {
        line += &format!("; described as {}", quote::value(description, DESCRIPTION_CHARS));
    }
    line
}

/// True for what is told as a target by itself, or is the best of its table.
fn is_strong_target(name: &str, table: &TableProfile) -> bool {
    let mut all = table.targets.iter().enumerate();
    all.any(|(place, target)| target.column == name && (place == 0 || target.score >= STRONG))
}

/// What a column is in its table.
fn roles(column: &ColumnProfile, table: &TableProfile) -> Vec<&'static str> {
    let name = &column.name;
    let all = [
        (is_strong_target(name, table), "candidate target"),
        (table.keys.iter().any(|key| key.as_slice() == std::slice::from_ref(name)), "key"),
        (table.group_columns.iter().any(|group| group.column == *name), "gathers rows"),
        (table.time.as_ref().is_some_and(|time| time.column == *name), "time"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
}

fn missing(column: &ColumnProfile, rows: u64) -> Option<String> {
    if column.missing == 0 || column.kind == ColumnKind::Empty {
        return None;
    }
    let words = counts_of(&column.missing_words, 3, false);
    let words = if words.is_empty() { words } else { format!(", also written {words}") };
    Some(format!("{} missing ({}{words})", column.missing, percent_of(column.missing, rows)))
}

fn notes(column: &ColumnProfile) -> Vec<String> {
    let mut notes = Vec::new();
    if column.constant {
        notes.push(String::from("constant"));
    }
    notes.extend(column.monotone.map(|monotone| monotone_words(monotone).to_string()));
    if let Some(directory) = &column.names_files_in {
        let place =
            if directory.is_empty() { String::from("the top directory") } else { quote::name(directory) };
        let share = column.names_files_share.filter(|share| *share < 1.0);
        let share = share
            .map_or_else(String::new, |share| format!(" ({})", crate::overview::display::percent(share)));
        notes.push(format!("names files in {place}{share}"));
    }
    notes
}

/// How values follow each other, in words.
pub(crate) fn monotone_words(monotone: Monotone) -> &'static str {
    match monotone {
        Monotone::Rising => "rising from row to row",
        Monotone::NeverFalling => "never falling from row to row",
        Monotone::Falling => "falling from row to row",
        Monotone::NeverRising => "never rising from row to row",
        _ => "in order",
    }
}

fn distinct(column: &ColumnProfile) -> String {
    if column.unique {
        return String::from("unique");
    }
    format!("{}{} distinct", if column.distinct_exact { "" } else { "about " }, column.distinct)
}

fn values(column: &ColumnProfile, rows: u64) -> Vec<String> {
    match column.kind {
        ColumnKind::Empty => Vec::new(),
        ColumnKind::Binary => vec![format!("up to {}", number_of(column.longest, "byte"))],
        ColumnKind::Category | ColumnKind::Boolean => vec![with_counts(column)],
        ColumnKind::Integer if column.distinct <= FEW_INTEGERS && !column.top.is_empty() => {
            vec![with_counts(column)]
        }
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Date => ranged(column, rows),
        ColumnKind::Mixed => {
            let mut facts = ranged(column, rows);
            facts.extend(examples(column));
            facts
        }
        _ => {
            let mut facts = vec![distinct(column)];
            facts.extend(lengths(column));
            facts.extend(repeated(column));
            facts.extend(examples(column));
            facts
        }
    }
}

fn ranged(column: &ColumnProfile, rows: u64) -> Vec<String> {
    let mut facts: Vec<String> = range(column).into_iter().collect();
    facts.extend(column.mean.as_ref().map(|mean| format!("mean {}", quote::figure(mean))));
    facts.push(distinct(column));
    let numbers = rows.saturating_sub(column.missing);
    if numbers > 0 && column.zeros as f64 / numbers as f64 >= MANY_ZEROS {
        facts.push(format!("{} zero", percent_of(column.zeros, numbers)));
    }
    facts.extend(repeated(column));
    facts
}

fn range(column: &ColumnProfile) -> Option<String> {
    let range = format!("{} to {}", quote::figure(column.min.as_ref()?), quote::figure(column.max.as_ref()?));
    let at = |share: f64| {
        column
            .quantiles
            .iter()
            .find(|quantile| (quantile.share - share).abs() < 1e-9)
            .map(|q| quote::figure(&q.value))
    };
    Some(match (at(0.25), at(0.5), at(0.75)) {
        (Some(low), Some(middle), Some(high)) => {
            let about = if column.quantiles_exact { "" } else { "about " };
            format!("{range} (quartiles {about}{low}, {middle}, {high})")
        }
        _ => range,
    })
}

/// A value that a good part of the rows have, where the values are too many to be listed.
fn repeated(column: &ColumnProfile) -> Option<String> {
    let present: u64 = column.top.iter().map(|value| value.count).sum();
    let first = column.top.first().filter(|first| first.count > 1 && present > 0)?;
    // One value among hundreds says something only when it stands out from the next.
    let stands_out = column.top.get(1).is_none_or(|second| first.count >= second.count.saturating_mul(3));
    stands_out.then(|| format!("{} {} times", quote::value(&first.value, VALUE_CHARS), first.count))
}

fn lengths(column: &ColumnProfile) -> Option<String> {
    match &column.lengths {
        Some(lengths) if lengths.mean_words >= 1.5 => Some(format!(
            "{:.0} words on average, up to {}",
            lengths.mean_words,
            number_of(lengths.longest, "character")
        )),
        Some(lengths) if lengths.shortest == lengths.longest => {
            Some(format!("{} each", number_of(lengths.longest, "character")))
        }
        Some(lengths) => Some(format!("{} to {}", lengths.shortest, number_of(lengths.longest, "character"))),
        None => (column.longest > 0).then(|| format!("up to {}", number_of(column.longest, "character"))),
    }
}

fn with_counts(column: &ColumnProfile) -> String {
    let distinct = distinct(column);
    if column.top.is_empty() {
        return format!(
            "{distinct}{}",
            examples(column).map_or_else(String::new, |examples| format!(", {examples}"))
        );
    }
    let more = if column.distinct > column.top.len().min(SHOWN_VALUES) as u64 { ", …" } else { "" };
    format!("{distinct}: {}{more}", counts(&column.top, SHOWN_VALUES))
}

fn examples(column: &ColumnProfile) -> Option<String> {
    let examples: Vec<String> =
        column.examples.iter().take(2).map(|value| quote::value(value, VALUE_CHARS)).collect();
    (!examples.is_empty()).then(|| format!("such as {}", examples.join(", ")))
}

/// Values with their counts: `cat` 5, `dog` 3.
pub(crate) fn counts(values: &[ValueCount], limit: usize) -> String {
    counts_of(values, limit, true)
}

fn counts_of(values: &[ValueCount], limit: usize, with_counts: bool) -> String {
    let write = |value: &ValueCount| {
        let quoted = quote::value(&value.value, VALUE_CHARS);
        if with_counts { format!("{quoted} {}", value.count) } else { quoted }
    };
    values.iter().take(limit).map(write).collect::<Vec<_>>().join(", ")
}
