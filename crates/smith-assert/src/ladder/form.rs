//! What kind of value is predicted, told from the known values.

use std::collections::BTreeMap;

use smith_data::TextColumn;

use crate::subject::number;

/// Classes that learners tell apart; rarer ones are not predicted.
const CLASSES: usize = 60;
/// Whole numbers that are taken for classes.
const WHOLE_CLASSES: usize = 20;
/// How often a class must stand on average.
const REPEATS: usize = 3;
/// Labels of sets, and how often each must stand on average.
const SET_LABELS: usize = 60;
const SET_REPEATS: usize = 4;
const SEPARATORS: [char; 4] = ['|', ';', ',', ' '];

/// What a group of predicted columns holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    /// One column of classes, as the answers write them; numbers when all of them are.
    Classes { labels: Vec<String>, numbers: Option<Vec<f64>> },
    /// Columns of numbers.
    Numbers { whole: bool, ranges: Vec<(f32, f32)> },
    /// Columns of shares that sum to one, such as probabilities of classes.
    Shares,
    /// Columns of which any may be 1.
    Marks,
    /// One column of sets of labels.
    Sets { labels: Vec<String>, separator: char },
    /// Anything else: only copied from other examples.
    Copies,
}

/// A group of predicted columns and what they hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// Positions among the predicted columns.
    pub(crate) columns: Vec<usize>,
    pub(crate) form: Form,
}

/// Tells the predicted columns apart by their known values and the answers.
pub(super) fn groups(known: &[TextColumn], answers: &[TextColumn]) -> Vec<Group> {
    let numeric: Vec<usize> = (0..known.len())
        .filter(|&at| is_numeric(&known[at]) && answers.get(at).is_some_and(is_numeric))
        .collect();
    let mut groups = Vec::new();
    if numeric.len() > 1 {
        let columns: Vec<Vec<f64>> = numeric.iter().map(|&at| numbers(&known[at])).collect();
        groups.push(Group { form: several(&columns), columns: numeric.clone() });
    }
    for (at, column) in known.iter().enumerate() {
        if numeric.len() > 1 && numeric.contains(&at) {
            continue;
        }
        let own = answers.get(at).map(|answers| single(column, answers)).unwrap_or(Form::Copies);
        groups.push(Group { columns: vec![at], form: own });
    }
    groups
}

fn is_numeric(column: &TextColumn) -> bool {
    let mut filled = column.iter().filter(|cell| !cell.is_empty()).peekable();
    filled.peek().is_some() && filled.all(|cell| number(cell).is_some())
}

fn numbers(column: &TextColumn) -> Vec<f64> {
    column.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect()
}

fn several(columns: &[Vec<f64>]) -> Form {
    let rows = columns.first().map_or(0, Vec::len);
    let all = |is: &dyn Fn(f64) -> bool| columns.iter().flatten().all(|&value| value.is_nan() || is(value));
    let sums: Vec<f64> = (0..rows).map(|row| columns.iter().map(|column| column[row]).sum()).collect();
    let ones = sums.iter().filter(|sum| (*sum - 1.0).abs() < 0.02).count();
    if all(&|value| (0.0..=1.0).contains(&value)) && ones * 100 >= rows * 98 {
        return Form::Shares;
    }
    if all(&|value| value == 0.0 || value == 1.0) {
        return Form::Marks;
    }
    Form::Numbers {
        whole: all(&|value| value.fract() == 0.0),
        ranges: columns.iter().map(|column| range(column)).collect(),
    }
}

fn range(values: &[f64]) -> (f32, f32) {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (least, most) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    (least as f32, most as f32)
}

fn single(known: &TextColumn, answers: &TextColumn) -> Form {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in known.iter().filter(|cell| !cell.is_empty()) {
        *counts.entry(cell).or_default() += 1;
    }
    let filled: usize = counts.values().sum();
    if is_numeric(known) && is_numeric(answers) {
        let values = numbers(known);
        let whole = values.iter().all(|value| value.is_nan() || value.fract() == 0.0);
        let few =
            counts.len() <= 2 || (whole && counts.len() <= WHOLE_CLASSES && counts.len() * 10 <= filled);
        return if few {
            classes(&counts, answers)
        } else {
            Form::Numbers { whole, ranges: vec![range(&values)] }
        };
    }
    if counts.len() * REPEATS <= filled {
        return classes(&counts, answers);
    }
    sets(known).unwrap_or(Form::Copies)
}

