//! `sample_submission.csv` and `test_answer.csv`: how their columns and rows belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use smith_data::table::{Table, read_csv};
use smith_data::{DataError, TextColumn};
use smith_task_schema::Severity;

use super::shaped::Shapes;
use super::{keys, standing};
use crate::AssertError;

/// Largest CSV that is read, in bytes. Rules that compare tables leave larger ones alone.
const MAX_CSV_BYTES: u64 = 256 << 20;
const SAMPLE: &str = "sample_submission.csv";
const ANSWERS: &str = "test_answer.csv";
/// How many values a message shows.
const SHOWN: usize = 3;

/// Sample submission and answers, as far as they belong together.
pub(crate) struct Tables {
    /// Absent when an error is among the issues.
    pub(crate) pair: Option<Pair>,
    /// What is wrong with the two.
    pub(crate) issues: Vec<Issue>,
}

/// Something wrong with the two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) severity: Severity,
    pub(crate) message: String,
}

/// Two tables whose columns agree and whose rows speak of the same ids. There is at least one row and one
/// predicted column.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) sample: Table,
    /// With a column for each of the sample.
    pub(crate) answers: Table,
    /// Columns at the end of `answers` that are not in the file, because they have other names there: those names.
    sources: Vec<Option<String>>,
    /// For each column of the sample, the column of the answers of the same name.
    columns: Vec<usize>,
    /// Position of the id column in the sample; of several key columns the first one.
    pub(crate) id: usize,
    /// Positions in the sample of the columns that say which row a row is, in order. They are not predicted.
    pub(crate) keys: Vec<usize>,
    /// Whether no two rows of the answers have the same keys.
    pub(crate) unique: bool,
    /// What makes predictions of answers that are none as they are.
    pub(crate) shapes: Shapes,
}

/// Reads a CSV. The inner error is a defect of the file, in words that do not name its path.
pub(crate) fn read_table(path: &Path) -> Result<Result<Table, String>, AssertError> {
    match read_csv(path, MAX_CSV_BYTES) {
        Ok(table) => Ok(Ok(table)),
        Err(DataError::Malformed { line, message, .. }) => Ok(Err(format!("line {line}: {message}"))),
        Err(DataError::Unreadable { source, .. }) => Err(AssertError::io(path)(source)),
        Err(DataError::TooLarge { limit, .. }) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Err(AssertError::not_run(format!("{name} holds more than the {limit} bytes that are compared")))
        }
        Err(_) => Ok(Err("it holds no table".to_owned())),
    }
}

impl Tables {
    /// Reads and pairs the two files.
    pub(super) fn read(sample: &Path, answers: &Path) -> Result<Self, AssertError> {
        let read = |path: &Path, name| {
            let issue = |fault| Issue {
                severity: Severity::Error,
                message: format!("{name} cannot be read: {fault}"),
            };
            Ok::<_, AssertError>(read_table(path)?.map_err(issue))
        };
        Ok(match (read(sample, SAMPLE)?, read(answers, ANSWERS)?) {
            (Ok(sample), Ok(answers)) => Self::pair(sample, answers),
            (sample, answers) => {
                Self { pair: None, issues: [sample.err(), answers.err()].into_iter().flatten().collect() }
            }
        })
    }

    pub(crate) fn pair(sample: Table, answers: Table) -> Self {
        let (answers, sources) = match standing::completed(&sample, &answers) {
            Some(completed) => (completed.answers, completed.sources),
            None => (answers, Vec::new()),
        };
        let mut issues = column_issues(&sample, &answers);
        if !sources.is_empty() {
            issues.retain(|issue| issue.severity == Severity::Error);
        }
        let columns: Option<Vec<_>> = sample.headers.iter().map(|name| answers.column(name)).collect();
        let mut pair = None;
        if let Some(columns) = columns {
            match id_column(&sample, &answers, &columns) {
                Ok(id) => pair = Some(Pair { sources, ..Pair::new(sample, answers, columns, id) }),
                Err(message) => issues.push(Issue { severity: Severity::Error, message }),
            }
        }
        if issues.iter().any(|issue| issue.severity == Severity::Error) {
            pair = None;
        }
        Self { pair, issues }
    }
}

