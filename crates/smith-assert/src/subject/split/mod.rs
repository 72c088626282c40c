//! The examples on both sides of the split, found from the ids of the answers: what participants learn from, and what
//! they predict.

mod beside;
mod files;
mod ids;
mod keys;
mod notations;
mod roles;
mod sides;
mod sources;
mod targets;

use std::sync::OnceLock;

use smith_data::TextColumn;

pub(crate) use beside::Beside;
pub(crate) use ids::Ids;

use super::public::Public;
use super::tables::Pair;
use crate::leakage::search::Search;
use crate::quality::Columns;
pub(crate) use files::Directories;
use keys::Keys;

/// One feature of the examples of a side.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) cells: TextColumn,
}

/// The examples of one side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Examples {
    /// Where they stand within `public/`: a table, or a folder.
    pub(crate) path: String,
    /// Number of examples.
    pub(crate) rows: usize,
    /// Their ids; empty when they have none. An id of several columns has its parts one behind the other.
    pub(crate) ids: TextColumn,
    /// The columns of the ids; empty when they have none.
    pub(crate) keys: Vec<Feature>,
    /// Columns that both sides have, in the same order in both; ids and predicted columns are not among them.
    pub(crate) features: Vec<Feature>,
    /// Values of the predicted columns, in their order: known ones in train, the answers in test.
    pub(crate) targets: Vec<TextColumn>,
    /// For each example the position of its file in [`Public::files`]; empty when examples have no files.
    pub(crate) files: Vec<Option<u32>>,
}

/// Both sides of the split.
#[derive(Default)]
pub(crate) struct Split {
    /// Names of the columns that make the id.
    pub(crate) keys: Vec<String>,
    /// Names of the predicted columns.
    pub(crate) predicted: Vec<String>,
    /// What participants learn from; absent when it was not found.
    pub(crate) train: Option<Examples>,
    /// What participants predict. Without a table of their own, the examples have ids, answers and perhaps files only.
    pub(crate) test: Examples,
    /// Columns of the training examples that the test examples lack, in order of their names.
    pub(crate) only_in_train: Vec<Feature>,
    /// True when the test examples stand in a table.
    pub(crate) test_has_table: bool,
    columns: OnceLock<Columns>,
    search: OnceLock<Option<Search>>,
}

impl Split {
    /// Finds the sides of a task whose sample submission and answers belong together.
    pub(super) fn find(public: &Public, pair: &Pair) -> Self {
        let keys = Keys::of(pair);
        let column = |name: &String| Feature { name: name.clone(), cells: pair.answer_column(name) };
        let key_features: Vec<Feature> = keys.names.iter().map(column).collect();
        let ids = Keys::joined(&key_features.iter().map(|key| &key.cells).collect::<Vec<_>>());
        let answers: Vec<TextColumn> = keys.predicted.iter().map(|name| pair.answer_column(name)).collect();
        let known_ids = Ids::new(ids.iter());

        let sources = sources::sources(public);
        let test_table = roles::test_table(&sources, &keys, &known_ids, ids.len());
        let test_source = test_table.as_ref().and_then(|table| Some((sources.get(table.at)?, table)));
        let mut test = match test_source {
            Some((source, table)) => sides::test(source, &table.keys, &known_ids, &answers),
            None => Examples {
                rows: ids.len(),
                ids: ids.clone(),
                keys: key_features,
                targets: answers.clone(),
                ..Examples::default()
            },
        };
        let train = sides::train(&sources, test_table.as_ref(), &keys, &known_ids, &answers);
        let mut train = train.or_else(|| sides::folders(&public.files, &answers));
        sides::add_files(&mut test, train.as_mut(), &Directories::new(&public.files));
        let only_in_train = sides::share_features(train.as_mut(), &mut test);
        Self {
            keys: keys.names,
            predicted: keys.predicted,
            train,
            test,
            only_in_train,
            test_has_table: test_table.is_some(),
            columns: OnceLock::new(),
            search: OnceLock::new(),
        }
    }

    /// The shared features as numbers and codes, made once.
    pub(crate) fn columns(&self) -> &Columns {
        self.columns.get_or_init(|| Columns::of(self))
    }

    /// Which features are made of the answers of the rows around, looked for once; none when too little is known.
    pub(crate) fn search(&self) -> Option<&Search> {
        self.search.get_or_init(|| Search::of(self)).as_ref()
    }
}

#[cfg(test)]
mod tests;
