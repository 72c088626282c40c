//! Finds the dialect of delimited text.
//!
//! Every plausible way of splitting is tried on the beginning of the text and judged by how alike the rows are and
//! how clean the cells come out: a number, a date or a word speaks for a delimiter, half a number against it. The
//! header is then found by comparing the first rows with what stands below them.

mod cell;
mod decimal;
mod header;
mod orange;
mod score;
mod split;

pub(crate) use header::{find as find_header, make_unique};

use crate::source::encoding;
use score::{Layout, judge};
use split::{Row, Split, Style, split};

/// Rows from which on a dialect is trusted for a file whose name promises no table.
const CERTAIN_ROWS: usize = 5;
/// Rows that agree are a table when the name says so too.
const LIKELY_ROWS: usize = 3;
/// Numbers that make up for missing rows.
const CERTAIN_NUMBERS: usize = 200;
/// Rows that are compared to find a header.
const HEADER_ROWS: usize = 400;
/// Lines in whose greater part a delimiter has to occur.
const PROBED_LINES: usize = 60;
/// Characters that begin a comment.
const COMMENTS: [u8; 3] = *b"#%!";
/// Delimiters that are tried, the likelier first; of equal scores the first wins. The blank stands for runs of them.
const DELIMITERS: [u8; 8] = *b",\t;| :~^";

/// How a delimited text is to be read.
///
/// Lines are physical lines, whatever their line ends (`\n`, `\r\n` or `\r`). The data begins behind
/// `skip_lines + header_lines` of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dialect {
    /// Between cells; a blank with `blanks`.
    pub(crate) delimiter: u8,
    /// Any number of blanks and tabs is one delimiter; those at the start and the end of a line are none.
    pub(crate) blanks: bool,
    /// Around cells that hold a delimiter; none when quotation marks are characters like any other.
    pub(crate) quote: Option<u8>,
    /// Before a quotation mark inside a quoted cell, where it is not doubled.
    pub(crate) escape: Option<u8>,
    pub(crate) has_header: bool,
    /// Lines of the header.
    pub(crate) header_lines: usize,
    /// Lines before the header, or before the data where there is none: titles, comments, blank lines.
    pub(crate) skip_lines: usize,
    /// Rows at the end that are none of the table, where the sample was the whole text.
    pub(crate) footer_rows: usize,
    /// Begins lines between the rows that are comments. None where rows of data begin so.
    pub(crate) comment: Option<u8>,
    /// Between the whole and the fraction of a number: `.` or `,`.
    pub(crate) decimal: u8,
    /// Between thousands, where it was seen.
    pub(crate) thousands: Option<u8>,
    /// Cells in a row.
    pub(crate) columns: usize,
    /// True when each row ends with a delimiter, behind which there is no further cell.
    pub(crate) trailing_delimiter: bool,
    /// Names of the columns, as many as there are columns, none empty and none twice; none without a header.
    pub(crate) names: Option<Vec<String>>,
    /// True when names had to be changed because they were empty or occurred twice.
    pub(crate) renamed: bool,
    /// True when the first column holds names of the rows and the header has no cell for it.
    pub(crate) row_names: bool,
    rows: usize,
    /// Share of rows with the usual number of cells.
    consistency: f64,
    /// Columns of numbers.
    numeric: usize,
    /// True when prose stands above the table.
    below_prose: bool,
}

impl Dialect {
    /// True when the text is a table whatever its name says.
    pub(crate) fn is_certain(&self) -> bool {
        // Long rows of nothing but numbers say as much as many rows.
        let numbers = self.numeric == self.columns && self.rows * self.columns >= CERTAIN_NUMBERS;
        let enough = |rows: usize| self.rows >= rows || numbers;
        let alike = enough(CERTAIN_ROWS) && self.consistency >= 1.0 && !self.below_prose;
        let wide = self.columns >= 3 || (self.columns >= 2 && self.delimiter == b'\t');
        let telling = match self.delimiter {
            b' ' => self.numeric * 2 >= self.columns && enough(2 * CERTAIN_ROWS),
            b':' | b'~' | b'^' => self.columns >= 4 && self.rows >= 2 * CERTAIN_ROWS,
            _ => true,
        };
        alike && wide && telling && !self.trailing_delimiter
    }

    /// True when the text is a table provided that its name announces one.
    pub(crate) fn is_likely(&self) -> bool {
        self.rows >= LIKELY_ROWS && self.columns >= 2 && self.consistency >= 1.0 && !self.below_prose
    }
}

/// The dialect of the text that begins with `sample`, in whatever encoding; `whole` says that nothing follows. Text
/// without any repeated delimiter is a table of one column; nothing at all is none.
pub(crate) fn sniff(sample: &[u8], whole: bool) -> Option<Dialect> {
    let text = encoding::decode_head(sample);
    let preamble = Preamble::new(&text);
    let (style, split, layout) = best(&text, &preamble, whole)?;
    if preamble.holds_rows(&text, style, layout.columns) {
        let (style, split, layout) = best(&text, &Preamble::NONE, whole)?;
        return Some(describe(&Preamble::NONE, style, &split, &layout));
    }
    Some(describe(&preamble, style, &split, &layout))
}

