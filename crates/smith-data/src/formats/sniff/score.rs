//! How well a way of splitting explains a text: alike rows, and cells that are something.

use super::cell::{Class, class};
use super::split::{Cell, Row, Split, Style};

/// Rows whose cells are looked at.
const TYPED_ROWS: usize = 200;
/// Columns whose cells are looked at.
const TYPED_COLUMNS: usize = 200;
/// Rows before and after the table that may be prose.
const MAX_PROSE: usize = 40;

/// Where in the rows the table lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    /// First row of the table: its title, header or data.
    pub(super) first: usize,
    /// Row behind the last.
    pub(super) end: usize,
    /// Cells of a row; those of the header when it has more. A delimiter at the end of every row begins no cell.
    pub(super) columns: usize,
    /// True when every row ends with a delimiter.
    pub(super) trailing: bool,
    /// True when the first row lacks the cell over the names of the rows.
    pub(super) row_names: bool,
    /// Share of the rows with the usual number of cells.
    pub(super) consistency: f64,
    /// Columns that hold numbers for the most part.
    pub(super) numeric: usize,
    /// True when rows carry a comment instead of cells.
    pub(super) comments_inside: bool,
}

/// A score from 0 to 1 and the layout that it belongs to.
pub(super) fn judge(split: &Split<'_>, style: Style, comment: Option<u8>) -> Option<(f64, Layout)> {
    let mut layout = lay_out(split, comment)?;
    let body = split.rows.get(layout.first..layout.end)?;
    let (types, numeric) = type_score(body, layout.columns);
    layout.numeric = numeric;
    if !is_plausible(style, &layout, body) {
        return None;
    }
    let rows = layout.consistency * layout.consistency;
    let columns = if layout.columns >= 2 { (layout.columns - 1) as f64 / layout.columns as f64 } else { 0.1 };
    let start = match (layout.first, body.first()) {
        (0, Some(first)) if first.len() >= layout.columns || layout.row_names => 1.0,
        (0, _) => 0.5,
        _ => 0.4,
    };
    let quotes = (1.0 - split.malformed as f64 / split.rows.len() as f64).max(0.1).powi(2);
    Some((rows * columns * (0.4 + 0.6 * types) * start * quotes * prior(style), layout))
}

fn prior(style: Style) -> f64 {
    match style.delimiter {
        _ if style.blanks => 0.75,
        b',' | b'\t' | b';' => 1.0,
        b'|' => 0.97,
        b':' => 0.5,
        _ => 0.7,
    }
}

