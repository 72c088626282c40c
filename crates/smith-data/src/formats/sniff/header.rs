//! Tells the rows that name the columns from those that hold data, by comparing what stands in a column.

use std::collections::BTreeSet;

use super::cell::{Class, class, is_missing};
use super::orange;
use crate::column::value;

/// Rows that are compared with the first.
const BODY_ROWS: usize = 300;
/// Columns that are compared; a header shows in fewer.
const COLUMNS: usize = 2_000;
/// Most rows that a header has.
const MAX_HEADER_ROWS: usize = 4;
/// Share of the values of a column that make its class.
const MOSTLY: f64 = 0.8;

/// Words that name columns everywhere and are hardly ever values.
const NAME_WORDS: [&str; 48] = [
    "id",
    "name",
    "label",
    "class",
    "target",
    "text",
    "title",
    "date",
    "time",
    "year",
    "type",
    "category",
    "value",
    "count",
    "url",
    "path",
    "file",
    "filename",
    "image",
    "key",
    "word",
    "sentence",
    "question",
    "answer",
    "comment",
    "review",
    "description",
    "rating",
    "score",
    "user",
    "user_id",
    "item",
    "index",
    "source",
    "split",
    "gender",
    "age",
    "country",
    "city",
    "state",
    "status",
    "email",
    "phone",
    "address",
    "price",
    "amount",
    "lat",
    "lon",
];

/// What the first rows of a table are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Rows before the header that hold a title.
    pub(crate) title_rows: usize,
    /// Rows of the header; 0 when there is none.
    pub(crate) rows: usize,
    /// Names as they are written, those of several rows joined; none without a header.
    pub(crate) names: Option<Vec<String>>,
}

/// Finds the header of a table with `columns` columns. Rows may be short.
pub(crate) fn find(rows: &[Vec<&str>], columns: usize) -> Header {
    let title_rows = titles(rows, columns);
    let rows = rows.get(title_rows..).unwrap_or_default();
    let none = Header { title_rows, rows: 0, names: None };
    let Some((first, body)) = rows.split_first() else { return none };
    if let Some(names) = orange::names(rows) {
        return Header { title_rows, rows: 3, names: Some(names) };
    }
    if !names_columns(first, body, columns) {
        return none;
    }
    let more = further_rows(first, body, columns);
    let names = join_names(&rows[..=more], columns);
    Header { title_rows, rows: 1 + more, names: Some(names) }
}

/// Rows at the top in which only one cell is filled, above one that is full.
fn titles(rows: &[Vec<&str>], columns: usize) -> usize {
    if columns < 3 {
        return 0;
    }
    let filled = |row: &&Vec<&str>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let titles = rows.iter().take_while(|row| filled(row) <= 1).count();
    let is_full = rows.get(titles).is_some_and(|row| filled(&row) * 2 > columns);
    if is_full && titles <= 20 { titles } else { 0 }
}

/// The values below the first row of one column.
struct Body<'a> {
    cells: Vec<&'a str>,
    numbers: f64,
    temporal: f64,
}

