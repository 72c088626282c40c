//! What the tables of a dataset are made of.

use std::collections::BTreeSet;

use smith_task_schema::Modality;
use smith_task_schema::profile::{AnnotationFormat, ColumnKind, ColumnProfile, DatasetProfile, TableProfile};

use super::evidence::Evidence;
use super::molecules;
use crate::relations::time;

/// Fewest rows of a table that a dataset is about.
const MIN_ROWS: u64 = 20;
/// Words of a text that is read rather than looked up.
const PROSE_WORDS: f64 = 6.0;
/// Columns beside the coordinates of points, up to which a table is one of points.
const MAX_MARKS: usize = 4;
/// Fewest columns of pixels.
const MIN_PIXELS: usize = 49;
/// Fewest columns without names that may be the points of a series.
const MIN_STEPS: usize = 100;

/// Columns of a table by what they are.
#[derive(Debug, Default)]
struct Make {
    features: usize,
    prose: Vec<String>,
    longest_prose: f64,
    files: Vec<String>,
    notations: Vec<(String, &'static str)>,
    pixels: usize,
    steps: usize,
    /// Coordinates `x`, `y`, `z` that are fractions.
    axes: usize,
    /// Short texts that are words of a language rather than names of the rows.
    words: usize,
}

/// Speaks for the modalities of the tables, and lowers what merely accompanies other files.
pub(super) fn find(profile: &DatasetProfile, evidence: &mut Evidence<Modality>) {
    let boxes: BTreeSet<&str> = profile
        .annotations
        .iter()
        .filter(|a| matches!(a.format, AnnotationFormat::BoxTable | AnnotationFormat::Tracks))
        .map(|a| a.path.as_str())
        .collect();
    let graphs: BTreeSet<&str> = profile.graphs.iter().map(|graph| graph.path.as_str()).collect();
    let tables: Vec<&TableProfile> = profile
        .tables
        .iter()
        .filter(|table| !boxes.contains(table.path.as_str()) && !table.columns.is_empty())
        .collect();
    let cells = |table: &TableProfile| table.rows.saturating_mul(table.columns.len() as u64);
    let most = tables.iter().map(|table| cells(table)).max().unwrap_or(0);
    for table in &tables {
        let size = (cells(table) as f64 / most.max(1) as f64).sqrt();
        one(table, size, graphs.contains(table.path.as_str()), evidence);
    }
    if tables.is_empty() {
        for json in &profile.json {
            let weight = if json.records.is_some_and(|records| records >= MIN_ROWS) { 0.6 } else { 0.4 };
            evidence.add(&Modality::Tabular, weight, format!("`{}` is an {}", json.path, json.shape));
        }
    }
    let media = [Modality::Image, Modality::Audio, Modality::Video];
    if media.iter().any(|media| evidence.confidence(media) >= 0.7) {
        // Beside media a table tells about them.
        evidence.lower(&Modality::Tabular, 0.6);
        evidence.lower(&Modality::NaturalLanguage, 0.6);
    }
}

fn one(table: &TableProfile, size: f64, is_graph: bool, evidence: &mut Evidence<Modality>) {
    let make = make_of(table);
    let path = &table.path;
    let enough = if table.rows >= MIN_ROWS { 1.0 } else { 0.5 };
    let mut tabular = if make.features >= 2 { 0.88 } else { 0.55 };
    if !make.prose.is_empty() {
        let weight = prose_weight(&make);
        let text = format!("`{path}` has text in {}", names(&make.prose));
        evidence.add(&Modality::NaturalLanguage, weight * size * enough, text);
        if weight >= 0.85 {
            tabular = 0.5;
        }
    }
    if let Some((column, notation)) = make.notations.first() {
        let text = format!("`{column}` of `{path}` is written in {notation}");
        evidence.add(&Modality::OtherStructured, 0.9 * size, text);
        tabular = f64::min(tabular, if make.features <= 10 { 0.7 } else { 0.88 });
    }
    if make.pixels >= MIN_PIXELS {
        evidence.add(
            &Modality::Image,
            0.85 * size,
            format!("`{path}` has {} columns of pixels", make.pixels),
        );
        tabular = 0.6;
    }
    if !make.files.is_empty() {
        tabular = f64::min(tabular, if make.features >= 4 { 0.75 } else { 0.5 });
    }
    if is_graph {
        tabular = f64::min(tabular, if make.features <= 4 { 0.45 } else { 0.7 });
    }
    if make.axes >= 2 && make.features <= make.axes + MAX_MARKS {
        let text = format!("`{path}` has points in {} dimensions", make.axes);
        evidence.add(&Modality::OtherStructured, 0.9 * size.max(0.3), text);
        tabular = f64::min(tabular, 0.4);
    }
    if make.words >= 2 && make.features == make.words + 1 && make.prose.is_empty() {
        let text = format!("`{path}` has a column beside pairs of words");
        evidence.add(&Modality::NaturalLanguage, 0.8 * size, text);
        tabular = f64::min(tabular, 0.5);
    }
    if let Some((weight, text)) = series(table, &make) {
        evidence.add(&Modality::TimeSeries, weight * size * enough, text);
        if weight >= 0.85 {
            tabular = f64::min(tabular, 0.7);
        }
    }
    let text = format!("`{path}` has {} rows and {} columns", table.rows, table.columns.len());
    evidence.add(&Modality::Tabular, tabular * size * enough, text);
}

/// How much text there is against everything else.
fn prose_weight(make: &Make) -> f64 {
    match (make.features, make.longest_prose) {
        (0..=3, 5.0..) => 0.92,
        (_, 30.0..) if make.features <= 6 => 0.88,
        (_, 30.0..) => 0.7,
        (0..=3, _) => 0.7,
        _ => 0.5,
    }
}

fn make_of(table: &TableProfile) -> Make {
    let mut make = Make::default();
    for column in &table.columns {
        let notation = molecules::notation(column);
        make.axes += usize::from(is_axis(column));
        make.words += usize::from(is_words(column));
        if column.names_files_in.is_some() || column.kind == ColumnKind::Path {
            make.files.push(column.name.clone());
        } else if let Some(notation) = notation {
            make.notations.push((column.name.clone(), notation));
        } else if is_prose(column) {
            make.prose.push(column.name.clone());
            make.longest_prose =
                make.longest_prose.max(column.lengths.map_or(0.0, |lengths| lengths.mean_words));
        } else if is_feature(column) {
            make.features += 1;
            make.pixels += usize::from(is_pixel(column));
            make.steps += usize::from(is_nameless_number(column));
        }
    }
    make
}

fn is_axis(column: &ColumnProfile) -> bool {
    column.kind == ColumnKind::Float && matches!(column.name.as_str(), "x" | "y" | "z" | "X" | "Y" | "Z")
}

/// True for many different words in letters, one or two a row, mostly in lower case.
fn is_words(column: &ColumnProfile) -> bool {
    let is_word = |text: &String| {
        text.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '-')
            && text.chars().filter(|c| c.is_lowercase()).count() * 10 >= text.chars().count() * 8
    };
    column.kind == ColumnKind::Text
        && !column.unique
        && column.examples.len() >= 2
        && column.examples.iter().all(is_word)
}