/// The most frequent classes, written as the answers write them: `1.0` may be `1` there.
fn classes(counts: &BTreeMap<&str, usize>, answers: &TextColumn) -> Form {
    let mut order: Vec<(&str, usize)> = counts.iter().map(|(label, count)| (*label, *count)).collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let written: BTreeMap<String, &str> = answers.iter().map(|cell| (canonical(cell), cell)).collect();
    let mut labels: Vec<String> = Vec::new();
    for (label, _) in order {
        let own = written.get(&canonical(label)).map_or_else(|| label.to_owned(), |cell| (*cell).to_owned());
        if labels.len() < CLASSES && !labels.contains(&own) {
            labels.push(own);
        }
    }
    labels.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    let numbers = labels.iter().map(|label| number(label)).collect();
    Form::Classes { labels, numbers }
}

/// A class as it is compared: numbers without their notation.
pub(super) fn canonical(cell: &str) -> String {
    number(cell).map_or_else(|| cell.to_owned(), |value| value.to_string())
}

fn sets(known: &TextColumn) -> Option<Form> {
    SEPARATORS.into_iter().find_map(|separator| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut several = 0;
        for cell in known.iter() {
            let mut parts = 0;
            for label in labels_of(cell, separator) {
                *counts.entry(label).or_default() += 1;
                parts += 1;
            }
            several += usize::from(parts > 1);
        }
        let all: usize = counts.values().sum();
        let fits =
            several * 10 >= known.len() && counts.len() <= SET_LABELS && counts.len() * SET_REPEATS <= all;
        let labels = counts.into_keys().map(str::to_owned).collect();
        (fits && several > 0).then_some(Form::Sets { labels, separator })
    })
}

/// The labels of a set.
pub(super) fn labels_of(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator).map(str::trim).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str], times: usize) -> TextColumn {
        cells.iter().copied().cycle().take(cells.len() * times).collect()
    }

    fn form_of(columns: &[&[&str]]) -> Form {
        let known: Vec<_> = columns.iter().map(|cells| column(cells, 30)).collect();
        groups(&known, &known).remove(0).form
    }

    #[test]
    fn forms_are_told_apart() {
        let words = |form: Form| match form {
            Form::Classes { numbers: None, .. } => "classes",
            Form::Classes { .. } => "numbered classes",
            Form::Numbers { whole: true, .. } => "whole numbers",
            Form::Numbers { .. } => "numbers",
            Form::Shares => "shares",
            Form::Marks => "marks",
            Form::Sets { .. } => "sets",
            Form::Copies => "copies",
        };
        let many: Vec<String> = (0..90).map(|i| format!("{}.5", i * 7)).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let counts: Vec<String> = (0..90).map(|i| (i * 7).to_string()).collect();
        let counts: Vec<&str> = counts.iter().map(String::as_str).collect();
        let texts: Vec<String> = (0..90).map(|i| format!("the {i}th text about {}", i * i)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let cases: [(&[&[&str]], &str); 9] = [
            (&[&["a", "b", "c"]], "classes"),
            (&[&["0", "1"]], "numbered classes"),
            (&[&["1", "2", "3", "5"]], "numbered classes"),
            (&[&many], "numbers"),
            (&[&counts], "whole numbers"),
            (&[&["1", "0", "0"], &["0", "1", "1"]], "shares"),
            (&[&["1", "0", "0"], &["1", "1", "0"]], "marks"),
            (&[&["1.5", "0", "0"], &["1", "1", "0"]], "numbers"),
            (&[&["x", "x", "y z"]], "classes"),
        ];
        for (columns, expected) in cases {
            assert_eq!(words(form_of(columns)), expected, "{columns:?}");
        }
        let copies = column(&texts, 1);
        assert_eq!(
            groups(std::slice::from_ref(&copies), std::slice::from_ref(&copies))[0].form,
            Form::Copies
        );
        let tags = ["a", "b", "c", "d", "e"];
        let sets: Vec<String> =
            (0..60).map(|i| format!("{}|{}", tags[i % 5], tags[(i / 5 + i) % 5])).collect();
        let sets: TextColumn = sets
            .iter()
            .enumerate()
            .map(|(i, set)| if i % 7 == 0 { &set[..1] } else { set.as_str() })
            .collect();
        let form = groups(std::slice::from_ref(&sets), std::slice::from_ref(&sets)).remove(0).form;
        assert!(matches!(words(form), "sets" | "classes"));
    }

    #[test]
    fn classes_are_written_as_in_the_answers() {
        let (known, answers) = (column(&["1.0", "0.0"], 20), column(&["1", "0"], 5));
        let Form::Classes { labels, numbers } = groups(&[known], &[answers]).remove(0).form else { panic!() };
        assert_eq!((labels, numbers), (vec!["0".to_owned(), "1".to_owned()], Some(vec![0.0, 1.0])));
    }
}
