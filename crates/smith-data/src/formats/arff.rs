//! Reads ARFF, the format of Weka and OpenML: dense and sparse rows, quoted names, relational attributes.

use std::path::Path;

use smith_task_schema::profile::TableProfile;

use super::lines::{BadRows, Lines};
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::frame::Gather;
use crate::overview::display::one_line;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Attributes that are read; a header without end is none.
const MAX_ATTRIBUTES: usize = 100_000;
/// Length to which a declared type is shown.
const SHOWN_CHARS: usize = 120;

/// An attribute as it is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Numeric,
    Text,
    /// With its format, when there is one.
    Date(String),
    Nominal(Vec<String>),
    /// Rows inside a cell.
    Relational,
}

impl Kind {
    fn words(&self) -> String {
        match self {
            Self::Numeric => String::from("numeric"),
            Self::Text => String::from("string"),
            Self::Date(format) => format!("date {format}").trim_end().to_string(),
            Self::Nominal(values) => one_line(&format!("nominal {{{}}}", values.join(", ")), SHOWN_CHARS),
            Self::Relational => String::from("relational"),
        }
    }

    /// What a sparse row means by leaving the attribute out.
    fn left_out(&self) -> Option<&str> {
        match self {
            Self::Numeric => Some("0"),
            Self::Nominal(values) => values.first().map(String::as_str),
            _ => None,
        }
    }
}

/// Facts of the first `max_rows` rows.
///
/// # Errors
/// Words for why it cannot be read, when there is no ARFF header among others.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    read(Lines::open(found)?, &found.relative, format, max_rows, findings)
}

/// Reads ARFF from memory, for tests with arbitrary bytes.
pub(crate) fn read_bytes(bytes: &[u8]) -> usize {
    let lines = Lines::new(Box::new(std::io::Cursor::new(bytes.to_vec())));
    read(lines, "x.arff", "arff", 1_000, &mut Findings::default())
        .map_or(0, |table| table.facts.columns.len())
}

fn read(
    mut lines: Lines,
    path: &str,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let attributes = read_header(&mut lines)?;
    let (names, renamed) =
        super::sniff::make_unique(attributes.iter().map(|attribute| attribute.name.clone()).collect());
    if renamed {
        findings.warn(path, "has attributes without a name or with the name of another; they are renamed");
    }
    let mut table = TableProfile::new(path, format);
    table.skipped_lines = lines.number;
    let mut builder = TableBuilder::new(&names);
    let mut bad = BadRows::default();
    match read_rows(&mut lines, &attributes, &mut builder, &mut bad, max_rows) {
        Ok(exact) => table.exact = exact,
        Err(message) => {
            table.exact = false;
            findings.error(path, format!("{message}; the rows before are profiled"));
        }
    }
    bad.report(path, findings);
    let mut data = builder.finish(table, findings);
    for (facts, attribute) in data.facts.columns.iter_mut().zip(&attributes) {
        facts.declared = Some(attribute.kind.words());
    }
    Ok(data)
}

/// Hands the rows of a file to `gather`; rows that do not fit the attributes are left out.
pub(crate) fn each_row(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let mut lines = Lines::open_path(path)?;
    let attributes = read_header(&mut lines)?;
    if !gather.begin("", attributes.iter().map(|attribute| attribute.name.clone()).collect()) {
        return Ok(());
    }
    while let Some(line) = lines.next()? {
        let line = line.trim();
        if line.is_empty() || line.starts_with('%') {
            continue;
        }
        let Some(cells) = written(line, &attributes) else { continue };
        if !gather.row(cells.iter().map(String::as_str)) {
            break;
        }
    }
    Ok(())
}