fn is_prose(column: &ColumnProfile) -> bool {
    column.kind == ColumnKind::Text
        && column.lengths.is_some_and(|lengths| lengths.mean_words >= PROSE_WORDS)
        && is_mostly_letters(column)
}

/// False for versions, addresses and formulas, whatever the number of blanks in them.
fn is_mostly_letters(column: &ColumnProfile) -> bool {
    let visible = || column.examples.iter().flat_map(|text| text.chars()).filter(|c| !c.is_whitespace());
    let letters = visible().filter(|c| c.is_alphabetic()).count();
    letters * 10 >= visible().count() * 7
}

fn is_feature(column: &ColumnProfile) -> bool {
    !matches!(column.kind, ColumnKind::Empty | ColumnKind::Id | ColumnKind::Url) && !column.constant
}

fn is_pixel(column: &ColumnProfile) -> bool {
    let name = column.name.to_lowercase();
    let rest = name.strip_prefix("pixel").or_else(|| name.strip_prefix("px"));
    let named = rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b"_x-".contains(&b)));
    // `1x1`, `1x2`, … `28x28`.
    let place = name.split_once('x').is_some_and(|(row, column)| is_number(row) && is_number(column));
    named || place
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A number in a column that is called by its place alone: `column_17`, `17`, `t17`, `X17`.
fn is_nameless_number(column: &ColumnProfile) -> bool {
    let rest =
        column.name.trim_start_matches("column_").trim_start_matches(['t', 'T', 'x', 'X', 'v', 'V', '_']);
    column.kind == ColumnKind::Float && is_number(rest)
}

/// A weight and words for series in a table.
fn series(table: &TableProfile, make: &Make) -> Option<(f64, String)> {
    let path = &table.path;
    if make.steps >= MIN_STEPS && make.steps * 10 >= make.features * 9 && !table.has_header {
        return Some((
            0.9,
            format!("`{path}` has {} columns of fractions in a row without names", make.steps),
        ));
    }
    let axis = table.time.as_ref()?;
    if let Some(columns) = axis.across_columns {
        return Some((0.85, format!("`{path}` has {columns} columns that are points in time")));
    }
    let every =
        axis.frequency.as_deref().map_or_else(String::new, |frequency| format!(", every {frequency}"));
    let order = if axis.in_order { "rows in order of" } else { "rows dated by" };
    let mut text = format!("`{path}` has {order} `{}`{every}", axis.column);
    if let Some(series) = axis.series {
        text += &format!(", {series} series");
    }
    let has_prose = !make.prose.is_empty();
    let weight = match (time::is_series(axis, table), axis.in_order) {
        (true, _) if !has_prose => 0.92,
        (true, _) => 0.5,
        (false, true) => 0.45,
        (false, false) => 0.25,
    };
    Some((weight, text))
}

fn names(columns: &[String]) -> String {
    let shown: Vec<String> = columns.iter().take(3).map(|name| format!("`{name}`")).collect();
    let more = columns.len().saturating_sub(3);
    if more > 0 { format!("{} and {more} more columns", shown.join(", ")) } else { shown.join(", ") }
}
