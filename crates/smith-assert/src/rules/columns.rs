//! Columns that a description lists.

use std::collections::HashSet;

use super::wording::fold;
use crate::AssertError;
use crate::subject::Subject;

/// Distinct cells that are kept, to tell values from columns.
const MAX_VALUES: usize = 200_000;
/// Rows of a table whose cells are looked at.
const MAX_ROWS: usize = 5_000;
/// Longest name that may be a column.
const MAX_NAME: usize = 80;
/// Endings of files whose names inside are not known here.
const OPAQUE: &[&str] = &[
    "json", "jsonl", "xml", "mat", "h5", "hdf5", "npz", "npy", "sqlite", "db", "zip", "gz", "tar", "txt",
    "pkl", "nc", "geojson",
];

/// Names that mean something in the data.
pub(super) struct Known {
    columns: HashSet<String>,
    values: HashSet<String>,
    /// Whether every file that may have columns was read.
    pub(super) is_whole: bool,
}

impl Known {
    /// Columns and values of the public tables, of the sample submission and of the answers; names of files and folders.
    pub(super) fn of(cx: &Subject) -> Result<Self, AssertError> {
        let public = cx.public()?;
        let (mut columns, mut values) = (HashSet::new(), HashSet::new());
        for table in &public.tables {
            columns.extend(table.frame.names().iter().map(|name| fold(name)));
            for column in table.frame.columns() {
                for cell in column.iter().take(MAX_ROWS) {
                    if values.len() < MAX_VALUES && cell.len() <= MAX_NAME {
                        values.extend(parts(cell));
                    }
                }
            }
        }
        if let Ok(pair) = cx.pair() {
            columns.extend(pair.sample.headers.iter().chain(&pair.answers.headers).map(|name| fold(name)));
            let rows = pair.answers.rows.iter().take(MAX_ROWS);
            values.extend(rows.flatten().filter(|cell| cell.len() <= MAX_NAME).flat_map(|cell| parts(cell)));
        }
        for file in &public.files {
            values.extend(file.path.split('/').chain([file.stem()]).map(fold));
        }
        let opaque = public.files.iter().any(|file| {
            let ending = file.name().rsplit('.').next().unwrap_or_default().to_lowercase();
            file.name() != "description.txt" && OPAQUE.contains(&ending.as_str())
        });
        Ok(Self { columns, values, is_whole: !opaque && public.unread.is_empty() })
    }

    /// Whether a name is a column.
    pub(super) fn is_column(&self, name: &str) -> bool {
        self.columns.contains(&fold(name))
    }

    /// Whether a name is a column, or something else that is in the data.
    pub(super) fn has(&self, name: &str) -> bool {
        let name = fold(name);
        name.is_empty()
            || self.columns.contains(&name)
            || self.values.contains(&name)
            || KINDS.contains(&name.as_str())
    }
}

/// A cell, and the parts of it if it is a list.
fn parts(cell: &str) -> impl Iterator<Item = String> {
    let listed = cell.split([',', ';', '|', ' ', '/']).filter(move |part| part.len() < cell.len());
    std::iter::once(cell).chain(listed).map(fold)
}

/// Names of types and values, without what joins words.
const KINDS: &[&str] = &[
    "int",
    "int64",
    "int32",
    "integer",
    "float",
    "float64",
    "float32",
    "str",
    "string",
    "object",
    "bool",
    "boolean",
    "categorical",
    "category",
    "numeric",
    "text",
    "date",
    "datetime",
    "nan",
    "none",
    "null",
    "na",
    "true",
    "false",
    "yes",
    "no",
    "utf8",
    "csv",
];

/// Names that stand together in one list.
#[derive(Debug)]
pub(super) struct List {
    /// Line of the first, from 1.
    pub(super) line: usize,
    pub(super) names: Vec<String>,
    /// Whether its sentence speaks of submissions.
    of_submission: bool,
}

impl List {
    /// Columns that a line names, from 1.
    pub(super) fn new(line: usize, names: Vec<String>) -> Self {
        Self { line, names, of_submission: false }
    }
}