impl<'a> Body<'a> {
    fn new(rows: &[Vec<&'a str>], column: usize) -> Self {
        let cells: Vec<&str> = rows
            .iter()
            .take(BODY_ROWS)
            .filter_map(|row| row.get(column).map(|cell| cell.trim()))
            .filter(|cell| !is_missing(cell))
            .collect();
        let share = |wanted: fn(Class) -> bool| {
            let count = cells.iter().filter(|cell| wanted(class(cell))).count();
            if cells.is_empty() { 0.0 } else { count as f64 / cells.len() as f64 }
        };
        let numbers = share(|class| matches!(class, Class::Number(_)));
        let temporal = share(|class| class == Class::Temporal);
        Self { cells, numbers, temporal }
    }

    fn is_numeric(&self) -> bool {
        self.numbers >= MOSTLY
    }
}

fn names_columns(first: &[&str], body: &[Vec<&str>], columns: usize) -> bool {
    // The second row may belong to the header.
    let below = if body.len() >= 3 { &body[1..] } else { body };
    let bodies: Vec<Body<'_>> = (0..columns.min(COLUMNS)).map(|column| Body::new(below, column)).collect();
    let counts_on = is_series(first, body.first(), &bodies);
    let mut votes = 0.0;
    let mut seen = BTreeSet::new();
    let mut all_names = !first.is_empty();
    for (index, body) in bodies.iter().enumerate() {
        let cell = first.get(index).map_or("", |cell| cell.trim());
        let repeats = !cell.is_empty() && !seen.insert(cell);
        all_names &= !repeats && (is_name(cell) || (cell.is_empty() && index == 0));
        votes += vote(cell, index, body, counts_on);
        if repeats && !body.is_numeric() {
            votes -= 0.5;
        }
    }
    if seen.is_empty() {
        return false;
    }
    votes + if all_names { 0.15 } else { 0.0 } > 0.0
}

/// Above 0 when the cell is unlike the values below it, below 0 when it is like them.
fn vote(cell: &str, index: usize, body: &Body<'_>, counts_on: bool) -> f64 {
    if cell.is_empty() {
        return if index == 0 { 0.0 } else { -0.2 };
    }
    let class = class(cell);
    let is_number = matches!(class, Class::Number(_));
    if body.cells.is_empty() {
        return if is_number || class == Class::Missing { -0.2 } else { 0.1 };
    }
    if body.is_numeric() {
        return match class {
            Class::Number(_) if counts_on => 0.5,
            Class::Number(_) => -1.0,
            Class::Missing => -0.5,
            _ => 1.0,
        };
    }
    if body.temporal >= MOSTLY {
        return match class {
            Class::Temporal => -1.0,
            Class::Number(_) | Class::Missing => -0.5,
            _ => 1.0,
        };
    }
    if is_number || class == Class::Temporal {
        return -0.5;
    }
    vote_among_words(cell, body)
}

fn vote_among_words(cell: &str, body: &Body<'_>) -> f64 {
    let again = body.cells.iter().filter(|other| **other == cell).count();
    if again > 0 {
        return if again * 20 >= body.cells.len() { -1.5 } else { -0.5 };
    }
    let mut vote: f64 = if is_name(cell) { 0.1 } else { -0.7 };
    if NAME_WORDS.contains(&cell.to_lowercase().as_str()) {
        vote += 0.8;
    }
    let lengths = body.cells.iter().map(|other| other.chars().count());
    let length = cell.chars().count();
    let (least, most) = (lengths.clone().min().unwrap_or(0), lengths.max().unwrap_or(0));
    if body.cells.len() >= 4 && !(least..=most).contains(&length) {
        vote += 0.4;
    }
    let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    if !has_digit(cell) && body.cells.len() >= 4 && body.cells.iter().all(|other| has_digit(other)) {
        vote += 0.4;
    }
    vote
}

/// True for what a column may be called: few words, no sentence, no address, no record.
fn is_name(cell: &str) -> bool {
    let ends_a_sentence = cell.ends_with(['.', '!']) && cell.contains(' ');
    let is_address = cell.contains("://") || cell.starts_with(['/', '{', '[', '<']);
    !cell.is_empty()
        && cell.chars().count() <= 60
        && cell.split_whitespace().count() <= 8
        && cell.chars().any(char::is_alphabetic)
        && !ends_a_sentence
        && !is_address
        && !matches!(class(cell), Class::Number(_) | Class::Temporal)
}

/// True when the numbers of the first row count on (years, wavelengths, 0, 1, 2, …) and those of the next do not.
fn is_series(first: &[&str], next: Option<&Vec<&str>>, bodies: &[Body<'_>]) -> bool {
    let numbers = |row: &[&str]| -> Vec<f64> {
        let numeric = bodies.iter().zip(row).filter(|(body, _)| body.is_numeric());
        numeric.filter_map(|(_, cell)| cell.trim().parse().ok()).collect()
    };
    let series = numbers(first);
    let Some((&start, &second)) = series.first().zip(series.get(1)) else { return false };
    // Two numbers always have a constant step.
    let goes_on = |next: &Vec<&str>| series.len() >= 3 && has_constant_step(&numbers(next));
    if !has_constant_step(&series) || next.is_some_and(goes_on) {
        return false;
    }
    let is_year = |number: &f64| (1_500.0..=2_200.0).contains(number) && number.fract() == 0.0;
    let has_fraction = first.iter().any(|cell| value::number(cell.trim()).is_some_and(|n| !n.is_integer));
    let holds_years = |body: &Body<'_>| {
        body.is_numeric() && body.cells.iter().all(|cell| cell.parse().is_ok_and(|number| is_year(&number)))
    };
    if series.iter().all(is_year) && !has_fraction {
        return !bodies.iter().any(holds_years);
    }
    let counts = (start == 0.0 || start == 1.0) && second - start == 1.0 && !has_fraction;
    (counts && series.len() >= 4) || series.len() >= 5
}

fn has_constant_step(series: &[f64]) -> bool {
    let Some((&first, &second)) = series.first().zip(series.get(1)) else { return false };
    let step = second - first;
    let close = |a: f64| (a - step).abs() <= step.abs() * 0.01;
    step != 0.0 && series.iter().zip(series.iter().skip(1)).all(|(a, b)| close(b - a))
}

/// Rows below the first that belong to the header: units, or the lower half of a header with merged cells.
fn further_rows(first: &[&str], body: &[Vec<&str>], columns: usize) -> usize {
    let mut more = 0;
    while more + 1 < MAX_HEADER_ROWS && body.len() > more + 2 {
        let (row, below) = (&body[more], &body[more + 1..]);
        if !names_numbers(row, below, columns) && !fills_gaps(first, &body[..more], row, columns) {
            break;
        }
        more += 1;
    }
    more
}

/// True when a row has a word exactly where the rows above it name nothing: it names what stands at the left of a
/// table with grouped columns.
fn fills_gaps(first: &[&str], above: &[Vec<&str>], row: &[&str], columns: usize) -> bool {
    let filled = |row: &[&str], column: usize| row.get(column).is_some_and(|cell| !cell.trim().is_empty());
    let named = |column: usize| filled(first, column) || above.iter().any(|row| filled(row, column));
    let gaps = (0..columns).filter(|column| !named(*column)).count();
    !above.is_empty()
        && (1..columns).contains(&gaps)
        && (0..columns).all(|column| filled(row, column) != named(column))
        && row.iter().all(|cell| !matches!(class(cell), Class::Number(_)))
}

/// True when a row has words where all that follows are numbers.
fn names_numbers(row: &[&str], below: &[Vec<&str>], columns: usize) -> bool {
    let (mut numeric, mut words, mut units) = (0, 0, 0);
    for column in 0..columns.min(COLUMNS) {
        let cell = row.get(column).map_or("", |cell| cell.trim());
        let body = Body::new(below, column);
        if body.cells.is_empty() || body.numbers < 0.95 {
            // A date or a repeated word beside them shows that it is data.
            let is_value = class(cell) == Class::Temporal || body.cells.contains(&cell);
            if is_value && !is_missing(cell) {
                return false;
            }
            continue;
        }
        numeric += 1;
        match class(cell) {
            Class::Number(_) | Class::Temporal | Class::Numbers => return false,
            Class::Missing => {}
            _ => words += 1,
        }
        units += usize::from(is_unit(cell));
    }
    words * 2 >= numeric && (words >= 2 || units >= 1)
}

fn is_unit(cell: &str) -> bool {
    let bracketed =
        (cell.starts_with('(') && cell.ends_with(')')) || (cell.starts_with('[') && cell.ends_with(']'));
    bracketed
        || matches!(
            cell,
            "m" | "cm"
                | "mm"
                | "km"
                | "kg"
                | "g"
                | "mg"
                | "s"
                | "ms"
                | "h"
                | "min"
                | "V"
                | "mV"
                | "A"
                | "Hz"
                | "K"
                | "Pa"
                | "hPa"
                | "kPa"
                | "W"
                | "kW"
                | "kWh"
                | "USD"
                | "EUR"
                | "m/s"
                | "km/h"
                | "°C"
                | "degC"
        )
}

/// The names of several header rows: of the first, unless cells are merged there; then joined downwards.
fn join_names(rows: &[Vec<&str>], columns: usize) -> Vec<String> {
    let Some((first, below)) = rows.split_first() else { return Vec::new() };
    let width = columns.max(first.len());
    let plain = || (0..width).map(|i| first.get(i).copied().unwrap_or_default().to_string()).collect();
    if below.is_empty() || !has_merged_cells(first, width) {
        return plain();
    }
    let mut group = "";
    (0..width)
        .map(|column| {
            let cell = first.get(column).map_or("", |cell| cell.trim());
            if !cell.is_empty() {
                group = cell;
            }
            let mut parts = vec![group];
            parts.extend(below.iter().map(|row| row.get(column).map_or("", |cell| cell.trim())));
            parts.retain(|part| !part.is_empty());
            parts.join("_")
        })
        .collect()
}

fn has_merged_cells(row: &[&str], columns: usize) -> bool {
    let filled: Vec<&str> = row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let different: BTreeSet<&str> = filled.iter().copied().collect();
    filled.len() + 1 < columns || different.len() < filled.len()
}

/// Names as readers of data frames make them: those that are empty become `Unnamed: N` (from 0), those that occur
/// again get `.1`, `.2`, … behind them. True when one was changed.
pub(crate) fn make_unique(names: Vec<String>) -> (Vec<String>, bool) {
    let mut taken = BTreeSet::new();
    let mut counts: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    let mut changed = false;
    let names = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let name = if name.trim().is_empty() {
                changed = true;
                format!("Unnamed: {index}")
            } else {
                name
            };
            if taken.insert(name.clone()) {
                return name;
            }
            changed = true;
            let count = counts.entry(name.clone()).or_default();
            loop {
                *count += 1;
                let candidate = format!("{name}.{count}");
                if taken.insert(candidate.clone()) {
                    return candidate;
                }
            }
        })
        .collect();
    (names, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (usize, usize, Option<String>) {
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let header = find(&rows, columns);
        (header.title_rows, header.rows, header.names.map(|names| names.join("|")))
    }

    fn named(title_rows: usize, rows: usize, names: &str) -> (usize, usize, Option<String>) {
        (title_rows, rows, Some(names.to_string()))
    }

    #[test]
    fn years_and_numbers_may_name_columns() {
        assert_eq!(of("country,2019,2020\nChad,5.1,5.2\nPeru,1.5,7\n"), named(0, 1, "country|2019|2020"));
        assert_eq!(of("0,1,2,3\n5.1,3.5,1.4,0.2\n4.9,3,1.4,0.2\n"), named(0, 1, "0|1|2|3"));
        assert_eq!(of("place,1/22/20,1/23/20\nChad,1,2\nPeru,0,7\n"), named(0, 1, "place|1/22/20|1/23/20"));
        assert_eq!(of("2019,2020,2021\n2015,2017,2011\n2011,2012,2018\n").1, 0, "years as values");
        assert_eq!(of("1,2,3,4\n5,6,7,8\n9,10,11,12\n").1, 0, "a matrix that counts on");
    }

    #[test]
    fn units_and_merged_cells_belong_to_the_header() {
        let units = "time,speed,load\n(s),(m/s),(kg)\n0.1,5,2\n0.2,6,2\n0.3,7,2\n";
        assert_eq!(of(units), named(0, 2, "time|speed|load"));
        let merged = "I,,II,\nx,y,x,y\n10,8.04,10,9.14\n8,6.95,8,8.14\n13,7.58,13,8.74\n";
        assert_eq!(of(merged), named(0, 2, "I_x|I_y|II_x|II_y"));
        let grouped = ",,x,,n\n,,mean,std,min\nkind,flag,,,\na,TRUE,1.5,2,1\na,FALSE,2.5,2,1\nb,TRUE,1,2,3\n";
        assert_eq!(of(grouped), named(0, 3, "kind|flag|x_mean|x_std|n_min"));
        let data = "name,x,y\na,NA,NA\nb,1,2\nc,3,4\nd,5,6\n";
        assert_eq!(of(data).1, 1, "a row without values is no unit");
    }

    #[test]
    fn titles_stand_above() {
        assert_eq!(of("Sales of 2019,,\n,,\nshop,day,sum\na,1,2\nb,2,3\n"), named(2, 1, "shop|day|sum"));
    }

    #[test]
    fn words_over_words() {
        assert_eq!(of("text,label\nI like it,pos\nno,neg\nyes,pos\n"), named(0, 1, "text|label"));
        assert_eq!(of("I like it,pos\nno,neg\nyes,pos\nwell,neg\n").1, 0);
        assert_eq!(of("code,town\nA17,Rome\nB22,Oslo\nC31,Bonn\nD40,Bern\n"), named(0, 1, "code|town"));
    }

    #[test]
    fn names_become_unique() {
        let names = ["a", "", "a", "a.1", "a", " "].map(String::from).to_vec();
        let expected = ["a", "Unnamed: 1", "a.1", "a.1.1", "a.2", "Unnamed: 5"];
        let (unique, changed) = make_unique(names);
        assert_eq!((unique, changed), (expected.map(String::from).to_vec(), true));
    }
}
