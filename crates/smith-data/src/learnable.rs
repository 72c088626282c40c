//! Whether a dataset holds enough to learn from.

use smith_task_schema::profile::{DatasetProfile, FileKind};

use crate::overview::display::number_of;

/// Fewer rows or files than this cannot be split into a part to learn from and a part to be tested on.
const MIN_EXAMPLES: u64 = 20;
/// A text of so many lines may hold an example in each.
const MIN_LINES: u64 = 200;

/// Says in words why nothing can be learnt from a dataset.
///
/// Only what the profile has looked into counts against a dataset: with an archive, a database or a file of an
/// unknown format in it, nothing is ruled out.
///
/// # Errors
/// The reason, as a sentence: there are no data files, or too few rows and files.
pub fn learnable(profile: &DatasetProfile) -> Result<(), String> {
    let data_files: u64 =
        profile.kinds.iter().filter(|(kind, _)| kind.is_data()).map(|(_, files)| files).sum();
    if data_files == 0 {
        return Err(String::from(
            "there are no data files: the dataset holds nothing but descriptions, empty files or nothing at all",
        ));
    }
    let opaque = [FileKind::Archive, FileKind::Database, FileKind::Other];
    let records = most_records(profile);
    let enough = opaque.iter().any(|&kind| profile.count(kind) > 0)
        || records >= MIN_EXAMPLES
        || data_files >= MIN_EXAMPLES
        || profile.texts.iter().any(|text| text.lines >= MIN_LINES)
        || profile.tables.iter().any(|table| !table.exact);
    if enough {
        return Ok(());
    }
    Err(format!(
        "there is too little to learn from: the largest table or array has {} and the number of data files is {data_files}; \
         a task needs at least {MIN_EXAMPLES} rows in a table or {MIN_EXAMPLES} files",
        number_of(records, "row")
    ))
}

fn most_records(profile: &DatasetProfile) -> u64 {
    let tables = profile.tables.iter().map(|table| table.rows);
    let json = profile.json.iter().filter_map(|json| json.records);
    let arrays = profile.arrays.iter().filter_map(|array| array.shape.first().copied());
    tables.chain(json).chain(arrays).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::{ArrayProfile, TableProfile, TextProfile};

    use super::*;

    fn with(kinds: &[(FileKind, u64)], rows: &[u64]) -> DatasetProfile {
        let mut profile = DatasetProfile::new("x");
        profile.kinds = kinds.iter().copied().collect();
        for &rows in rows {
            let mut table = TableProfile::new("t.csv", "csv");
            table.rows = rows;
            profile.tables.push(table);
        }
        profile
    }

    #[test]
    fn descriptions_alone_teach_nothing() {
        let reason = learnable(&with(&[(FileKind::Document, 2), (FileKind::System, 30)], &[])).unwrap_err();
        assert!(reason.contains("no data files"), "{reason}");
    }

    #[test]
    fn twenty_rows_or_twenty_files_are_enough() {
        let reason = learnable(&with(&[(FileKind::Table, 2)], &[19, 3])).unwrap_err();
        assert!(reason.contains("19 rows") && reason.contains("data files is 2"), "{reason}");
        assert!(learnable(&with(&[(FileKind::Table, 1)], &[20])).is_ok());
        assert!(learnable(&with(&[(FileKind::Image, 19)], &[])).is_err());
        let mut stacked = with(&[(FileKind::Image, 1)], &[]);
        let mut array = ArrayProfile::default();
        array.shape = vec![20, 8, 8];
        stacked.arrays.push(array);
        assert!(learnable(&stacked).is_ok());
        assert!(learnable(&with(&[(FileKind::Image, 18), (FileKind::Text, 2)], &[])).is_ok());
    }

    #[test]
    fn what_was_not_looked_into_is_not_held_against_a_dataset() {
        for kind in [FileKind::Database, FileKind::Archive, FileKind::Other] {
            assert!(learnable(&with(&[(kind, 1)], &[])).is_ok());
        }
        let mut long_text = with(&[(FileKind::Text, 1)], &[]);
        assert!(learnable(&long_text).is_err());
        let mut text = TextProfile::new("words.dict");
        text.lines = 200;
        long_text.texts.push(text);
        assert!(learnable(&long_text).is_ok());
        let mut partial = with(&[(FileKind::Table, 1)], &[5]);
        partial.tables[0].exact = false;
        assert!(learnable(&partial).is_ok());
    }
}
