//! The examples on both sides of the split, found from the ids of the answers: what participants learn from, and what
//! they predict.

mod files;
mod ids;
mod targets;

use smith_data::{Frame, TextColumn};

pub(crate) use ids::Ids;

use super::public::{Public, PublicTable};
use super::tables::Pair;
use files::Directories;
use targets::Known;

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
    /// Their ids; empty when they have none.
    pub(crate) ids: TextColumn,
    /// Columns that both sides have, in the same order in both; ids and predicted columns are not among them.
    pub(crate) features: Vec<Feature>,
    /// Values of the predicted columns, in their order: known ones in train, the answers in test.
    pub(crate) targets: Vec<TextColumn>,
    /// For each example the position of its file in [`Public::files`]; empty when examples have no files.
    pub(crate) files: Vec<Option<u32>>,
}

/// Both sides of the split.
#[derive(Debug, Clone, Default)]
pub(crate) struct Split {
    /// Names of the predicted columns.
    pub(crate) predicted: Vec<String>,
    /// What participants learn from; absent when it was not found.
    pub(crate) train: Option<Examples>,
    /// What participants predict. Without a table of their own, the examples have ids, answers and perhaps files only.
    pub(crate) test: Examples,
    /// True when the test examples stand in a table.
    pub(crate) test_has_table: bool,
}

/// How well a table fits a role.
#[derive(Clone, Copy)]
struct Fit {
    table: usize,
    id: Option<usize>,
    score: i32,
}

impl Split {
    /// Finds the sides of a task whose sample submission and answers belong together.
    pub(super) fn find(public: &Public, pair: &Pair) -> Self {
        let predicted = pair.predicted();
        let ids: TextColumn = pair.answers.rows.iter().map(|row| pair.id_of(row)).collect();
        let answers: Vec<TextColumn> = predicted.iter().map(|name| pair.answer_column(name)).collect();
        let known_ids = Ids::new(ids.iter());
        let test_fit = best(&public.tables, |at, table| test_fit(at, table, &known_ids, pair));
        let test_table = test_fit.and_then(|fit| public.tables.get(fit.table));
        let test_frame = test_table.map(|table| &table.frame);
        let train_fit = best(&public.tables, |at, table| {
            let known = known_values(&table.frame, test_frame, &predicted, &answers)?;
            (test_fit.is_none_or(|fit| fit.table != at)).then(|| train_fit(at, table, &known, test_frame))
        });
        let mut split = Self {
            predicted: predicted.iter().map(|name| (*name).to_owned()).collect(),
            train: None,
            test: Examples {
                rows: ids.len(),
                ids: ids.clone(),
                targets: answers.clone(),
                ..Examples::default()
            },
            test_has_table: test_frame.is_some(),
        };
        if let (Some(fit), Some(table)) = (test_fit, test_table) {
            split.test = test_examples(table, fit.id, &known_ids, &answers);
        }
        match train_fit.and_then(|fit| public.tables.get(fit.table)) {
            Some(table) => split.add_train(table, public, test_frame, &predicted, &answers),
            None => split.add_folders(public, &answers),
        }
        split.add_files(public);
        split
    }

    fn add_train(
        &mut self,
        table: &PublicTable,
        public: &Public,
        test_frame: Option<&Frame>,
        predicted: &[&str],
        answers: &[TextColumn],
    ) {
        let Some(known) = known_values(&table.frame, test_frame, predicted, answers) else { return };
        let frame = &table.frame;
        let names = |frame: &Frame| frame.names().to_vec();
        let shares =
            |other: &Frame| names(frame).iter().filter(|name| other.position(name).is_some()).count();
        // Labels in a table of their own: their features stand in another one, under the same ids.
        let joined = test_frame.filter(|test| shares(test) < 2 && test.names().len() > 2).and_then(|test| {
            let others = public.tables.iter().filter(|other| !std::ptr::eq(*other, table));
            others
                .filter(|other| !std::ptr::eq(&raw const other.frame, test))
                .find_map(|other| join(other, frame, &known))
        });
        let mut train = joined.unwrap_or_else(|| Examples {
            path: table.path.clone(),
            rows: frame.rows(),
            ids: TextColumn::default(),
            features: features(frame, &known.positions),
            targets: known.columns,
            files: Vec::new(),
        });
        if let Some(test) = test_frame {
            share_features(&mut train, &mut self.test, test);
        }
        self.train = Some(train);
    }