/// What also stands in prose is taken for a delimiter only where everything speaks for it.
fn is_plausible(style: Style, layout: &Layout, body: &[Row<'_>]) -> bool {
    let all_alike = layout.consistency >= 1.0 && layout.first == 0;
    if layout.columns == 1 && style.quote == Some(b'\'') {
        // An apostrophe at the start of a line opens nothing.
        return false;
    }
    if style.blanks {
        let quoted = body.iter().any(|row| row.cells.iter().any(|cell| cell.quoted));
        let numbers = layout.numeric * 2 >= layout.columns && layout.consistency >= 0.9;
        let words = all_alike && layout.columns >= 3 && body.len() >= 10 && are_keys(body);
        return layout.columns == 1 || numbers || (quoted && all_alike && body.len() >= 2) || words;
    }
    match style.delimiter {
        b':' => layout.columns >= 3 && all_alike && body.len() >= 3,
        b'~' | b'^' => all_alike && body.len() >= 3,
        _ => true,
    }
}

fn are_keys(body: &[Row<'_>]) -> bool {
    let is_key = |cell: &Cell<'_>| !cell.text.ends_with(['.', ',', ';', ':', '!', '?']);
    body.iter().take(TYPED_ROWS).all(|row| row.cells.iter().all(is_key))
}

fn lay_out(split: &Split<'_>, comment: Option<u8>) -> Option<Layout> {
    let rows = &split.rows;
    let is_comment = |row: &Row<'_>| comment.is_some_and(|c| row.cell(0).as_bytes().first() == Some(&c));
    let usual = most_frequent(rows.iter().filter(|row| !is_comment(row)).map(Row::len))?;
    let is_prose = |row: &Row<'_>| row.len() != usual && row.len() <= (usual / 2).max(1);
    let mut first = rows
        .iter()
        .take(MAX_PROSE)
        .take_while(|row| is_prose(row) || (is_comment(row) && row.len() != usual))
        .count();
    let mut row_names = rows.get(first).is_some_and(|row| row.len() + 1 == usual);
    if first > 0 && usual == 2 && names_rows(&rows[first - 1..]) {
        (first, row_names) = (first - 1, true);
    }
    let end = if split.whole { end_of_table(rows, first, is_prose) } else { rows.len() };
    let body = rows.get(first..end).filter(|body| !body.is_empty())?;
    let commented = body.iter().filter(|row| is_comment(row) && row.len() != usual).count();
    let trailing = usual >= 2 && has_trailing_delimiter(body, usual);
    row_names &= !trailing && body.len() >= 2;
    let alike = body.iter().filter(|row| row.len() == usual).count();
    let tolerated =
        usize::from(row_names || (trailing && body.first().is_some_and(|row| row.len() + 1 == usual)));
    let consistency = (alike + tolerated) as f64 / (body.len() - commented).max(1) as f64;
    let header = body.first().map_or(0, Row::len);
    let columns = if trailing { usual - 1 } else { usual.max(header) };
    let consistency = consistency.min(1.0);
    let comments_inside = commented > 0;
    Some(Layout { first, end, columns, trailing, row_names, consistency, numeric: 0, comments_inside })
}

/// The row behind the last that is no footer.
fn end_of_table(rows: &[Row<'_>], first: usize, is_prose: impl Fn(&Row<'_>) -> bool) -> usize {
    let footer = rows.iter().rev().take(MAX_PROSE).take_while(|row| is_prose(row)).count();
    rows.len().saturating_sub(footer).max(first)
}

/// True for a first row of one cell over two columns of which the first names or counts the rows.
fn names_rows(rows: &[Row<'_>]) -> bool {
    let Some((first, body)) = rows.split_first() else { return false };
    let counts = body.iter().take(20).zip(1_u32..).all(|(row, number)| row.cell(0).parse() == Ok(number));
    let quoted = body.iter().take(20).all(|row| row.cells.first().is_some_and(|cell| cell.quoted));
    first.len() == 1 && body.len() >= 2 && (counts || quoted)
}

fn has_trailing_delimiter(body: &[Row<'_>], usual: usize) -> bool {
    let is_empty = |row: &Row<'_>| row.cells.last().is_some_and(|cell| cell.text.is_empty() && !cell.quoted);
    let (first, rest) = match body.split_first() {
        Some((first, rest)) if first.len() + 1 == usual => (None, rest),
        Some((first, rest)) => (Some(first), rest),
        None => return false,
    };
    let mut full = first.into_iter().chain(rest).filter(|row| row.len() == usual).peekable();
    full.peek().is_some() && full.all(is_empty)
}

pub(super) fn most_frequent(counts: impl Iterator<Item = usize>) -> Option<usize> {
    let mut seen = std::collections::BTreeMap::new();
    for count in counts {
        *seen.entry(count).or_insert(0_usize) += 1;
    }
    seen.into_iter().max_by_key(|&(columns, rows)| (rows, columns)).map(|(columns, _)| columns)
}

/// Kinds that the cells of a column should share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Temporal,
    Words,
}

fn kind(class: Class) -> Option<Kind> {
    match class {
        Class::Missing => None,
        Class::Number(_) => Some(Kind::Number),
        Class::Temporal => Some(Kind::Temporal),
        _ => Some(Kind::Words),
    }
}

/// From 0 to 1 how clean the cells are and how alike those of a column, and the number of columns of numbers.
fn type_score(body: &[Row<'_>], columns: usize) -> (f64, usize) {
    // The first row is most likely a header.
    let rows: Vec<&Row<'_>> = body.iter().skip(usize::from(body.len() > 1)).take(TYPED_ROWS).collect();
    let (mut sum, mut cells, mut numeric) = (0.0, 0_usize, 0);
    for column in 0..columns.min(TYPED_COLUMNS) {
        let classes: Vec<(Class, bool)> = rows
            .iter()
            .filter_map(|row| row.cells.get(column))
            .map(|cell| (class(cell.text), cell.quoted))
            .collect();
        let count = |wanted| classes.iter().filter(|(class, _)| kind(*class) == Some(wanted)).count();
        let counts = [(Kind::Number, count(Kind::Number)), (Kind::Temporal, count(Kind::Temporal))];
        let words = count(Kind::Words);
        let (usual, most) = counts
            .into_iter()
            .fold((Kind::Words, words), |best, other| if other.1 > best.1 { other } else { best });
        let values = words + counts.iter().map(|(_, count)| count).sum::<usize>();
        numeric += usize::from(usual == Kind::Number && most * 10 >= values * 8);
        cells += classes.len();
        sum += classes.iter().map(|&(class, quoted)| weight(class, quoted, usual)).sum::<f64>();
    }
    // Of a very wide table the share of the columns that were looked at stands for all.
    let numeric = numeric * columns / columns.clamp(1, TYPED_COLUMNS);
    (if cells == 0 { 0.5 } else { sum / cells as f64 }, numeric)
}

fn weight(class: Class, quoted: bool, usual: Kind) -> f64 {
    let clean = match class {
        Class::Missing => return 0.9,
        Class::Number(_) | Class::Temporal => 1.0,
        _ if quoted => 0.9,
        Class::Word => 0.9,
        Class::Text => 0.75,
        Class::Numbers => 0.6,
        Class::Odd => 0.2,
    };
    clean * if kind(class) == Some(usual) { 1.0 } else { 0.6 }
}
