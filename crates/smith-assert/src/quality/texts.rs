//! Texts that are nearly those of training examples.

use std::io::Read;
use std::path::Path;

use smith_data::{Frame, alike};

use super::columns::Kind;
use super::copies::{Twins, by_first_alike};
use super::random::spread;
use super::{raw_files, wordings};
use crate::subject::{Examples, Public, Split};

/// Texts of each side that are compared, spread evenly.
const MAX_TEXTS: usize = 50_000;
/// Files of each side that are read, and how much of each.
const MAX_FILES: usize = 10_000;
const MAX_FILE_BYTES: u64 = 16 << 10;
/// Texts of both sides that are compared word by word.
const MAX_WORDED: usize = 40_000;
/// Shorter texts are said again by chance.
const MIN_WORDS: usize = 6;
/// Endings of files that hold a text.
const TEXT_FILES: [&str; 5] = ["txt", "text", "md", "html", "eml"];

/// Texts of both sides, with the rows that they belong to.
pub(crate) struct Texts {
    /// Name of the column, or what the files are.
    pub(crate) name: String,
    train: Vec<(usize, String)>,
    test: Vec<(usize, String)>,
    /// True when examples are hardly more than this text.
    pub(crate) is_all: bool,
}

/// The texts of the examples: columns of sentences, or files.
pub(crate) fn texts(split: &Split, train: &Examples, public: &Public, root: &Path) -> Vec<Texts> {
    let columns = split.columns();
    let features = columns.columns.iter().filter(|column| column.is_feature()).count();
    let wanted = columns.columns.iter().filter(|column| column.kind == Kind::Text).take(3);
    let mut texts: Vec<Texts> = wanted
        .map(|column| Texts {
            name: format!("column `{}`", column.name),
            train: of_column(train, &column.name),
            test: of_column(&split.test, &column.name),
            is_all: features <= 2,
        })
        .collect();
    if texts.is_empty() {
        let read = |side: &Examples| of_files(side, public, root);
        let (train, test) = (read(train), read(&split.test));
        texts.push(Texts { name: "text of its file".to_owned(), train, test, is_all: features == 0 });
    }
    texts.retain(|texts| !texts.train.is_empty() && !texts.test.is_empty());
    texts
}

fn of_column(side: &Examples, name: &str) -> Vec<(usize, String)> {
    let Some(feature) = side.features.iter().find(|feature| feature.name == name) else { return Vec::new() };
    let rows = spread(side.rows, MAX_TEXTS).into_iter();
    long_enough(rows.map(|row| (row, feature.cells.get(row).to_owned())))
}

fn of_files(side: &Examples, public: &Public, root: &Path) -> Vec<(usize, String)> {
    let named: Vec<(usize, &str)> = side
        .files
        .iter()
        .enumerate()
        .filter_map(|(row, file)| Some((row, public.files.get((*file)? as usize)?.path.as_str())))
        .filter(|(_, path)| {
            path.rsplit_once('.')
                .is_some_and(|(_, ending)| TEXT_FILES.contains(&ending.to_lowercase().as_str()))
        })
        .collect();
    let chosen = spread(named.len(), MAX_FILES).into_iter().filter_map(|at| named.get(at));
    let read = |path: &str| {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(root.join(path)).ok()?;
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    long_enough(chosen.filter_map(|(row, path)| Some((*row, read(path)?))))
}

fn long_enough(texts: impl Iterator<Item = (usize, String)>) -> Vec<(usize, String)> {
    let is_long =
        |text: &str| text.split_whitespace().nth(MIN_WORDS - 1).is_some() || text.chars().count() >= 40;
    texts.filter(|(_, text)| is_long(text)).collect()
}

fn lent(side: &[(usize, String)]) -> Vec<(usize, &str)> {
    side.iter().map(|(row, text)| (*row, text.as_str())).collect()
}

impl Texts {
    /// Which texts are nearly the same.
    pub(crate) fn twins(&self) -> Twins {
        let all = self.train.iter().chain(&self.test).map(|(_, text)| text.as_str());
        let mut alike: Vec<Option<usize>> = vec![None; self.train.len() + self.test.len()];
        for pair in alike::texts(all) {
            if pair.earlier < self.train.len()
                && let Some(place) = alike.get_mut(pair.later)
            {
                *place = place.or(Some(pair.earlier));
            }
        }
        let rows = |side: &[(usize, String)]| side.iter().map(|(row, _)| *row).collect::<Vec<_>>();
        by_first_alike(&rows(&self.train), &rows(&self.test), &alike)
    }

    /// Which texts use nearly the same words; none where there are too many to compare.
    pub(crate) fn same_words(&self) -> Option<Twins> {
        (self.len() <= MAX_WORDED).then(|| wordings::twins(&lent(&self.train), &lent(&self.test)))
    }

    /// Shares of the texts of a column of the raw data that have a near copy among themselves: of those that are
    /// nearly the same, and of those that use nearly the same words.
    pub(crate) fn in_raw(&self, tables: &[Frame], by_words: bool) -> Option<f64> {
        let asked: Vec<&str> = self.test.iter().map(|(_, text)| text.as_str()).collect();
        let column = raw_files::column_of(tables, &asked).filter(|column| column.len() <= MAX_WORDED)?;
        let texts = long_enough(column.iter().map(|text| (*text).to_owned()).enumerate());
        let found = if by_words {
            wordings::twins(&lent(&texts), &[])
        } else {
            Self { name: String::new(), train: texts, test: Vec::new(), is_all: true }.twins()
        };
        let again = found.train.iter().filter(|(_, twin)| twin.is_some()).count();
        Some(again as f64 / found.train.len().max(1) as f64)
    }

    /// Number of texts of both sides.
    pub(crate) fn len(&self) -> usize {
        self.train.len() + self.test.len()
    }
}