    /// Classes as folders.
    fn add_folders(&mut self, public: &Public, answers: &[TextColumn]) {
        let [answers] = answers else { return };
        let Some((files, labels)) = targets::by_folder(&public.files, answers) else { return };
        let first = files.first().and_then(|&at| public.files.get(at as usize));
        let path =
            first.map(|file| file.directory().rsplit_once('/').map_or("", |(above, _)| above).to_owned());
        let files: Vec<_> = files.into_iter().map(Some).collect();
        self.train = Some(Examples {
            path: path.unwrap_or_default(),
            rows: files.len(),
            targets: vec![labels],
            files,
            ..Examples::default()
        });
    }

    fn add_files(&mut self, public: &Public) {
        let directories = Directories::new(&public.files);
        let find = |side: &Examples, word: &str| {
            let columns = side.features.iter().map(|feature| &feature.cells).chain([&side.ids]);
            columns.filter(|cells| !cells.is_empty()).find_map(|cells| directories.named_by(cells, word))
        };
        if let Some(named) = find(&self.test, "test") {
            self.test.files = named.files;
        }
        if let Some(train) = self.train.as_mut().filter(|train| train.files.is_empty())
            && let Some(named) = find(train, "train")
        {
            train.files = named.files;
        }
    }
}

/// The table that fits best; of equally good ones the first.
fn best(tables: &[PublicTable], fit: impl Fn(usize, &PublicTable) -> Option<Fit>) -> Option<Fit> {
    let fits = tables.iter().enumerate().filter_map(|(at, table)| fit(at, table));
    fits.reduce(|a, b| if b.score > a.score { b } else { a })
}

fn says(path: &str, word: &str) -> bool {
    path.to_lowercase().contains(word)
}

/// A table that holds the ids of the answers.
fn test_fit(at: usize, table: &PublicTable, ids: &Ids<'_>, pair: &Pair) -> Option<Fit> {
    let id = ids.column_of(&table.frame, pair.id_name())?;
    let predicted = pair.predicted();
    let has_target = predicted.iter().any(|name| table.frame.position(name).is_some());
    let mut score = 0;
    score += if says(&table.path, "test") || says(&table.path, "eval") { 8 } else { 0 };
    score -= if says(&table.path, "train") { 12 } else { 0 };
    score -= if has_target { 4 } else { 0 };
    score += if table.frame.rows() == pair.answers.rows.len() { 4 } else { 0 };
    score += i32::from(table.frame.names().len() > 1);
    // A table of everything, with the examples that are known, is none of the test examples.
    (score > -8).then_some(Fit { table: at, id: Some(id), score })
}

fn known_values(
    frame: &Frame,
    test: Option<&Frame>,
    predicted: &[&str],
    answers: &[TextColumn],
) -> Option<Known> {
    let exclusion = || targets::by_exclusion(frame, test?, answers.first().filter(|_| answers.len() == 1)?);
    targets::known(frame, predicted).or_else(exclusion)
}

fn train_fit(at: usize, table: &PublicTable, known: &Known, test: Option<&Frame>) -> Fit {
    let filled = known.columns.first().is_some_and(|column| column.iter().any(|cell| !cell.is_empty()));
    let shared = test.map_or(0, |test| {
        table.frame.names().iter().filter(|name| test.position(name).is_some()).count().min(6)
    });
    let mut score = i32::try_from(shared).unwrap_or(0);
    score += if says(&table.path, "train") { 8 } else { 0 };
    score -= if says(&table.path, "test") { 4 } else { 0 };
    score -= if says(&table.path, "sample") || says(&table.path, "submission") { 12 } else { 0 };
    score -= if filled { 0 } else { 8 };
    Fit { table: at, id: None, score }
}

