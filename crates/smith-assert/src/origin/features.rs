//! Features beside the raw columns of their names, on both sides of the split.

use smith_data::TextColumn;

use super::cells::{notation_of_both, plain_name, slack};
use super::relation::{Cells, Hold, Relation};
use super::{Origin, Source};
use crate::quality::spread;
use crate::subject::{Raw, Split};

/// Features that are compared, spread evenly, and rows of each side.
const MAX_FEATURES: usize = 120;
const MAX_ROWS: usize = 800;
/// Rows of a side that prove something.
const PROVING: usize = 40;
/// How well a relation must hold to be what a feature is, and how ill where it is not.
const HOLDS: f64 = 0.95;
const FAILS: f64 = 0.6;

/// In what a feature differs between the sides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Difference {
    /// It is the raw column on one side only; how well it is so on each.
    Values { train: f64, test: f64 },
    /// One value of the raw column is one code in train and another one in test.
    Codes,
    /// It rises with the raw column on both sides, but by another scale.
    Scale,
}

/// A feature that is made of its raw column in one way in train and in another way in test.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Apart {
    pub(crate) feature: String,
    pub(crate) column: String,
    pub(crate) difference: Difference,
}

/// What was found of all features.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// Features that have a raw column of their name.
    pub(crate) compared: usize,
    pub(crate) apart: Vec<Apart>,
}

/// Compares each feature with the raw columns of its name.
pub(crate) fn apart(origin: &Origin, raw: &Raw, split: &Split) -> Beside {
    let mut beside = Beside::default();
    let Some(train) = &split.train else { return beside };
    let pairs = [&origin.train, &origin.test].map(|pairs| -> Vec<(usize, usize)> {
        spread(pairs.len(), MAX_ROWS).into_iter().filter_map(|at| pairs.get(at).copied()).collect()
    });
    for at in spread(train.features.len().min(split.test.features.len()), MAX_FEATURES) {
        let (Some(known), Some(asked)) = (train.features.get(at), split.test.features.get(at)) else {
            continue;
        };
        let name = plain_name(&asked.name);
        let named: Vec<&Source> =
            origin.sources.iter().filter(|source| plain_name(&source.name) == name).collect();
        let feature = One { origin, raw, pairs: &pairs, known: &known.cells, asked: &asked.cells };
        let differences: Vec<Option<(Difference, &Source)>> = named
            .iter()
            .filter_map(|source| Some(feature.difference(source)?.map(|difference| (difference, *source))))
            .collect();
        beside.compared += usize::from(!differences.is_empty());
        // Of several columns of the name one is enough that fits.
        if differences.iter().any(Option::is_none) {
            continue;
        }
        let first = differences.into_iter().flatten().next();
        beside.apart.extend(first.map(|(difference, source)| Apart {
            feature: asked.name.clone(),
            column: source.name.clone(),
            difference,
        }));
    }
    beside
}

/// One feature.
struct One<'a> {
    origin: &'a Origin,
    raw: &'a Raw,
    pairs: &'a [Vec<(usize, usize)>; 2],
    known: &'a TextColumn,
    asked: &'a TextColumn,
}

impl One<'_> {
    /// What differs, if anything; none when too little can be said.
    fn difference(&self, source: &Source) -> Option<Option<Difference>> {
        let notation = notation_of_both(self.known, self.asked, MAX_ROWS);
        let list = self.origin.list.as_ref();
        let side = |column: &TextColumn, pairs: &[(usize, usize)]| {
            let own = Cells::of(pairs.iter().map(|(row, _)| column.get(*row)), notation);
            let raw = pairs.iter().map(|(_, row)| source.cell(self.raw, list, *row));
            (own, Cells::of(raw, notation))
        };
        let [train, test] = [side(self.known, &self.pairs[0]), side(self.asked, &self.pairs[1])];
        let same = [Relation::Same.hold(&train.0, &train.1)?, Relation::Same.hold(&test.0, &test.1)?];
        if same.iter().any(|hold| hold.rows < PROVING || !hold.tells()) {
            return None;
        }
        let [in_train, in_test] = same.map(Hold::skill);
        if in_train.min(in_test) >= HOLDS {
            return Some(None);
        }
        if in_train.max(in_test) >= HOLDS {
            let fails = in_train.min(in_test) < FAILS && self.is_another(&train, &test);
            return Some(fails.then_some(Difference::Values { train: in_train, test: in_test }));
        }
        Some(self.otherwise(&train, &test))
    }

    /// True unless one relation explains both sides after all, as rounding or grouping does.
    fn is_another(&self, train: &(Cells, Cells), test: &(Cells, Cells)) -> bool {
        let holds =
            |learnt, judged| self.across(learnt, judged).is_some_and(|(hold, _)| hold.skill() >= HOLDS);
        !(holds(train, test) && holds(test, train))
    }

    /// Two relations of one kind, each of which explains its own side and not the other one.
    fn otherwise(&self, train: &(Cells, Cells), test: &(Cells, Cells)) -> Option<Difference> {
        let halves = |side: &(Cells, Cells)| {
            let rows = |from: usize| (from..side.0.len()).step_by(2).collect::<Vec<usize>>();
            [0, 1].map(|from| (side.0.pick(&rows(from)), side.1.pick(&rows(from))))
        };
        let within = |side: &(Cells, Cells)| {
            let [learnt, judged] = halves(side);
            self.across(&learnt, &judged).filter(|(hold, _)| hold.skill() >= HOLDS)
        };
        let ((_, is_map), _) = within(train).zip(within(test))?;
        let fails = [self.across(train, test), self.across(test, train)]
            .iter()
            .all(|hold| hold.as_ref().is_some_and(|(hold, _)| hold.tells() && hold.skill() < FAILS));
        fails.then_some(if is_map { Difference::Codes } else { Difference::Scale })
    }

    /// How well what is found on some rows holds on others, and whether it is a map of values.
    fn across(&self, learnt: &(Cells, Cells), judged: &(Cells, Cells)) -> Option<(Hold, bool)> {
        let slack = slack(self.known);
        let found = Relation::transferred((&learnt.0, &learnt.1), (&judged.0, &judged.1), slack);
        found.map(|(relation, hold)| (hold, matches!(relation, Relation::Map(_))))
    }
}
