//! Writes the columns of a table as lines of prompt text; runs of columns alike become one line.

use smith_task_schema::profile::{ColumnKind, ColumnProfile, TableProfile};

use crate::overview::counts;

/// So many columns alike in a row are written as one line.
const FOLD_FROM: usize = 5;
/// Integers with at most so many distinct values are shown as values rather than as a range.
const FEW_INTEGERS: u64 = 12;
/// Characters of an example.
const EXAMPLE_CHARS: usize = 60;

pub(crate) fn column_lines(table: &TableProfile) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = table.columns.as_slice();
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|column| alike(first, column)).count();
        if run >= FOLD_FROM {
            lines.push(run_line(&rest[..run]));
            rest = &rest[run..];
        } else {
            lines.push(column_line(first, table));
            rest = &rest[1..];
        }
    }
    lines
}

/// Numbers under one name with different numbers behind it.
fn alike(a: &ColumnProfile, b: &ColumnProfile) -> bool {
    let stem = |column: &'_ ColumnProfile| column.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let numbered = |column: &ColumnProfile| stem(column) < column.name.len();
    numbered(a)
        && numbered(b)
        && a.name[..stem(a)] == b.name[..stem(b)]
        && a.kind.is_numeric()
        && b.kind.is_numeric()
}

fn run_line(run: &[ColumnProfile]) -> String {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let least = run.iter().filter_map(|column| number(&column.min)).fold(f64::INFINITY, f64::min);
    let greatest = run.iter().filter_map(|column| number(&column.max)).fold(f64::NEG_INFINITY, f64::max);
    let missing: u64 = run.iter().map(|column| column.missing).sum();
    let kind = if run.iter().all(|column| column.kind == ColumnKind::Integer) { "integer" } else { "float" };
    let (first, last) = (&run[0].name, &run[run.len() - 1].name);
    format!(
        "- `{first}` … `{last}` ({} columns): {kind}, {least} to {greatest} over all, {missing} missing over all",
        run.len()
    )
}

fn column_line(column: &ColumnProfile, table: &TableProfile) -> String {
    let mut facts = vec![column.kind.as_str().to_string()];
    facts.extend(values(column));
    if column.missing > 0 && column.kind != ColumnKind::Empty {
        facts.push(format!("{} missing", column.missing));
    }
    if column.constant {
        facts.push(String::from("constant"));
    }
    if let Some(directory) = &column.names_files_in {
        let place = if directory.is_empty() { "the top directory" } else { directory.as_str() };
        facts.push(format!("names files in `{place}`"));
    }
    let mut line = format!("- `{}`: {}", column.name, facts.join(", "));
    if let Some(target) = table.targets.iter().find(|target| target.column == column.name) {
        line += &format!(" [target? {}]", target.reasons.join("; "));
    }
    line
}

fn values(column: &ColumnProfile) -> Vec<String> {
    let distinct =
        format!("{}{} distinct", if column.distinct_exact { "" } else { "at least " }, column.distinct);
    match column.kind {
        ColumnKind::Empty => Vec::new(),
        ColumnKind::Binary => vec![format!("up to {} bytes", column.longest)],
        ColumnKind::Category | ColumnKind::Boolean => vec![with_counts(column, &distinct)],
        ColumnKind::Integer if column.distinct <= FEW_INTEGERS && !column.top.is_empty() => {
            vec![with_counts(column, &distinct)]
        }
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Mixed | ColumnKind::Date => {
            let mut facts: Vec<String> = range(column).into_iter().collect();
            facts.extend(column.mean.as_ref().map(|mean| format!("mean {mean}")));
            facts.push(distinct);
            facts
        }
        _ => {
            let unique = if column.unique { String::from("unique") } else { distinct };
            vec![unique, format!("up to {} characters", column.longest), examples(column)]
        }
    }
}

fn with_counts(column: &ColumnProfile, distinct: &str) -> String {
    if column.top.is_empty() {
        return format!("{distinct}: {}", examples(column));
    }
    let more = if column.distinct > column.top.len() as u64 { ", …" } else { "" };
    format!("{distinct}: {}{more}", counts(&column.top, usize::MAX))
}

fn range(column: &ColumnProfile) -> Option<String> {
    Some(format!("{} to {}", column.min.as_ref()?, column.max.as_ref()?))
}

fn examples(column: &ColumnProfile) -> String {
    let examples: Vec<String> = column
        .examples
        .iter()
        .take(2)
        .map(|value| format!("`{}`", crate::overview::display::one_line(value, EXAMPLE_CHARS)))
        .collect();
    format!("such as {}", examples.join(", "))
}