fn features(frame: &Frame, without: &[usize]) -> Vec<Feature> {
    let columns = frame.names().iter().zip(frame.columns()).enumerate();
    columns
        .filter(|(at, _)| !without.contains(at))
        .map(|(_, (name, cells))| Feature { name: name.clone(), cells: cells.clone() })
        .collect()
}

/// The test examples of a table, each with its answer. Where ids repeat, rows go with answers in their order.
fn test_examples(table: &PublicTable, id: Option<usize>, ids: &Ids<'_>, answers: &[TextColumn]) -> Examples {
    let frame = &table.frame;
    let own = id.and_then(|at| frame.columns().get(at)).cloned().unwrap_or_default();
    let in_order = !ids.are_unique() && answers.first().is_some_and(|column| column.len() == own.len());
    let places: Vec<(usize, usize)> = (0..own.len())
        .filter_map(|row| if in_order { Some((row, row)) } else { Some((row, ids.position(own.get(row))?)) })
        .collect();
    let of_rows = |cells: &TextColumn| places.iter().map(|&(row, _)| cells.get(row)).collect();
    let features = features(frame, &Vec::from_iter(id));
    Examples {
        path: table.path.clone(),
        rows: places.len(),
        ids: of_rows(&own),
        features: features
            .into_iter()
            .map(|feature| Feature { cells: of_rows(&feature.cells), name: feature.name })
            .collect(),
        targets: answers
            .iter()
            .map(|column| places.iter().map(|&(_, answer)| column.get(answer)).collect())
            .collect(),
        files: Vec::new(),
    }
}

/// The rows of `table` for which `labels` knows the values, by the first column whose cells are those ids.
fn join(table: &PublicTable, labels: &Frame, known: &Known) -> Option<Examples> {
    let keys = (0..labels.names().len()).filter(|at| !known.positions.contains(at));
    keys.filter_map(|key| {
        let key_cells = labels.columns().get(key)?;
        let ids = Ids::new(key_cells.iter());
        let own = ids.column_of(&table.frame, labels.names().get(key)?)?;
        let own_cells = table.frame.columns().get(own)?;
        let places: Vec<(usize, usize)> =
            (0..own_cells.len()).filter_map(|row| Some((row, ids.position(own_cells.get(row))?))).collect();
        Some(Examples {
            path: table.path.clone(),
            rows: places.len(),
            ids: places.iter().map(|&(row, _)| own_cells.get(row)).collect(),
            features: features(&table.frame, &[own])
                .into_iter()
                .map(|feature| Feature {
                    cells: places.iter().map(|&(row, _)| feature.cells.get(row)).collect(),
                    name: feature.name,
                })
                .collect(),
            targets: known
                .columns
                .iter()
                .map(|column| places.iter().map(|&(_, label)| column.get(label)).collect())
                .collect(),
            files: Vec::new(),
        })
    })
    .next()
}

/// Leaves both sides with the features that both have, in the order of the test table; the id of train is found by the
/// name that it has in test.
fn share_features(train: &mut Examples, test: &mut Examples, test_frame: &Frame) {
    let test_id = test_frame.names().iter().find(|name| !test.features.iter().any(|f| f.name == **name));
    if let Some(at) = test_id.and_then(|name| train.features.iter().position(|feature| feature.name == *name))
    {
        train.ids = train.features.remove(at).cells;
    }
    let mut by_name: std::collections::HashMap<String, TextColumn> =
        train.features.drain(..).map(|feature| (feature.name, feature.cells)).collect();
    test.features.retain(|feature| by_name.contains_key(&feature.name));
    train.features = test
        .features
        .iter()
        .filter_map(|feature| {
            Some(Feature { name: feature.name.clone(), cells: by_name.remove(&feature.name)? })
        })
        .collect();
}

#[cfg(test)]
mod tests;
