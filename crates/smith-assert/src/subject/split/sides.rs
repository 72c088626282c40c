//! The examples of each side, gathered from the tables that hold them.

use std::collections::BTreeSet;

use smith_data::{Frame, TextColumn};

use super::files::Directories;
use super::ids::Ids;
use super::keys::Keys;
use super::roles::{self, TestTable};
use super::sources::{Source, plain};
use super::targets::{self, Known};
use super::{Examples, Feature};
use crate::subject::public::PublicFile;

/// The test examples of a table, each with its answer. Where ids repeat, rows go with answers in their order.
pub(super) fn test(source: &Source<'_>, keys: &[usize], ids: &Ids<'_>, answers: &[TextColumn]) -> Examples {
    let own = joined(&source.frame, keys);
    let in_order = !ids.are_unique() && answers.first().is_some_and(|column| column.len() == own.len());
    let places = (0..own.len())
        .filter_map(|row| if in_order { Some((row, row)) } else { Some((row, ids.position(own.get(row))?)) });
    let (rows, places): (Vec<usize>, Vec<usize>) = places.unzip();
    let mut test = examples(source, &rows, keys, keys);
    test.targets = answers.iter().map(|column| cells(column, &places)).collect();
    test
}

/// The examples whose values are known: of the table that fits best, and of further tables with the same columns.
pub(super) fn train(
    sources: &[Source<'_>],
    test: Option<&TestTable>,
    keys: &Keys,
    ids: &Ids<'_>,
    answers: &[TextColumn],
) -> Option<Examples> {
    let (at, known) = roles::train_table(sources, test, keys, answers)?;
    let source = sources.get(at)?;
    let test_source = test.and_then(|test| sources.get(test.at));
    let id = id_columns(source, keys, test, sources, &known);
    if test.is_some_and(|test| test.at == at) {
        return beside_test(source, &id, &known, ids);
    }
    if let Some((test, test_source)) = test.zip(test_source) {
        let wanted = roles::feature_names(&test_source.frame, &test.keys);
        let has_some = roles::holds(&source.frame, &wanted) * 2 >= wanted.len();
        // The test table itself is the last choice: it may hold all examples, or nothing but test examples.
        let others = sources.iter().filter(|other| !std::ptr::eq(*other, test_source)).chain([test_source]);
        let joined = || others.clone().find_map(|other| join(other, source, &known, &wanted));
        if let Some(joined) = Some(()).filter(|()| !has_some).and_then(|()| joined()) {
            return Some(joined);
        }
    }
    let without = [id.as_slice(), &known.positions].concat();
    let rows: Vec<usize> = (0..source.frame.rows()).collect();
    let mut train = examples(source, &rows, &id, &without);
    train.targets = known.columns;
    for (other, more) in further_tables(sources, at, test, keys) {
        let rows: Vec<usize> = (0..other.frame.rows()).collect();
        let mut further = examples(other, &rows, &id, &without);
        further.targets = more.columns;
        append(&mut train, &further);
    }
    Some(train)
}

/// Other tables of known values with the same columns: validation data, another year.
fn further_tables<'s, 'a>(
    sources: &'s [Source<'a>],
    at: usize,
    test: Option<&'s TestTable>,
    keys: &'s Keys,
) -> impl Iterator<Item = (&'s Source<'a>, Known)> {
    let names = sources.get(at).map(|source| source.frame.names());
    sources.iter().enumerate().filter_map(move |(other, source)| {
        let is_it = other != at
            && test.is_none_or(|test| test.at != other)
            && Some(source.frame.names()) == names
            && !["test", "sample", "submission"].iter().any(|word| source.says(word));
        Some((source, keys.known(&source.frame).filter(|_| is_it)?))
    })
}

/// Adds the rows of a table with the same columns.
fn append(train: &mut Examples, more: &Examples) {
    let add = |column: &mut TextColumn, cells: &TextColumn| cells.iter().for_each(|cell| column.push(cell));
    let features = train.features.iter_mut().zip(&more.features);
    features.chain(train.keys.iter_mut().zip(&more.keys)).for_each(|(a, b)| add(&mut a.cells, &b.cells));
    train.targets.iter_mut().zip(&more.targets).for_each(|(a, b)| add(a, b));
    add(&mut train.ids, &more.ids);
    train.rows += more.rows;
}

