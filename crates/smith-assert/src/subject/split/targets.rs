//! The known values of what is predicted: in a column of the training table, in one column that holds the names of
//! the predicted ones, or in the names of folders.

use std::collections::{BTreeMap, BTreeSet};

use smith_data::{Frame, TextColumn};

use super::notations;
use super::sources::position;
use crate::subject::public::PublicFile;
use crate::subject::standing::is_class;

/// The predicted columns as they are known for the rows of a table.
pub(super) struct Known {
    /// One for each predicted column.
    pub(super) columns: Vec<TextColumn>,
    /// Positions in the table of the columns that they come from.
    pub(super) positions: Vec<usize>,
}

/// Finds the predicted columns in a table by name, or as the values of one column.
pub(super) fn known(frame: &Frame, predicted: &[String]) -> Option<Known> {
    by_name(frame, predicted).or_else(|| by_value(frame, predicted))
}

fn by_name(frame: &Frame, predicted: &[String]) -> Option<Known> {
    let positions: Vec<usize> = predicted.iter().map(|name| position(frame, name)).collect::<Option<_>>()?;
    let columns = positions.iter().filter_map(|&at| frame.columns().get(at)).cloned().collect();
    Some(Known { columns, positions })
}

/// One column of classes where a submission has one column of probabilities for each class.
fn by_value(frame: &Frame, predicted: &[String]) -> Option<Known> {
    if predicted.len() < 2 {
        return None;
    }
    let holds = |column: &TextColumn| {
        let mut values: BTreeSet<&str> = BTreeSet::new();
        let mut cells = column.iter().take(100_000);
        let all_are_named = cells.all(|value| {
            values.contains(value) || (class_of(predicted, value).is_some() && values.insert(value))
        });
        all_are_named && values.len() >= 2 && values.len() * 2 >= predicted.len()
    };
    let position = frame.columns().iter().position(holds)?;
    let classes = frame.columns().get(position)?;
    let one_hot = |class: usize| {
        classes.iter().map(move |value| if class_of(predicted, value) == Some(class) { "1" } else { "0" })
    };
    Some(Known {
        columns: (0..predicted.len()).map(|class| one_hot(class).collect()).collect(),
        positions: vec![position],
    })
}

/// The predicted column of a class: `prob_cat` and `cat` are that of `cat`.
fn class_of(predicted: &[String], value: &str) -> Option<usize> {
    if value.is_empty() {
        return None;
    }
    let ends = |name: &String| is_class(name, value);
    predicted.iter().position(|name| *name == value).or_else(|| predicted.iter().position(ends))
}

/// The column that the training table has beyond the test table, when what is predicted has another name there: the
/// only one, or of several the only one that holds what the answers hold. Several predicted columns may ask for one
/// value: its quantiles, whose answers are all the same.
pub(super) fn by_exclusion(train: &Frame, test: &Frame, all: &[TextColumn]) -> Option<Known> {
    let (answers, further) = all.split_first()?;
    if further.iter().any(|other| !other.iter().eq(answers.iter())) {
        return None;
    }
    let beyond: Vec<usize> = (0..train.names().len())
        .filter(|&at| train.names().get(at).is_some_and(|name| position(test, name).is_none()))
        .collect();
    let is_only = beyond.len() == 1;
    let fits = |at: usize| Some((at, notations::as_answers(train.columns().get(at)?, answers, is_only)?));
    let mut fitting = beyond.into_iter().filter_map(fits);
    let (Some((position, column)), None) = (fitting.next(), fitting.next()) else { return None };
    Some(Known { columns: vec![column; all.len()], positions: vec![position] })
}

/// Files in folders that are named like the answers, with the folder as their value.
pub(super) fn by_folder(files: &[PublicFile], answers: &TextColumn) -> Option<(Vec<u32>, TextColumn)> {
    let classes: BTreeSet<&str> = answers.iter().collect();
    let mut by_class: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (position, file) in files.iter().enumerate() {
        let folder = file.directory().rsplit('/').next().unwrap_or("");
        if classes.contains(folder) {
            by_class.entry(folder).or_default().push(u32::try_from(position).ok()?);
        }
    }
    if by_class.len() < 2 || by_class.len() * 2 < classes.len() {
        return None;
    }
    let labels = by_class.iter().flat_map(|(class, files)| files.iter().map(move |_| *class)).collect();
    Some((by_class.into_values().flatten().collect(), labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_known_from_one_column() {
        let mut frame = Frame::new(vec!["id".to_owned(), "kind".to_owned()]);
        for kind in ["cat", "dog", "cat"] {
            frame.push_row(["1", kind]);
        }
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let known = known(&frame, &names(&["prob_cat", "prob_dog", "prob_cow"])).unwrap();
        assert_eq!(known.positions, [1]);
        assert_eq!(known.columns[0].iter().collect::<Vec<_>>(), ["1", "0", "1"]);
        assert!(super::known(&frame, &names(&["price"])).is_none());
    }

    #[test]
    fn what_has_another_name_is_known_by_exclusion() {
        let mut train = Frame::new(vec!["a".to_owned(), "price".to_owned()]);
        train.push_row(["1", "2.5"]);
        let mut test = Frame::new(vec!["a".to_owned()]);
        test.push_row(["1"]);
        let answers = |values: [&str; 2]| values.into_iter().collect::<TextColumn>();
        assert!(by_exclusion(&train, &test, &[answers(["3", "4"])]).is_some());
        assert!(by_exclusion(&train, &test, &[answers(["x", "y"])]).is_none());
        let quantiles = [answers(["3", "4"]), answers(["3", "4"])];
        assert_eq!(by_exclusion(&train, &test, &quantiles).unwrap().columns.len(), 2);
        assert!(by_exclusion(&train, &test, &[answers(["3", "4"]), answers(["1", "0"])]).is_none());
    }
}