/// The cells of a row as text.
fn written(line: &str, attributes: &[Attribute]) -> Option<Vec<String>> {
    let text = |cell: Cell| if cell.text == "?" && !cell.quoted { String::new() } else { cell.text };
    let Some(sparse) = line.strip_prefix('{') else {
        let cells: Vec<String> = Cells::new(line).row().into_iter().map(text).collect();
        return (cells.len() >= attributes.len()).then_some(cells);
    };
    let left_out = |attribute: &Attribute| attribute.kind.left_out().unwrap_or("").to_owned();
    let mut cells: Vec<String> = attributes.iter().map(left_out).collect();
    for (index, cell) in Cells::new(sparse.rsplit_once('}')?.0).pairs() {
        *cells.get_mut(index.parse::<usize>().ok()?)? = text(cell);
    }
    Some(cells)
}

/// Reads up to the line of `@data`.
fn read_header(lines: &mut Lines) -> Result<Vec<Attribute>, String> {
    let mut attributes = Vec::new();
    // Attributes inside a relational one.
    let mut inside = 0_usize;
    while let Some(line) = lines.next()? {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('%') {
            continue;
        }
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match keyword.to_ascii_lowercase().as_str() {
            "@relation" => {}
            "@attribute" if inside > 0 => inside += usize::from(is_relational(rest)),
            "@attribute" => {
                if attributes.len() == MAX_ATTRIBUTES {
                    return Err(format!("declares more than {MAX_ATTRIBUTES} attributes"));
                }
                inside += usize::from(is_relational(rest));
                attributes.push(attribute(rest).ok_or_else(|| {
                    format!("line {} declares no attribute: {}", lines.number, one_line(line, SHOWN_CHARS))
                })?);
            }
            "@end" => inside = inside.saturating_sub(1),
            "@data" if attributes.is_empty() => return Err(String::from("declares no attributes")),
            "@data" => return Ok(attributes),
            _ => return Err(format!("is no ARFF: line {} is {}", lines.number, one_line(line, SHOWN_CHARS))),
        }
    }
    Err(String::from("is no ARFF: there is no line with @data"))
}

fn is_relational(declaration: &str) -> bool {
    declaration.trim_end().to_ascii_lowercase().ends_with("relational")
}

/// `name type`, where the name may be quoted and the type may follow without a blank.
fn attribute(declaration: &str) -> Option<Attribute> {
    let mut cells = Cells::new(declaration.trim());
    let name = cells.word(|c| c.is_whitespace() || c == '{')?;
    let kind = cells.rest().trim();
    let kind = if let Some(values) = kind.strip_prefix('{') {
        let inner = values.rsplit_once('}').map_or(values, |(inner, _)| inner);
        Kind::Nominal(Cells::new(inner).row().into_iter().map(|cell| cell.text).collect())
    } else {
        let (word, format) = kind.split_once(char::is_whitespace).unwrap_or((kind, ""));
        match word.to_ascii_lowercase().as_str() {
            "numeric" | "real" | "integer" => Kind::Numeric,
            "string" => Kind::Text,
            "date" => Kind::Date(format.trim().trim_matches(['"', '\'']).to_string()),
            "relational" => Kind::Relational,
            _ => return None,
        }
    };
    Some(Attribute { name, kind })
}

/// True when all rows were read.
fn read_rows(
    lines: &mut Lines,
    attributes: &[Attribute],
    builder: &mut TableBuilder,
    bad: &mut BadRows,
    max_rows: u64,
) -> Result<bool, String> {
    while let Some(line) = lines.next()? {
        let line = line.trim();
        if line.is_empty() || line.starts_with('%') {
            continue;
        }
        if builder.rows() == max_rows {
            return Ok(false);
        }
        let pushed = match line.strip_prefix('{') {
            Some(sparse) => push_sparse(sparse, attributes, builder),
            None => push_dense(line, attributes, builder),
        };
        match pushed {
            Ok(()) => builder.end_row(),
            Err(reason) => bad.add(lines.number, reason),
        }
    }
    Ok(true)
}

fn push_dense(line: &str, attributes: &[Attribute], builder: &mut TableBuilder) -> Result<(), String> {
    let cells = Cells::new(line).row();
    // A weight of the row may stand behind it.
    let has_weight = cells.len() == attributes.len() + 1
        && cells.last().is_some_and(|cell| cell.text.starts_with('{') && cell.text.ends_with('}'));
    if cells.len() != attributes.len() && !has_weight {
        return Err(format!("it has {} values for {} attributes", cells.len(), attributes.len()));
    }
    for (index, (cell, attribute)) in cells.iter().zip(attributes).enumerate() {
        push(builder, index, cell, attribute);
    }
    Ok(())
}