fn best<'a>(text: &'a str, preamble: &Preamble<'_>, whole: bool) -> Option<(Style, Split<'a>, Layout)> {
    let mut best: Option<(f64, Style, Split<'_>, Layout)> = None;
    for style in candidates(text, preamble.lines) {
        let split = split(text, style, preamble.lines, whole);
        let Some((score, layout)) = judge(&split, style, preamble.comment) else { continue };
        if best.as_ref().is_none_or(|(other, ..)| score > other + 1e-9) {
            best = Some((score, style, split, layout));
        }
    }
    best.map(|(_, style, split, layout)| (style, split, layout))
}

/// Comments and blank lines at the top.
struct Preamble<'a> {
    lines: usize,
    comment: Option<u8>,
    /// The last comment, without its mark, and the number of its line.
    last: Option<(&'a str, usize)>,
}

impl<'a> Preamble<'a> {
    const NONE: Self = Self { lines: 0, comment: None, last: None };

    fn new(text: &'a str) -> Self {
        let lines = || text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
        if lines().next().is_some_and(names_delimiter) && lines().nth(1).is_some() {
            return Self { lines: 1, ..Self::NONE };
        }
        let Some(mark) = lines().find(|line| !line.trim().is_empty()).and_then(|line| {
            let first = line.as_bytes().first().copied();
            first.filter(|first| COMMENTS.contains(first))
        }) else {
            return Self::NONE;
        };
        let top = lines().take_while(|line| line.trim().is_empty() || line.as_bytes().first() == Some(&mark));
        let (mut count, mut comments, mut last) = (0, 0, None);
        for (number, line) in top.enumerate() {
            count = number + 1;
            if let Some(comment) = line.strip_prefix(char::from(mark)) {
                comments += 1;
                last = Some((comment, number));
            }
        }
        let follows = lines().skip(count).any(|line| !line.trim().is_empty());
        // An exclamation mark alone begins a cry sooner than a comment.
        if !follows || (mark == b'!' && comments < 2) {
            return Self::NONE;
        }
        Self { lines: count, comment: Some(mark), last }
    }
}

/// True for `sep=;`, by which spreadsheets learn the delimiter.
fn names_delimiter(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_end_matches([' ', ',', ';']).trim_matches('"');
    let rest = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..));
    rest.is_some_and(|mark| mark.len() <= 1)
}

impl Preamble<'_> {
    /// True when what looks like comments are rows like those below: `#one,2`.
    fn holds_rows(&self, text: &str, style: Style, columns: usize) -> bool {
        if self.lines < 2 || columns < 2 {
            return false;
        }
        let top = split(text, style, 0, true);
        let mut rows = top.rows.iter().take_while(|row| row.line < self.lines).peekable();
        rows.peek().is_some() && rows.all(|row| row.len() == columns)
    }
}

/// The ways of splitting that are worth a try.
fn candidates(text: &str, skip: usize) -> Vec<Style> {
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .skip(skip)
        .filter(|line| !line.trim().is_empty())
        .take(PROBED_LINES)
        .collect();
    let quotes: Vec<Option<u8>> = [Some(b'"'), None, Some(b'\'')]
        .into_iter()
        .filter(|quote| quote.is_none_or(|quote| quote == b'"' || text.as_bytes().contains(&quote)))
        .filter(|quote| quote.is_some() || text.contains('"'))
        .collect();
    let mut styles = Vec::new();
    for delimiter in DELIMITERS {
        let blanks = delimiter == b' ';
        let holds = |line: &&&str| {
            let line = if blanks { line.trim() } else { line };
            line.bytes().any(|byte| byte == delimiter || (blanks && byte == b'\t'))
        };
        // The comma also stands for a table of one column.
        if delimiter != b',' && lines.iter().filter(holds).count() * 5 < lines.len() * 2 {
            continue;
        }
        for &quote in &quotes {
            styles.push(Style { delimiter, blanks, quote, escape: None });
            if quote.is_some_and(|quote| text.contains(&format!("\\{}", char::from(quote)))) {
                styles.push(Style { delimiter, blanks, quote, escape: Some(b'\\') });
            }
        }
    }
    styles
}

