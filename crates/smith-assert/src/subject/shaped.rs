//! Answers in the shape of predictions, where a prediction is a list with the answer in it, or one of several answers.

use std::collections::{BTreeSet, HashMap};

use smith_data::table::Table;

use super::tables::cell;

/// What lists are separated by, the longer ones first.
const SEPARATORS: [&str; 6] = [", ", "; ", " ", ",", ";", "|"];
/// Share of the sample's cells that are lists.
const LISTS: f64 = 0.95;
/// Share of the answers that stand in lists of the sample somewhere.
const KNOWN: f64 = 0.5;
/// What separates answers of several words of which each is right.
const ALTERNATIVES: char = '|';

/// The columns whose answers are no predictions as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shapes(Vec<(usize, Shape)>);

/// How an answer becomes a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// It comes first in the list that the sample has for the row; the list keeps its length.
    FirstOf(&'static str),
    /// The first of several right ones is taken.
    OneOf,
}

impl Shapes {
    /// Those of some columns, given by their positions in both tables.
    pub(super) fn of(sample: &Table, answers: &Table, columns: impl Iterator<Item = (usize, usize)>) -> Self {
        let shape = |(at, other)| Some((at, Shape::of(sample, at, answers, other)?));
        Self(columns.filter_map(shape).collect())
    }

    /// True when all answers are predictions as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes predictions of the answers in a table with the columns of the sample.
    pub(crate) fn apply(&self, table: &mut Table, sample: &Table, id: usize) {
        for &(at, shape) in &self.0 {
            let rows = sample.rows.iter();
            let shown: HashMap<&str, &str> = rows.map(|row| (cell(row, id), cell(row, at))).collect();
            for row in &mut table.rows {
                let own = shown.get(cell(row, id)).copied().unwrap_or_default();
                let prediction = shape.fit(cell(row, at), own);
                if let Some(place) = row.get_mut(at) {
                    *place = prediction;
                }
            }
        }
    }
}

impl Shape {
    fn of(sample: &Table, sample_at: usize, answers: &Table, answers_at: usize) -> Option<Self> {
        let shown: Vec<&str> = sample.rows.iter().map(|row| cell(row, sample_at)).collect();
        let known: Vec<&str> = answers.rows.iter().map(|row| cell(row, answers_at)).collect();
        Self::listed(&shown, &known).or_else(|| Self::alternative(&shown, &known))
    }

    fn listed(shown: &[&str], known: &[&str]) -> Option<Self> {
        let is_listed = |separator: &&&'static str| {
            let lists = shown.iter().filter(|cell| cell.split(**separator).count() > 1).count();
            let items: BTreeSet<&str> =
                shown.iter().flat_map(|cell| cell.split(**separator)).map(str::trim).collect();
            let single = known.iter().all(|cell| !cell.is_empty() && !cell.contains(**separator));
            let there = known.iter().filter(|cell| items.contains(*cell)).count();
            lists as f64 >= LISTS * shown.len() as f64 && single && there as f64 >= KNOWN * known.len() as f64
        };
        SEPARATORS.iter().find(is_listed).map(|separator| Self::FirstOf(separator))
    }

    /// Labels between bars are a set of which all are asked for; phrases are readings of one.
    fn alternative(shown: &[&str], known: &[&str]) -> Option<Self> {
        let several: Vec<&&str> = known.iter().filter(|cell| cell.contains(ALTERNATIVES)).collect();
        let are_phrases = |cell: &&&str| cell.split(ALTERNATIVES).all(|part| part.trim().contains(' '));
        let phrases = several.iter().filter(|cell| are_phrases(cell)).count();
        let is_it = !shown.iter().any(|cell| cell.contains(ALTERNATIVES)) && phrases * 2 > several.len();
        is_it.then_some(Self::OneOf)
    }

    fn fit(self, answer: &str, shown: &str) -> String {
        match self {
            Self::OneOf => answer.split(ALTERNATIVES).next().unwrap_or(answer).trim().to_owned(),
            Self::FirstOf(separator) => {
                let items: Vec<&str> = shown.split(separator).map(str::trim).collect();
                let others = items.iter().copied().filter(|item| *item != answer);
                let list: Vec<&str> = std::iter::once(answer).chain(others).take(items.len()).collect();
                list.join(separator)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_first_in_its_list() {
        let shape = Shape::listed(&["1 2 3", "2 1 3"], &["3", "1"]);
        assert_eq!(shape, Some(Shape::FirstOf(" ")));
        assert_eq!(shape.unwrap().fit("3", "1 2 3"), "3 1 2");
        assert_eq!(Shape::FirstOf(" ").fit("9", "1 2 3"), "9 1 2");
        assert_eq!(Shape::listed(&["1 2 3", "2 1 3"], &["3 2 1", "1 2 3"]), None);
        assert_eq!(Shape::listed(&["a b", "c d"], &["x", "y"]), None);
    }

    #[test]
    fn one_of_several_phrases_is_taken() {
        let shape = Shape::alternative(&["AE S", "B AH"], &["AE S|EH S", "B AH"]);
        assert_eq!(shape, Some(Shape::OneOf));
        assert_eq!(shape.unwrap().fit("AE S|EH S", ""), "AE S");
        assert_eq!(Shape::alternative(&["drama", "crime"], &["drama|crime", "crime"]), None);
        assert_eq!(Shape::alternative(&["drama", "crime"], &["drama", "crime"]), None);
    }
}
