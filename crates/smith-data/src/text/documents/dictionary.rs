//! What documents say of columns: tables in readmes, lists, dictionaries that are tables themselves.

use std::collections::BTreeMap;

use smith_task_schema::profile::TableProfile;

use crate::text::documents::stated::{ColumnNote, Stated};

/// Headings of the names of columns.
const NAMES: [&str; 16] = [
    "column",
    "columns",
    "column name",
    "columnname",
    "feature",
    "features",
    "feature name",
    "field",
    "field name",
    "variable",
    "variable name",
    "attribute",
    "attribute name",
    "name",
    "var name",
    "header",
];
/// Headings of what is said of them.
const MEANINGS: [&str; 12] = [
    "description",
    "descriptions",
    "meaning",
    "definition",
    "explanation",
    "details",
    "label",
    "variable label",
    "variable description",
    "notes",
    "comment",
    "comments",
];
/// Headings of the table that a column belongs to.
const TABLES: [&str; 7] = ["table", "table name", "file", "file name", "filename", "dataset", "sheet"];
/// Words before a colon that say something about the dataset rather than about a column.
const NO_COLUMNS: [&str; 18] = [
    "license",
    "licence",
    "source",
    "sources",
    "author",
    "authors",
    "version",
    "date",
    "citation",
    "doi",
    "url",
    "homepage",
    "title",
    "note",
    "notes",
    "example",
    "format",
    "description",
];
/// Rows of a dictionary that are read.
const ROWS: usize = 5_000;
/// Longest name of a column in a list, in characters.
const NAME_CHARS: usize = 60;

/// True for the name of a table that may describe the columns of others.
pub(super) fn is_dictionary(name: &str) -> bool {
    let stem = plain(name.split('.').next().unwrap_or_default());
    [
        "datadictionary",
        "codebook",
        "dictionary",
        "variabledescription",
        "columndescription",
        "columnsdescription",
        "fielddescription",
        "featuredescription",
        "variables",
        "metadata",
    ]
    .iter()
    .any(|word| stem.contains(word))
}

/// What a dictionary that is a delimited table says, when it has a column of names and one of meanings.
pub(super) fn in_table(text: &str) -> Stated {
    let mut stated = Stated::default();
    let first = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t', b'|'].into_iter().max_by_key(|byte| first.bytes().filter(|b| b == byte).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records().take(ROWS).map_while(Result::ok);
    let header: Vec<String> = records.next().iter().flatten().map(heading).collect();
    if let Some(places) = places(&header) {
        for record in records {
            let cells: Vec<&str> = record.iter().collect();
            places.note(&cells, &mut stated);
        }
    }
    stated
}

/// Where names, meanings and tables stand in a row.
struct Places {
    name: usize,
    meaning: usize,
    table: Option<usize>,
}

impl Places {
    fn note(&self, cells: &[&str], stated: &mut Stated) {
        let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
        let name = cell(self.name).trim_matches(|c: char| c.is_whitespace() || "*`".contains(c));
        stated.column(self.table.map_or("", cell), name, cell(self.meaning), false);
    }
}

fn places(header: &[String]) -> Option<Places> {
    let at = |words: &[&str]| words.iter().find_map(|word| header.iter().position(|cell| cell == word));
    let (name, meaning) = (at(&NAMES)?, at(&MEANINGS)?);
    (name != meaning).then(|| Places {
        name,
        meaning,
        table: at(&TABLES).filter(|at| *at != name && *at != meaning),
    })
}

fn heading(cell: &str) -> String {
    let words = cell.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// What tables and lists in prose say of columns.
pub(super) fn in_prose(lines: &[&str], stated: &mut Stated) {
    let mut table: Option<Places> = None;
    for line in lines {
        let line = line.trim();
        if let Some(cells) = row(line) {
            match &table {
                Some(places) => places.note(&cells, stated),
                None => table = places(&cells.iter().map(|cell| heading(cell)).collect::<Vec<_>>()),
            }
            continue;
        }
        table = None;
        if let Some((name, text)) = listed(line) {
            stated.column("", name, text, true);
        }
    }
}

/// The cells of a Markdown table's row; those of the line below the header are empty of words and say nothing.
fn row(line: &str) -> Option<Vec<&str>> {
    let inside = line.strip_prefix('|')?;
    let cells: Vec<&str> = inside.strip_suffix('|').unwrap_or(inside).split('|').map(str::trim).collect();
    let is_rule =
        cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':' | ' ')));
    Some(if is_rule { Vec::new() } else { cells })
}