fn describe(preamble: &Preamble<'_>, style: Style, split: &Split<'_>, layout: &Layout) -> Dialect {
    let body = split.rows.get(layout.first..layout.end).unwrap_or_default();
    let is_comment = |row: &&Row<'_>| {
        preamble.comment.is_some_and(|mark| row.cell(0).as_bytes().first() == Some(&mark))
            && row.len() != layout.columns
    };
    let rows: Vec<&Row<'_>> = body.iter().filter(|row| !is_comment(row)).take(HEADER_ROWS).collect();
    let mut grid: Vec<Vec<&str>> =
        rows.iter().map(|row| row.cells.iter().map(|c| c.text).collect()).collect();
    if layout.row_names
        && let Some(first) = grid.first_mut()
    {
        first.insert(0, "");
    }
    let found = Found::new(preamble, style, &grid, &rows, layout);
    let data = grid.get(found.rows..).unwrap_or_default();
    let (decimal, thousands) = decimal::marks(data, layout.columns, style.delimiter);
    let begins_data =
        |mark: u8| rows.iter().skip(found.rows).any(|row| row.cell(0).as_bytes().first() == Some(&mark));
    let commented = preamble.lines > 0 && found.comments > 0 || layout.comments_inside;
    let row_names = layout.row_names && found.names.is_some();
    let (names, renamed) = match found.names {
        Some(names) => {
            let (names, renamed) = header::make_unique(finish_names(names, style, layout, row_names));
            (Some(names), renamed)
        }
        None => (None, false),
    };
    Dialect {
        delimiter: style.delimiter,
        blanks: style.blanks,
        quote: style.quote,
        escape: style.escape,
        has_header: names.is_some(),
        header_lines: found.header_lines,
        skip_lines: found.skip_lines,
        footer_rows: split.rows.len().saturating_sub(layout.end),
        comment: preamble.comment.filter(|mark| commented && !begins_data(*mark)),
        decimal,
        thousands,
        columns: layout.columns,
        trailing_delimiter: layout.trailing,
        names,
        renamed,
        row_names,
        rows: body.len(),
        consistency: layout.consistency,
        numeric: layout.numeric,
        below_prose: layout.first > 0 || found.titles > 0,
    }
}

/// Names for every column, and without the doubled or escaped marks of their quotation.
fn finish_names(mut names: Vec<String>, style: Style, layout: &Layout, row_names: bool) -> Vec<String> {
    names.resize(layout.columns, String::new());
    if row_names && let Some(first) = names.first_mut() {
        *first = String::from("row_name");
    }
    let Some(quote) = style.quote.map(char::from) else { return names };
    let doubled = format!("{quote}{quote}");
    names
        .into_iter()
        .map(|name| {
            let name = name.replace(&doubled, &quote.to_string());
            if style.escape.is_some() {
                name.replace(&format!("\\{quote}"), &quote.to_string())
            } else {
                name
            }
        })
        .collect()
}

/// Where the header stands.
struct Found {
    names: Option<Vec<String>>,
    /// Rows of the grid that are title or header.
    rows: usize,
    titles: usize,
    skip_lines: usize,
    header_lines: usize,
    /// Comments at the top that are not the header.
    comments: usize,
}

impl Found {
    fn new(
        preamble: &Preamble<'_>,
        style: Style,
        grid: &[Vec<&str>],
        rows: &[&Row<'_>],
        layout: &Layout,
    ) -> Self {
        let header = header::find(grid, layout.columns);
        let line_of = |row: usize| {
            let behind = || rows.last().map_or(preamble.lines, |row| row.line + row.lines);
            rows.get(row).map_or_else(behind, |row| row.line)
        };
        let skip_lines = line_of(header.title_rows);
        if header.rows == 0
            && let Some((names, line)) = preamble.last.and_then(|(last, line)| {
                let mark = preamble.comment.map_or('#', char::from);
                names_in_comment(last, mark, style, grid, layout.columns).map(|names| (names, line))
            })
        {
            let header_lines = skip_lines.saturating_sub(line);
            return Self {
                names: Some(names),
                rows: 0,
                titles: 0,
                skip_lines: line,
                header_lines,
                comments: line,
            };
        }
        let rows = header.title_rows + header.rows;
        Self {
            names: header.names,
            rows,
            titles: header.title_rows,
            skip_lines,
            header_lines: line_of(rows).saturating_sub(skip_lines),
            comments: usize::from(preamble.last.is_some()),
        }
    }
}

/// Names of the columns in a comment right above the data. Where the mark is glued to the first name it is part of it,
/// as most readers see it.
fn names_in_comment(
    comment: &str,
    mark: char,
    style: Style,
    grid: &[Vec<&str>],
    columns: usize,
) -> Option<Vec<String>> {
    let spaced = comment.trim_start();
    let glued = spaced.len() == comment.len();
    let by_style = split(spaced, style, 0, true);
    let cells: Vec<&str> = by_style.rows.first()?.cells.iter().map(|cell| cell.text).collect();
    let ways = [cells, spaced.split_whitespace().collect(), spaced.split(',').map(str::trim).collect()];
    let mut names = ways.into_iter().find(|way: &Vec<&str>| way.len() == columns)?;
    let mut rows = vec![names.clone()];
    rows.extend(grid.iter().cloned());
    if columns < 2 || header::find(&rows, columns).rows != 1 {
        return None;
    }
    let first = if glued { format!("{mark}{}", names[0]) } else { names[0].to_string() };
    let rest = names.drain(1..).map(str::to_string);
    Some(std::iter::once(first).chain(rest).collect())
}

#[cfg(test)]
mod tests;