/// Columns that a sentence about submissions lists.
pub(super) fn of_submission(text: &str) -> Vec<List> {
    let mut lists = sentences(text);
    lists.retain(|list| list.of_submission && list.names.len() >= 2);
    lists
}

/// Lists of columns: names between backticks in a sentence that begins with `Columns`, or at the beginning of the points of
/// one list, or in the first column of one table, or many of them one after the other.
pub(super) fn named_columns(text: &str) -> Vec<List> {
    let mut lists = sentences(text);
    lists.extend(points(text));
    lists.retain(|list| list.names.len() >= 3);
    lists.extend(rows_of_names(text));
    lists
}

/// `Columns: …` and `… has the columns …`, up to the end of the paragraph or sentence.
fn sentences(text: &str) -> Vec<List> {
    let mut lists = Vec::new();
    let mut offset = 0;
    for paragraph in text.split("\n\n") {
        let (start, line) = (offset, text.get(..offset).unwrap_or_default().matches('\n').count() + 1);
        offset += paragraph.len() + 2;
        let lower = paragraph.to_lowercase();
        let is_list = |at: usize| {
            paragraph.get(at..).is_some_and(|rest| {
                let rest = rest
                    .trim_start_matches(|c: char| c.is_alphabetic())
                    .trim_start_matches([':', ' ', '\n', '*', '(']);
                let rest = rest.strip_prefix("are").or_else(|| rest.strip_prefix("named")).unwrap_or(rest);
                rest.trim_start_matches([':', ' ', '\n']).starts_with('`')
            })
        };
        let begin = ["columns", "features", "fields"]
            .iter()
            .find_map(|word| lower.match_indices(word).map(|(at, _)| at).find(|&at| is_list(at)));
        // Other letters in lower case may be longer or shorter.
        let Some(rest) = begin.filter(|_| lower.len() == paragraph.len()).and_then(|at| paragraph.get(at..))
        else {
            continue;
        };
        let sentence = rest.split(". ").next().unwrap_or(rest).split(".\n").next().unwrap_or(rest);
        let names =
            if tells_of_removal(sentence) { Vec::new() } else { enumerated(&without_parentheses(sentence)) };
        let before = begin.and_then(|at| lower.get(..at)).unwrap_or_default();
        let of_submission = before.rsplit(". ").next().unwrap_or(before).contains("submi")
            || text.get(..start).is_some_and(is_below_submission);
        let inner = before.matches('\n').count();
        lists.push(List { line: line + inner, names, of_submission });
    }
    lists
}

/// True when the last paragraph of a text is a heading that speaks of submissions.
fn is_below_submission(text: &str) -> bool {
    let heading = text.trim_end().rsplit("\n\n").next().unwrap_or_default().trim();
    heading.len() <= 60 && heading.to_lowercase().contains("submi")
}

/// Points that begin with a name between backticks, and rows of a table that do.
fn points(text: &str) -> Vec<List> {
    let (mut lists, mut open): (Vec<List>, Option<List>) = (Vec::new(), None);
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let content = trimmed.trim_start_matches(['-', '*', '|', '+', '•', ' ']);
        let is_point = content.len() < trimmed.len();
        let name = content.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
        match name.filter(|name| is_point && is_name(name) && !tells_of_removal(line)) {
            Some(name) => open
                .get_or_insert(List { line: index + 1, names: Vec::new(), of_submission: false })
                .names
                .push(name.to_owned()),
            None if !is_point && !line.starts_with(' ') => lists.extend(open.take()),
            None => {}
        }
    }
    lists.extend(open);
    lists
}

/// Lines in which so many names follow each other as only columns do.
fn rows_of_names(text: &str) -> Vec<List> {
    const MANY: usize = 5;
    let mut lists = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !tells_of_removal(line)) {
        let plain = without_parentheses(line);
        let starts: Vec<usize> = plain.match_indices('`').map(|(at, _)| at).step_by(2).collect();
        let runs = starts.iter().filter_map(|&at| plain.get(at..)).map(enumerated);
        let longest = runs.max_by_key(Vec::len).filter(|names| names.len() >= MANY);
        lists.extend(longest.map(|names| List { line: index + 1, names, of_submission: false }));
    }
    lists
}