impl Pair {
    fn new(sample: Table, answers: Table, columns: Vec<usize>, id: usize) -> Self {
        let (keys, unique) = keys::find(&sample, &answers, &columns, id);
        let predicted = columns.iter().enumerate().filter(|(at, _)| unique && !keys.contains(at));
        let shapes = Shapes::of(&sample, &answers, predicted.map(|(at, &answer)| (at, answer)));
        Self {
            shapes,
            id: keys.first().copied().unwrap_or(id),
            keys,
            unique,
            sample,
            answers,
            sources: Vec::new(),
            columns,
        }
    }

    /// Whether the answers are a submission, rather than something that a submission is compared with.
    pub(crate) fn is_exact(&self) -> bool {
        self.sources.is_empty()
    }

    /// The answers in the columns of their file.
    pub(crate) fn answers_as_written(&self) -> Table {
        let kept = self.answers.headers.len().saturating_sub(self.sources.len());
        let mut answers = self.answers.clone();
        std::iter::once(&mut answers.headers).chain(&mut answers.rows).for_each(|row| row.truncate(kept));
        answers
    }

    /// The name of a predicted column in the file of the answers.
    pub(crate) fn name_in_answers<'p>(&'p self, name: &'p str) -> &'p str {
        let added = self.answers.headers.len().saturating_sub(self.sources.len());
        let at = self.answers.column(name).and_then(|at| at.checked_sub(added));
        at.and_then(|at| self.sources.get(at)).and_then(Option::as_deref).unwrap_or(name)
    }

    /// False for a predicted column of which the answers hold nothing, such as a confidence or a second guess.
    pub(crate) fn has_truth(&self, name: &str) -> bool {
        let added = self.answers.headers.len().saturating_sub(self.sources.len());
        let at = self.answers.column(name).and_then(|at| at.checked_sub(added));
        at.and_then(|at| self.sources.get(at)).is_none_or(Option::is_some)
    }

    /// Positions in the sample of the columns that are predicted.
    pub(crate) fn predicted_at(&self) -> Vec<usize> {
        (0..self.sample.headers.len()).filter(|at| !self.keys.contains(at)).collect()
    }

    /// Names of the columns that are predicted.
    pub(crate) fn predicted(&self) -> Vec<&str> {
        let names = self.predicted_at().into_iter().filter_map(|at| self.sample.headers.get(at));
        names.map(String::as_str).collect()
    }

    /// Predicted columns in which sample and answers hold the same, row by row.
    pub(super) fn agreeing(&self) -> Vec<usize> {
        let agreeing = keys::agreeing(&self.sample, &self.answers, &self.columns);
        agreeing.into_iter().filter(|at| !self.keys.contains(at)).collect()
    }

    /// Whether a table has a column of the sample's name with the same values under the same ids.
    pub(super) fn is_said_in(&self, table: &Table, at: usize) -> bool {
        let name = self.sample.headers.get(at).map_or("", String::as_str);
        let (Some(id), Some(column)) = (table.column(self.id_name()), table.column(name)) else {
            return false;
        };
        let said: BTreeMap<&str, &str> =
            table.rows.iter().map(|row| (cell(row, id), cell(row, column))).collect();
        self.sample.rows.iter().all(|row| said.get(cell(row, self.id)) == Some(&cell(row, at)))
    }

    /// Makes keys of these columns, as long as one is left to be predicted.
    pub(super) fn add_keys(&mut self, given: &[usize]) {
        if self.keys.len() + given.len() < self.sample.headers.len() {
            self.keys.extend(given);
            self.keys.sort_unstable();
            self.keys.dedup();
        }
    }

    /// Name of the id column.
    pub(crate) fn id_name(&self) -> &str {
        &self.sample.headers[self.id]
    }

