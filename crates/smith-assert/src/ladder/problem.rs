//! The task as learners see it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use smith_data::TextColumn;
use smith_data::table::Table;

use super::chance::spread;
use super::form::{self, Group};
use crate::AssertError;
use crate::features::Raw;
use crate::subject::{Examples, Ids, Pair, Public, PublicFile, Shapes, Split, cell, number};

/// Training examples that are learnt from, and test examples that are predicted.
const TRAIN: usize = 20_000;
const TEST: usize = 20_000;
/// The same where each example has a file that must be read.
const TRAIN_FILES: usize = 3_000;
const TEST_FILES: usize = 1_500;
/// Fewer training examples teach nothing.
const LEAST_TRAIN: usize = 20;

/// What a learner writes into a column of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filling {
    /// What stands there: a key, or a number of which nothing is known.
    Kept,
    /// A predicted column.
    Learnt(usize),
    /// A further guess, another one than the first.
    Another,
}

/// Examples of both sides with their features, what is to be predicted, and the answers.
pub(crate) struct Problem {
    /// Features of the training examples, then of the test examples.
    pub(crate) raw: Raw,
    pub(crate) train: usize,
    pub(crate) groups: Vec<Group>,
    /// The predicted columns as they are known for the training examples.
    pub(crate) known: Vec<TextColumn>,
    /// The same of the answers' rows.
    pub(crate) answers: Vec<TextColumn>,
    /// For each row of the answers the position of its test example.
    pub(crate) example: Vec<Option<usize>>,
    /// The answers as a submission.
    pub(crate) submission: Table,
    /// The answers with all of their columns.
    pub(crate) truth: Table,
    /// The sample submission.
    pub(crate) sample: Table,
    /// For each column of a submission what a learner writes there.
    pub(crate) fillings: Vec<Filling>,
    /// What makes a submission of what was learnt.
    pub(crate) shapes: Shapes,
    /// Position of the id among the columns of a submission.
    pub(crate) id: usize,
    /// False when only some of the test examples are predicted.
    pub(crate) is_whole: bool,
    /// True when the public directory holds more than the tables of both sides.
    pub(crate) has_more: bool,
    /// For each row of the answers the row of the test table, in the order of the table.
    pub(crate) places: Vec<Option<usize>>,
    /// Cells of the test examples that a sample submission may have copied.
    pub(crate) test_cells: Vec<TextColumn>,
}

impl Problem {
    /// Not run when there is nothing to learn from.
    pub(super) fn of(public: &Public, split: &Split, pair: &Pair, root: &Path) -> Result<Self, AssertError> {
        let not_run = |why: &str| Err(AssertError::not_run(why));
        let Some(train) = &split.train else {
            return not_run("the training examples were not found in public/");
        };
        if train.rows < LEAST_TRAIN {
            return not_run("there are fewer than 20 training examples");
        }
        if train.features.is_empty() && train.files.is_empty() {
            return not_run("train and test share no columns, and the examples have no files");
        }
        let with_files = !train.files.is_empty() && !split.test.files.is_empty();
        let (most_train, most_test) = if with_files { (TRAIN_FILES, TEST_FILES) } else { (TRAIN, TEST) };
        let chosen = answer_rows(pair, most_test);
        let train_rows = spread(train.rows, most_train);
        let examples = examples_of(pair, &split.test);
        let mut test_rows: Vec<usize> = chosen.iter().filter_map(|&row| examples[row]).collect();
        test_rows.sort_unstable();
        test_rows.dedup();
        let position: HashMap<usize, usize> =
            test_rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
        let raw = features(public, root, (train, &train_rows), (&split.test, &test_rows), with_files);
        if raw.is_empty() {
            return not_run("no feature of the examples could be read");
        }
        let of_rows = |columns: &[TextColumn], rows: &[usize]| -> Vec<TextColumn> {
            columns.iter().map(|column| rows.iter().map(|&row| column.get(row)).collect()).collect()
        };
        let known = of_rows(&train.targets, &train_rows);
        let answers: Vec<TextColumn> =
            split.predicted.iter().map(|name| pick(&pair.answer_column(name), &chosen)).collect();
        let submission = rows_of(&pair.answers_as_submission(), &chosen);
        let ids: HashSet<&str> =
            submission.rows.iter().filter_map(|row| row.get(pair.id)).map(|id| id.trim()).collect();
        let sample_rows = pair.sample.rows.iter();
        let sample_rows =
            sample_rows.filter(|row| row.get(pair.id).is_some_and(|id| ids.contains(id.trim())));
        Ok(Self {
            raw,
            train: train_rows.len(),
            groups: form::groups(&known, &answers),
            known,
            answers,
            example: chosen.iter().map(|&row| position.get(&examples[row]?).copied()).collect(),
            fillings: fillings(pair, &split.predicted),
            shapes: pair.shapes.clone(),
            sample: Table { headers: pair.sample.headers.clone(), rows: sample_rows.cloned().collect() },
            truth: rows_of(&pair.answers_as_written(), &chosen),
            submission,
            id: pair.id,
            is_whole: chosen.len() == pair.answers.rows.len(),
            has_more: has_more(public, train, &split.test),
            places: chosen.iter().map(|&row| examples[row]).collect(),
            test_cells: split.test.features.iter().map(|feature| pick(&feature.cells, &test_rows)).collect(),
        })
    }