fn push_sparse(line: &str, attributes: &[Attribute], builder: &mut TableBuilder) -> Result<(), String> {
    let inner = line.rsplit_once('}').map(|(inner, _)| inner).ok_or("its bracket is not closed")?;
    let mut given: Vec<(usize, Cell)> = Vec::new();
    for mut pair in Cells::new(inner).pairs() {
        let index: usize = pair.0.parse().map_err(|_| String::from("a value has no index"))?;
        if index >= attributes.len() {
            return Err(format!("it has a value for attribute {index} of {}", attributes.len()));
        }
        given.push((index, std::mem::take(&mut pair.1)));
    }
    given.sort_by_key(|(index, _)| *index);
    let mut given = given.iter().peekable();
    for (index, attribute) in attributes.iter().enumerate() {
        if let Some((_, cell)) = given.next_if(|(at, _)| *at == index) {
            push(builder, index, cell, attribute);
        } else if let (Some(text), Some(column)) = (attribute.kind.left_out(), builder.column(index)) {
            column.push(text);
        }
        while given.next_if(|(at, _)| *at == index).is_some() {}
    }
    Ok(())
}

fn push(builder: &mut TableBuilder, index: usize, cell: &Cell, attribute: &Attribute) {
    let Some(column) = builder.column(index) else { return };
    if cell.text == "?" && !cell.quoted {
        return;
    }
    if attribute.kind == Kind::Relational { column.push_nested(&cell.text) } else { column.push(&cell.text) }
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Cell {
    text: String,
    quoted: bool,
}

/// Takes a line apart.
struct Cells<'a> {
    rest: &'a str,
}