    /// The id of a row of the answers.
    pub(crate) fn id_of<'r>(&self, row: &'r [String]) -> &'r str {
        self.columns.get(self.id).map_or("", |&at| cell(row, at))
    }

    /// A predicted column of the answers.
    pub(crate) fn answer_column(&self, name: &str) -> TextColumn {
        let Some(at) = self.answers.column(name) else { return TextColumn::default() };
        self.answers.rows.iter().map(|row| cell(row, at)).collect()
    }

    /// True when every row of the answers predicts the same.
    pub(crate) fn is_constant(&self) -> bool {
        self.predicted().iter().all(|name| {
            let column = self.answer_column(name);
            column.iter().all(|value| value == column.get(0))
        })
    }

    /// The answers as a submission: the sample's columns in the sample's order.
    pub(crate) fn answers_as_submission(&self) -> Table {
        let rows = self.answers.rows.iter();
        let rows = rows.map(|row| self.columns.iter().map(|&at| row[at].clone()).collect());
        let mut table = Table { headers: self.sample.headers.clone(), rows: rows.collect() };
        self.shapes.apply(&mut table, &self.sample, self.id);
        table
    }

    /// Answers of one predicted column by id; nothing when ids repeat, because rows cannot be told apart then.
    pub(crate) fn answers_by_id(&self, name: &str) -> Option<BTreeMap<&str, &str>> {
        let (id, value) = (self.columns[self.id], self.answers.column(name)?);
        let by_id: BTreeMap<_, _> =
            self.answers.rows.iter().map(|row| (cell(row, id), cell(row, value))).collect();
        (by_id.len() == self.answers.rows.len()).then_some(by_id)
    }
}

/// A value without the white space around it.
pub(crate) fn cell(row: &[String], at: usize) -> &str {
    row[at].trim()
}

/// A finite number.
pub(crate) fn number(value: &str) -> Option<f64> {
    value.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn column_issues(sample: &Table, answers: &Table) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut issue = |severity, message: String| issues.push(Issue { severity, message });
    let missing: Vec<_> = sample.headers.iter().filter(|name| answers.column(name).is_none()).collect();
    let extra: Vec<_> = answers.headers.iter().filter(|name| sample.column(name).is_none()).collect();
    if !missing.is_empty() {
        let message = format!(
            "it has the columns {missing:?}, which test_answer.csv has not; give both the same columns"
        );
        issue(Severity::Error, message);
    }
    if !extra.is_empty() {
        let message =
            format!("it lacks the columns {extra:?} of test_answer.csv; give both the same columns");
        issue(Severity::Warning, message);
    }
    if sample.headers.len() < 2 {
        issue(
            Severity::Error,
            "it has fewer than two columns; it needs an id and at least one prediction".into(),
        );
    }
    for (table, name) in [(sample, SAMPLE), (answers, ANSWERS)] {
        if table.rows.is_empty() {
            issue(Severity::Error, format!("{name} has no rows; write one row for each test example"));
        }
    }
    issues
}

/// The first column whose values tell the answers' rows apart and are the same in both tables. Rows may share
/// an id (several rows an image, a query): then it is the first column, if its values are the same in both.
fn id_column(sample: &Table, answers: &Table, columns: &[usize]) -> Result<usize, String> {
    let in_sample = |at: usize| -> BTreeSet<&str> { sample.rows.iter().map(|row| cell(row, at)).collect() };
    let in_answers =
        |at: usize| -> BTreeSet<&str> { answers.rows.iter().map(|row| cell(row, columns[at])).collect() };
    let unique = |at: &usize| {
        let ids = in_answers(*at);
        ids.len() == answers.rows.len() && ids == in_sample(*at)
    };
    if let Some(at) = (0..columns.len()).find(unique) {
        return same_rows(sample, answers).map(|()| at);
    }
    if columns.is_empty() {
        return Err("it has no columns".to_owned());
    }
    let (expected, given) = (in_answers(0), in_sample(0));
    if expected == given {
        return Ok(0);
    }
    Err(format!(
        "its ids (column {:?}) are not those of test_answer.csv: {} are missing{}, {} are unknown{}; write one row \
         for each row of test_answer.csv",
        sample.headers[0],
        expected.difference(&given).count(),
        examples(expected.difference(&given)),
        given.difference(&expected).count(),
        examples(given.difference(&expected)),
    ))
}

fn same_rows(sample: &Table, answers: &Table) -> Result<(), String> {
    let (given, expected) = (sample.rows.len(), answers.rows.len());
    if given == expected {
        return Ok(());
    }
    Err(format!(
        "it has {given} rows and test_answer.csv {expected}; write one row for each row of test_answer.csv"
    ))
}