    /// Test examples that are predicted.
    pub(crate) fn test(&self) -> usize {
        self.raw.rows - self.train
    }
}

/// Of each column of a submission what a learner writes there.
fn fillings(pair: &Pair, predicted: &[String]) -> Vec<Filling> {
    let of = |(at, name): (usize, &String)| {
        if pair.keys.contains(&at) || at == pair.id {
            return Filling::Kept;
        }
        let alike = || {
            let column = pair.answer_column(name);
            predicted.iter().position(|known| pair.answer_column(known) == column)
        };
        let is_number = || pair.sample.rows.iter().all(|row| number(cell(row, at)).is_some());
        match predicted.iter().position(|known| known == name) {
            Some(own) => Filling::Learnt(own),
            None if pair.has_truth(name) => alike().map_or(Filling::Kept, Filling::Learnt),
            None if is_number() => Filling::Kept,
            None => Filling::Another,
        }
    };
    pair.sample.headers.iter().enumerate().map(of).collect()
}

fn pick(column: &TextColumn, rows: &[usize]) -> TextColumn {
    rows.iter().map(|&row| column.get(row)).collect()
}

fn rows_of(table: &Table, rows: &[usize]) -> Table {
    let rows = rows.iter().filter_map(|&row| table.rows.get(row)).cloned().collect();
    Table { headers: table.headers.clone(), rows }
}

/// All rows of the answers, or those of every so many ids.
fn answer_rows(pair: &Pair, most: usize) -> Vec<usize> {
    let rows = &pair.answers.rows;
    if rows.len() <= most {
        return (0..rows.len()).collect();
    }
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        let next = ids.len();
        ids.entry(pair.id_of(row)).or_insert(next);
    }
    let step = rows.len().div_ceil(most);
    (0..rows.len()).filter(|&at| ids.get(pair.id_of(&rows[at])).is_some_and(|id| id % step == 0)).collect()
}

/// For each row of the answers its test example.
fn examples_of(pair: &Pair, test: &Examples) -> Vec<Option<usize>> {
    let ids = Ids::new(test.ids.iter());
    let rows = &pair.answers.rows;
    // Where ids repeat, rows go with answers in their order.
    if !ids.are_unique() && test.rows == rows.len() {
        return (0..rows.len()).map(Some).collect();
    }
    rows.iter().map(|row| ids.position(pair.id_of(row))).collect()
}

fn features(
    public: &Public,
    root: &Path,
    (train, train_rows): (&Examples, &[usize]),
    (test, test_rows): (&Examples, &[usize]),
    with_files: bool,
) -> Raw {
    let rows = train_rows.len() + test_rows.len();
    let names_file = |cells: &TextColumn| {
        let names: HashSet<&str> =
            public.files.iter().flat_map(|file| [file.name(), file.path.as_str(), file.stem()]).collect();
        (0..cells.len().min(20)).all(|row| names.contains(cells.get(row)))
    };
    let columns: Vec<TextColumn> = train
        .features
        .iter()
        .zip(&test.features)
        .filter(|(own, _)| !with_files || !names_file(&own.cells))
        .map(|(own, other)| {
            let own = train_rows.iter().map(|&row| own.cells.get(row));
            own.chain(test_rows.iter().map(|&row| other.cells.get(row))).collect()
        })
        .collect();
    let mut raw = Raw::of_cells(rows, &columns);
    if with_files {
        let file = |files: &[Option<u32>], row: usize| -> Option<&PublicFile> {
            public.files.get((*files.get(row)?)? as usize)
        };
        let own = train_rows.iter().map(|&row| file(&train.files, row));
        let files: Vec<Option<&PublicFile>> =
            own.chain(test_rows.iter().map(|&row| file(&test.files, row))).collect();
        raw.add_files(root, &files);
    }
    raw
}

/// Tables and files beyond those of both sides, in which what decides may stand.
fn has_more(public: &Public, train: &Examples, test: &Examples) -> bool {
    let is_of_a_side = |path: &str| path == train.path || path == test.path;
    let describes = |name: &str| {
        let name = name.to_lowercase();
        ["description", "sample", "readme", "license", "data_structure"]
            .iter()
            .any(|word| name.contains(word))
    };
    public.files.iter().any(|file| !is_of_a_side(&file.path) && !describes(file.name()))
}