impl<'a> Cells<'a> {
    fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    fn rest(&self) -> &'a str {
        self.rest
    }

    /// A word, quoted or up to what `ends` it.
    fn word(&mut self, ends: impl Fn(char) -> bool) -> Option<String> {
        self.rest = self.rest.trim_start();
        let cell = self.cell(ends);
        (!cell.text.is_empty() || cell.quoted).then_some(cell.text)
    }

    fn cell(&mut self, ends: impl Fn(char) -> bool) -> Cell {
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            return self.quoted(quote);
        }
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Cell { text: text.trim().to_string(), quoted: false }
    }

    fn quoted(&mut self, quote: char) -> Cell {
        let mut text = String::new();
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            if escaped {
                escaped = false;
                text.push(match c {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                });
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.rest = &self.rest[at + c.len_utf8()..];
                return Cell { text, quoted: true };
            } else {
                text.push(c);
            }
        }
        self.rest = "";
        Cell { text, quoted: true }
    }

    /// The cells of a dense row: between commas, or between tabs where there is no comma.
    fn row(mut self) -> Vec<Cell> {
        let separator = if self.rest.contains(',') || !self.rest.contains('\t') { ',' } else { '\t' };
        let mut cells = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() && c != separator);
            cells.push(self.cell(|c| c == separator));
            // What stands between a closing quotation mark and the comma is nothing.
            let Some(at) = self.rest.find(separator) else { return cells };
            self.rest = &self.rest[at + 1..];
        }
    }

    /// The index and the value of each cell of a sparse row.
    fn pairs(mut self) -> Vec<(String, Cell)> {
        let mut pairs = Vec::new();
        while let Some(index) = self.word(|c| c.is_whitespace() || c == ',') {
            self.rest = self.rest.trim_start();
            let cell = self.cell(|c| c == ',');
            pairs.push((index, cell));
            let Some(at) = self.rest.find(',') else { return pairs };
            self.rest = &self.rest[at + 1..];
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use smith_task_schema::profile::{ColumnKind, ProfileFinding};

    use super::*;

    fn of(text: &str) -> (Option<TableData>, Vec<ProfileFinding>) {
        let mut findings = Findings::default();
        let lines = Lines::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        match read(lines, "x.arff", "arff", 100, &mut findings) {
            Ok(table) => (Some(table), findings.finish()),
            Err(message) => (None, vec![ProfileFinding::error("x.arff", message)]),
        }
    }

    const DENSE: &str = "% Title\n\n@RELATION credit\n\
        @attribute 'checking status' { '<0', 'no checking', \"it\\'s\"}\n@ATTRIBUTE age REAL\n@attribute seen date \"yyyy-MM-dd\"\n\
        @attribute note string\n@attribute class{good,bad}\n@DATA\n'<0',6,2012-01-01,'a, b',good\n% between\n\
        'no checking',?,2012-01-02,?,bad\n'it\\'s', 7.5 ,\"2012-01-03\",'?',good\n";

    #[test]
    fn dense_rows_are_read() {
        let (table, findings) = of(DENSE);
        let table = table.unwrap().facts;
        assert!(findings.is_empty(), "{findings:?}");
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["checking status", "age", "seen", "note", "class"]);
        assert_eq!((table.rows, table.exact), (3, true));
        let kinds: Vec<ColumnKind> = table.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds[1..3], [ColumnKind::Float, ColumnKind::Date]);
        assert_eq!(table.columns[0].examples, ["<0", "no checking", "it's"]);
        assert_eq!((table.columns[1].missing, table.columns[3].missing), (1, 1));
        assert_eq!(table.columns[4].declared.as_deref(), Some("nominal {good, bad}"));
        assert_eq!(table.columns[2].declared.as_deref(), Some("date yyyy-MM-dd"));
    }

    #[test]
    fn sparse_rows_leave_out_zeros() {
        let text = "@relation s\n@attribute a numeric\n@attribute b {x,y}\n@attribute c numeric\n@data\n\
            {0 5, 1 y}\n{2 'x, 1'}\n{}\n{1 ?}\n{7 1}\n";
        let (table, findings) = of(text);
        let table = table.unwrap().facts;
        assert_eq!((table.rows, table.columns[0].max.as_deref()), (4, Some("5")));
        assert_eq!(table.columns[1].top.iter().map(|top| top.count).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(table.columns[1].missing, 1);
        assert!(
            findings
                .iter()
                .any(|finding| finding.message.contains("line 10: it has a value for attribute 7"))
        );
    }

    #[test]
    fn relations_inside_a_cell_are_nested() {
        let text = "@relation bags\n@attribute id {b1,b2}\n@attribute bag relational\n @attribute x numeric\n\
            @attribute y numeric\n@end bag\n@attribute class {0,1}\n@data\nb1,\"1,2\\n3,4\",0\nb2,'5,6',1\n";
        let (table, findings) = of(text);
        let table = table.unwrap().facts;
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!((table.columns.len(), table.columns[1].kind), (3, ColumnKind::Nested));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (text, message) in [
            ("a,b\n1,2\n", "is no ARFF"),
            ("@relation x\n@data\n1\n", "declares no attributes"),
            ("@relation x\n@attribute a blue\n@data\n", "line 2 declares no attribute"),
            ("@relation x\n@attribute a numeric\n", "no line with @data"),
            (
                "@relation x\n@attribute a numeric\n@data\n1\n1,2\n",
                "1 rows cannot be read and are left out; the first is line 5",
            ),
        ] {
            let (_, findings) = of(text);
            assert!(findings.len() == 1 && findings[0].message.contains(message), "{findings:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_there_is_no_panic(
            tail in proptest::collection::vec(proptest::sample::select(b"@a,'\"{}\\?0 1\n\t%\xff".as_slice()), 0..120),
            cut in any::<proptest::sample::Index>(),
        ) {
            let mut bytes = DENSE.as_bytes().to_vec();
            bytes.truncate(cut.index(bytes.len()));
            bytes.extend(tail);
            read_bytes(&bytes);
        }
    }
}
