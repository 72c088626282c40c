//! Which columns of a table may be worth predicting.

use smith_task_schema::Formulation;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, TableProfile, TargetCandidate};

/// Names that authors give to what they want predicted.
const TARGET_NAMES: [&str; 38] = [
    "target",
    "label",
    "labels",
    "class",
    "y",
    "outcome",
    "output",
    "result",
    "response",
    "survived",
    "diagnosis",
    "price",
    "saleprice",
    "quality",
    "rating",
    "score",
    "species",
    "category",
    "sentiment",
    "churn",
    "default",
    "fraud",
    "is_fraud",
    "income",
    "salary",
    "grade",
    "status",
    "type",
    "digit",
    "variety",
    "medv",
    "expt",
    "spam",
    "toxicity",
    "severity",
    "demand",
    "sales",
    "yield",
];

/// Fewest and most classes of a plain classification.
const CLASSES: std::ops::RangeInclusive<u64> = 2..=50;

/// Writes down what speaks for each column as a target.
pub(crate) fn add_targets(table: &mut TableProfile) {
    let last = table.columns.len().saturating_sub(1);
    let rows = table.rows;
    let several = table.columns.len() > 1;
    for (index, column) in table.columns.iter().enumerate() {
        if !can_be_target(column, rows) {
            continue;
        }
        let mut reasons = Vec::new();
        if TARGET_NAMES.contains(&column.name.trim().to_lowercase().as_str()) {
            reasons.push(String::from("its name is usual for a target"));
        }
        if several && index == last {
            reasons.push(String::from("it is the last column"));
        }
        if let Some(hint) = class_hint(column, rows) {
            reasons.push(hint);
        }
        if !reasons.is_empty() {
            let formulation = if column.kind == ColumnKind::Float {
                Formulation::Regression
            } else {
                Formulation::Classification
            };
            let mut target = TargetCandidate::new(column.name.as_str(), formulation, 0.5);
            target.reasons = reasons;
            table.targets.push(target);
        }
    }
}

/// Numbers and classes that differ and that most rows have.
fn can_be_target(column: &ColumnProfile, rows: u64) -> bool {
    let has_values_to_predict = matches!(
        column.kind,
        ColumnKind::Integer
            | ColumnKind::Float
            | ColumnKind::Mixed
            | ColumnKind::Boolean
            | ColumnKind::Category
    );
    has_values_to_predict && column.distinct >= 2 && column.missing * 2 <= rows
}

/// Words for a few classes that every one is seen often enough on average.
fn class_hint(column: &ColumnProfile, rows: u64) -> Option<String> {
    let binary_number = column.kind == ColumnKind::Integer && column.distinct == 2;
    let discrete = matches!(column.kind, ColumnKind::Category | ColumnKind::Boolean) || binary_number;
    let present = rows - column.missing;
    if !discrete || !CLASSES.contains(&column.distinct) || present < column.distinct * 5 {
        return None;
    }
    let largest = column.top.first()?;
    let share = 100.0 * largest.count as f64 / present as f64;
    Some(format!("{} classes, the largest {share:.0} %", column.distinct))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::table_builder::TableBuilder;
    use crate::findings::Findings;

    fn hints(names: &[&str], rows: &[&[&str]]) -> Vec<Vec<String>> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut builder = TableBuilder::new(&names);
        for row in rows {
            for (index, cell) in row.iter().enumerate() {
                builder.column(index).unwrap().push(cell);
            }
            builder.end_row();
        }
        let mut table = builder.finish(TableProfile::new("t.csv", "csv"), &mut Findings::default()).facts;
        add_targets(&mut table);
        let reasons = |name: &String| {
            let target = table.targets.iter().find(|target| target.column == *name);
            target.map_or_else(Vec::new, |target| target.reasons.clone())
        };
        names.iter().map(reasons).collect()
    }

    #[test]
    fn names_places_and_classes_speak_for_a_target() {
        let rows: Vec<Vec<String>> = (0..20)
            .map(|i| vec![format!("k{i}"), (i % 2).to_string(), (i * 7 % 19).to_string(), "same".into()])
            .collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let hints = hints(&["key", "survived", "size", "fixed"], &rows);
        assert_eq!(hints[0], [""; 0], "a key");
        assert_eq!(hints[1], ["its name is usual for a target", "2 classes, the largest 50 %"]);
        assert_eq!(hints[2], [""; 0]);
        assert_eq!(hints[3], [""; 0], "a constant, though last");
    }

    #[test]
    fn what_most_rows_lack_is_no_target() {
        let rows: [&[&str]; 3] = [&["1", ""], &["5", "3"], &["5", ""]];
        assert_eq!(hints(&["x", "label"], &rows)[1], [""; 0]);
        let rows: [&[&str]; 3] = [&["1", "4"], &["5", "3"], &["5", ""]];
        assert_eq!(hints(&["x", "label"], &rows)[1].len(), 2);
    }

    #[test]
    fn a_class_that_is_hardly_seen_is_no_class() {
        let rows: [&[&str]; 4] = [&["1", "a"], &["5", "b"], &["5", "a"], &["2", "b"]];
        assert_eq!(hints(&["x", "letter"], &rows)[1], ["it is the last column"]);
    }
}