fn examples<'a>(values: impl Iterator<Item = &'a &'a str>) -> String {
    let shown: Vec<_> = values.take(SHOWN).map(|value| format!("{value:?}")).collect();
    if shown.is_empty() { String::new() } else { format!(" (such as {})", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(headers: &[&str], rows: &[&[&str]]) -> Table {
        let owned = |row: &[&str]| row.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        Table { headers: owned(headers), rows: rows.iter().map(|row| owned(row)).collect() }
    }

    #[test]
    fn columns_and_rows_may_stand_in_any_order() {
        let tables = Tables::pair(
            table(&["label", "id"], &[&["x", "2"], &["x", "1"]]),
            table(&["id", "label"], &[&["1", "a"], &["2", " b "]]),
        );
        let pair = tables.pair.unwrap();
        assert_eq!((pair.id_name(), pair.predicted()), ("id", vec!["label"]));
        assert_eq!(pair.answers_as_submission(), table(&["label", "id"], &[&["a", "1"], &[" b ", "2"]]));
        assert_eq!(pair.answers_by_id("label").unwrap()["2"], "b");
        assert!(tables.issues.is_empty());
    }

    #[test]
    fn what_the_test_data_say_of_a_row_may_be_a_key() {
        let answers = table(&["id", "shop", "sold"], &[&["1", "x", "4"], &["2", "y", "7"]]);
        let sample = table(&["id", "shop", "sold"], &[&["2", "y", "0"], &["1", "x", "0"]]);
        let mut pair = Tables::pair(sample.clone(), answers.clone()).pair.unwrap();
        assert_eq!(pair.agreeing(), [] as [usize; 0], "rows stand in another order");
        let sorted = table(&["id", "shop", "sold"], &[&["1", "x", "0"], &["2", "y", "0"]]);
        let mut pair_of_sorted = Tables::pair(sorted, answers).pair.unwrap();
        assert_eq!(pair_of_sorted.agreeing(), [1]);
        let test = table(&["shop", "id"], &[&["y", "2"], &["x", "1"]]);
        assert!(pair_of_sorted.is_said_in(&test, 1) && !pair_of_sorted.is_said_in(&test, 2));
        pair_of_sorted.add_keys(&[1]);
        assert_eq!(pair_of_sorted.predicted(), ["sold"]);
        pair.add_keys(&[1, 2]);
        assert_eq!(pair.predicted(), ["shop", "sold"], "something is left to be predicted");
    }

    #[test]
    fn ids_may_repeat_when_they_do_so_in_both() {
        let tables = Tables::pair(
            table(&["image", "box"], &[&["1", "x"], &["1", "x"], &["2", "x"]]),
            table(&["image", "box"], &[&["1", "a"], &["1", "b"], &["2", "a"]]),
        );
        let pair = tables.pair.unwrap();
        assert_eq!((pair.id, pair.unique), (0, false));
        assert!(pair.answers_by_id("box").is_none());
    }

    #[test]
    fn each_disagreement_is_named() {
        let answers = || table(&["id", "label"], &[&["1", "a"], &["2", "b"]]);
        let cases = [
            (table(&["row", "other"], &[&["1", "x"], &["2", "x"]]), "[\"row\", \"other\"]", true),
            (
                table(&["id", "label"], &[&["1", "x"], &["3", "x"]]),
                "1 are missing (such as \"2\"), 1 are unknown",
                true,
            ),
            (table(&["id", "label"], &[&["1", "x"], &["2", "x"], &["2", "y"]]), "3 rows", true),
            (table(&["id", "label"], &[]), "no rows", true),
            (table(&["id"], &[&["1"], &["2"]]), "lacks the columns [\"label\"]", true),
        ];
        for (sample, expected, fatal) in cases {
            let tables = Tables::pair(sample, answers());
            assert!(
                tables.issues.iter().any(|issue| issue.message.contains(expected)),
                "{:?}",
                tables.issues
            );
            assert_eq!(tables.pair.is_none(), fatal);
        }
        let more = table(&["id", "label", "usage"], &[&["1", "a", "p"], &["2", "b", "p"]]);
        let tables = Tables::pair(table(&["id", "label"], &[&["1", "x"], &["2", "x"]]), more);
        assert_eq!(tables.issues[0].severity, Severity::Warning);
        assert!(tables.pair.is_some());
    }
}