/// Where the ids stand in the training table: under the name of the answers' ids, or of those of the test table.
fn id_columns(
    source: &Source<'_>,
    keys: &Keys,
    test: Option<&TestTable>,
    sources: &[Source<'_>],
    known: &Known,
) -> Vec<usize> {
    let named_as_test = || -> Option<Vec<usize>> {
        let test = test?;
        let names = sources.get(test.at)?.frame.names();
        test.keys.iter().map(|&at| source.position(names.get(at)?)).collect()
    };
    let named_as_answers: Option<Vec<usize>> = keys.names.iter().map(|name| source.position(name)).collect();
    let mut id = named_as_test().or(named_as_answers).unwrap_or_default();
    id.retain(|at| !known.positions.contains(at));
    id
}

/// One table of all examples, in which only those of train have values.
fn beside_test(source: &Source<'_>, id: &[usize], known: &Known, ids: &Ids<'_>) -> Option<Examples> {
    let own = joined(&source.frame, id);
    let is_known = |row: &usize| {
        known.columns.iter().any(|column| !column.get(*row).is_empty())
            && ids.position(own.get(*row)).is_none()
    };
    let rows: Vec<usize> = (0..own.len()).filter(is_known).collect();
    let mut train = examples(source, &rows, id, &[id, &known.positions].concat());
    train.targets = known.columns.iter().map(|column| cells(column, &rows)).collect();
    (train.rows > 0).then_some(train)
}

/// The rows of `table` for which `labels` knows the values, by the first column whose cells are those ids. The table
/// must have the `wanted` features.
fn join(
    table: &Source<'_>,
    labels: &Source<'_>,
    known: &Known,
    wanted: &BTreeSet<String>,
) -> Option<Examples> {
    if std::ptr::eq(table, labels) || roles::holds(&table.frame, wanted) * 2 < wanted.len() {
        return None;
    }
    let keys = (0..labels.frame.names().len()).filter(|at| !known.positions.contains(at));
    keys.filter_map(|key| {
        let key_cells = labels.frame.columns().get(key)?;
        let ids = Ids::new(key_cells.iter());
        let own = ids.column_of(&table.frame, labels.frame.names().get(key)?)?;
        let own_cells = table.frame.columns().get(own)?;
        let places = (0..own_cells.len()).filter_map(|row| Some((row, ids.position(own_cells.get(row))?)));
        let (rows, places): (Vec<usize>, Vec<usize>) = places.unzip();
        let mut train = examples(table, &rows, &[own], &[own]);
        train.targets = known.columns.iter().map(|column| cells(column, &places)).collect();
        Some(train)
    })
    .next()
}

/// Classes as folders.
pub(super) fn folders(files: &[PublicFile], answers: &[TextColumn]) -> Option<Examples> {
    let [answers] = answers else { return None };
    let (members, labels) = targets::by_folder(files, answers)?;
    let first = members.first().and_then(|&at| files.get(at as usize));
    let path = first.map(|file| file.directory().rsplit_once('/').map_or("", |(above, _)| above).to_owned());
    let ids = members.iter().filter_map(|&at| files.get(at as usize)).map(PublicFile::stem).collect();
    Some(Examples {
        path: path.unwrap_or_default(),
        rows: members.len(),
        ids,
        targets: vec![labels],
        files: members.into_iter().map(Some).collect(),
        ..Examples::default()
    })
}

/// Finds the files of the examples, whichever column names them.
pub(super) fn add_files(test: &mut Examples, train: Option<&mut Examples>, directories: &Directories<'_>) {
    let find = |side: &Examples, word: &str| {
        let keys = side.keys.iter().map(|key| &key.cells);
        let columns = [&side.ids].into_iter().chain(keys).chain(side.features.iter().map(|f| &f.cells));
        let columns: Vec<_> = columns.filter(|cells| !cells.is_empty()).collect();
        // Files are numbered too, and an id may be the number of another example's file.
        let by_path = columns.iter().find_map(|cells| directories.named_by_path(cells));
        by_path.or_else(|| columns.iter().find_map(|cells| directories.named_by(cells, word)))
    };
    if let Some(named) = find(test, "test") {
        test.files = named.files;
    }
    if let Some(train) = train.filter(|train| train.files.is_empty())
        && let Some(named) = find(train, "train")
    {
        train.files = named.files;
    }
}

/// Leaves both sides with the features that both have, in the order of the test table. Returns those that only train has.
pub(super) fn share_features(train: Option<&mut Examples>, test: &mut Examples) -> Vec<Feature> {
    let Some(train) = train else { return Vec::new() };
    let mut left: Vec<Option<Feature>> = train.features.drain(..).map(Some).collect();
    // A name as it is written goes before its likes: `a.b` and `a..b` are two columns.
    let exact: Vec<Option<Feature>> =
        test.features.iter().map(|wanted| take(&mut left, |name| name == wanted.name)).collect();
    for (feature, known) in std::mem::take(&mut test.features).into_iter().zip(exact) {
        let alike = |name: &str| plain(name) == plain(&feature.name);
        if let Some(known) = known.or_else(|| take(&mut left, alike)) {
            train.features.push(Feature { name: feature.name.clone(), cells: known.cells });
            test.features.push(feature);
        }
    }
    // The names of the test ids are no features, whatever they are in train.
    left.into_iter()
        .flatten()
        .filter(|feature| !test.keys.iter().any(|key| plain(&key.name) == plain(&feature.name)))
        .collect()
}

/// The first feature of such a name, which then is gone.
fn take(from: &mut [Option<Feature>], is_wanted: impl Fn(&str) -> bool) -> Option<Feature> {
    from.iter_mut().find(|feature| feature.as_ref().is_some_and(|feature| is_wanted(&feature.name)))?.take()
}

/// Some rows of a table.
fn examples(source: &Source<'_>, rows: &[usize], keys: &[usize], without: &[usize]) -> Examples {
    let frame = &source.frame;
    let columns = |wanted: &dyn Fn(usize) -> bool| -> Vec<Feature> {
        let columns = frame.names().iter().zip(frame.columns()).enumerate();
        columns
            .filter(|(at, _)| wanted(*at))
            .map(|(_, (name, column))| Feature { name: name.clone(), cells: cells(column, rows) })
            .collect()
    };
    Examples {
        path: source.path.clone(),
        rows: rows.len(),
        ids: cells(&joined(frame, keys), rows),
        keys: columns(&|at| keys.contains(&at)),
        features: columns(&|at| !without.contains(&at)),
        ..Examples::default()
    }
}

fn joined(frame: &Frame, keys: &[usize]) -> TextColumn {
    let columns: Vec<&TextColumn> = keys.iter().filter_map(|&at| frame.columns().get(at)).collect();
    Keys::joined(&columns)
}

/// The cells of some rows.
fn cells(column: &TextColumn, rows: &[usize]) -> TextColumn {
    if column.is_empty() {
        return TextColumn::default();
    }
    if rows.len() == column.len() && rows.iter().enumerate().all(|(at, row)| at == *row) {
        return column.clone();
    }
    rows.iter().map(|&row| column.get(row)).collect()
}