/// Names that follow the name of a table in its line, without quotation marks: `people.csv  person, age (years), weight`.
/// What a list has besides names ends it.
pub(super) fn behind_file(line: &str, file: &str) -> Vec<String> {
    let Some(at) = line.find(file).filter(|_| !tells_of_removal(line) && !line.contains('`')) else {
        return Vec::new();
    };
    let rest = without_parentheses(line.get(at + file.len()..).unwrap_or_default());
    let rest = rest.trim_start_matches([' ', ':', '-', '|', '\t', '—', '–']);
    let mut names = Vec::new();
    for part in rest.replace(" and ", ", ").split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let name = part.split([' ', '.']).next().unwrap_or(part);
        if !is_name(name) {
            break;
        }
        names.push(name.to_owned());
        if name.len() < part.len() {
            break;
        }
    }
    names
}

fn without_parentheses(text: &str) -> String {
    let (mut out, mut depth, mut is_name) = (String::new(), 0_usize, false);
    for c in text.chars() {
        // A name may have brackets of its own: `Body Mass (g)`.
        is_name ^= c == '`' && depth == 0;
        match c {
            c if is_name => out.push(c),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// The names of an enumeration: other words than those that join its members end it.
fn enumerated(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut pieces = text.split('`').skip(1);
    while let Some(name) = pieces.next() {
        // A header as it stands in the file: `id,score`.
        let listed: Vec<&str> = name.split(',').map(str::trim).filter(|part| is_name(part)).collect();
        if is_name(name) {
            names.push(name.to_owned());
        } else if listed.len() >= 2 && !name.contains("..") {
            names.extend(listed.into_iter().map(str::to_owned));
        }
        let between = pieces.next().unwrap_or_default().replace(',', " ");
        if !between.split_whitespace().all(|word| ["and", "&", "or", "then"].contains(&word)) {
            break;
        }
    }
    names
}

/// Whether a text tells of columns that were taken out.
fn tells_of_removal(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["remov", "dropp", "exclud", "omit", "withheld", "not included", "left out", "missing"]
        .iter()
        .any(|word| lower.contains(word))
}

/// A plain name: no file, no pattern, no code, no number.
fn is_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-'));
    plain && name.len() <= MAX_NAME && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_columns_are_told_from_other_names() {
        let text = "Predict `a` of `b`.\n\nColumns: `id`, `w_g` (in `g`), `x`\nand `y`. See `z`.\n\nData:\n- `p`: text\n  more\n- `q`: `r`\n| `s` | x |\n- `t.csv`\nend\n";
        let lists: Vec<_> =
            named_columns(text).into_iter().map(|list| (list.line, list.names.join(" "))).collect();
        assert_eq!(lists, [(3, "id w_g x y".to_owned()), (7, "p q s".to_owned())]);
    }

    #[test]
    fn names_behind_a_file_are_columns_up_to_other_words() {
        let line =
            "people_train.csv  person, age (years at day 0), male (1/0), status - of the first year, more";
        assert_eq!(behind_file(line, "people_train.csv"), ["person", "age", "male", "status"]);
        assert!(behind_file("people.csv: 344 rows, one a person", "people.csv").is_empty());
        assert_eq!(behind_file("see people.csv, which holds", "people.csv"), ["which"]);
    }

    #[test]
    fn many_names_in_a_row_are_columns() {
        let text = "* `a.csv`: `p`, `q` (`r`), `s`, `t` and `u`\n* `b.csv`: `p`, `q`\nDropped: `a`, `b`, `c`, `d`, `e`\n";
        let lists: Vec<_> =
            named_columns(text).into_iter().map(|list| (list.line, list.names.join(" "))).collect();
        assert_eq!(lists, [(1, "p q s t u".to_owned())]);
    }
}