/// `- \`age\`: in years`, `3. age - in years`, `age: in years`.
fn listed(line: &str) -> Option<(&str, &str)> {
    let unmarked = line
        .trim_start_matches(|c: char| "-*•+".contains(c) || c.is_ascii_digit() || c == '.' || c == ')')
        .trim_start();
    let marked = unmarked.len() < line.len();
    let separators: &[&str] = if marked { &[": ", " - ", " – ", " — ", ":\t"] } else { &[": ", ":\t"] };
    let (at, separator) =
        separators.iter().filter_map(|separator| Some((unmarked.find(separator)?, *separator))).min()?;
    let name =
        unmarked.get(..at)?.trim_matches(|c: char| c.is_whitespace() || "*_`\"'".contains(c) || c == ':');
    let text = unmarked.get(at + separator.len()..)?.trim_start_matches(['*', '_', ' ']);
    let is_name = !name.is_empty()
        && name.chars().count() <= NAME_CHARS
        && (marked || !name.contains(' '))
        && !NO_COLUMNS.contains(&name.to_lowercase().as_str());
    (is_name && text.chars().any(char::is_alphabetic)).then_some((name, text))
}

/// Gives the columns of the tables the descriptions that fit them.
///
/// A name fits when it is that of a column, or of one column alone once case and signs are left out. A note that
/// names a table goes to that table only, when there is one of that name. The first note of a column is kept.
pub(crate) fn describe(notes: &[ColumnNote], tables: &mut [&mut TableProfile]) {
    let paths: Vec<String> = tables.iter().map(|table| table.path.clone()).collect();
    for (index, table) in tables.iter_mut().enumerate() {
        let mut exact: BTreeMap<String, usize> = BTreeMap::new();
        let mut loose: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (at, column) in table.columns.iter().enumerate() {
            exact.entry(column.name.clone()).or_insert(at);
            loose.entry(plain(&column.name)).and_modify(|known| *known = None).or_insert(Some(at));
        }
        let place = |note: &ColumnNote| {
            exact.get(&note.column).copied().or_else(|| loose.get(&plain(&note.column)).copied().flatten())
        };
        let meant = |note: &ColumnNote| {
            let names_one = paths.iter().any(|path| is_called(path, &note.table));
            note.table.is_empty() || !names_one || is_called(&paths[index], &note.table)
        };
        let fitting: Vec<(usize, &ColumnNote)> =
            notes.iter().filter(|note| meant(note)).filter_map(|note| Some((place(note)?, note))).collect();
        let mut listed: Vec<usize> =
            fitting.iter().filter(|(_, note)| note.listed).map(|(at, _)| *at).collect();
        listed.sort_unstable();
        listed.dedup();
        let believed = |note: &ColumnNote| !note.listed || listed.len() >= 2;
        for (at, note) in fitting.into_iter().filter(|(_, note)| believed(note)) {
            if let Some(column) = table.columns.get_mut(at)
                && column.description.is_none()
            {
                column.description = Some(note.text.clone());
            }
        }
    }
}

/// True when a document's word for a table means the one at `path`: its path, its name, or its name without ending.
fn is_called(path: &str, name: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    let stem = last.split('.').next().unwrap_or(last);
    !name.is_empty() && [path, last, stem].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Letters and digits alone, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::ColumnProfile;

    use super::*;

    fn table(path: &str, names: &[&str]) -> TableProfile {
        let mut table = TableProfile::new(path, "csv");
        table.columns = names.iter().map(|name| ColumnProfile::new(*name)).collect();
        table
    }

    fn descriptions(notes: &Stated, mut tables: Vec<TableProfile>) -> Vec<Vec<String>> {
        describe(&notes.columns, &mut tables.iter_mut().collect::<Vec<_>>());
        let of = |table: &TableProfile| {
            table.columns.iter().map(|column| column.description.clone().unwrap_or_default()).collect()
        };
        tables.iter().map(of).collect()
    }

    #[test]
    fn a_dictionary_table_names_files() {
        let notes = in_table(
            "Table;Variable Name;Type;Description\npeople;age;int;Age in years\npets;age;int;Age in months\n;Name;text;\"What it; is called\"\n",
        );
        let tables = vec![table("data/people.csv", &["age", "name"]), table("pets.csv.gz", &["AGE"])];
        assert_eq!(
            descriptions(&notes, tables),
            [vec!["Age in years", "What it; is called"], vec!["Age in months"]]
        );
    }

    #[test]
    fn lists_are_believed_when_two_names_fit() {
        let mut notes = Stated::default();
        let lines = [
            "- `Bill_Length`: in millimetres",
            "2. depth - of the bill",
            "sex: as seen",
            "Note: nothing",
            "See also: more",
        ];
        in_prose(&lines, &mut notes);
        assert_eq!(
            descriptions(
                &notes,
                vec![table("a.csv", &["bill length", "depth", "sex", "note"]), table("b.csv", &["sex", "x"])]
            ),
            [vec!["in millimetres", "of the bill", "as seen", ""], vec!["", ""]]
        );
    }

    #[test]
    fn two_columns_of_one_loose_name_are_not_confused() {
        let mut notes = Stated::default();
        notes.column("", "a b", "either", false);
        assert_eq!(descriptions(&notes, vec![table("a.csv", &["A_B", "a-b"])]), [vec!["", ""]]);
    }

    #[test]
    fn tables_without_such_headings_say_nothing() {
        for text in ["", "a,b\n1,2\n", "name,age\nElm,3\n", "description\nx\n"] {
            assert!(in_table(text).columns.is_empty(), "{text}");
        }
    }
}
