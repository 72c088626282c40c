//! How a target goes with a raw column: the same, one for each value of it, rising with it, or by its neighbourhood.

use std::collections::{HashMap, HashSet};

use super::cells::{Notation, rounded, value};
use crate::quality::{number, shuffled};

/// Rows on which a relation must be judged.
const LEAST: usize = 20;
/// Orders that show what chance does.
const ORDERS: u64 = 3;
/// Share of the steps of a column by which a target that rises with it rises too.
const IN_ORDER: f64 = 0.95;
/// Ranges of a column that a class may have.
const RUNS_A_CLASS: usize = 4;
/// Rows for each different value of a column that is mapped.
const ROWS_A_VALUE: usize = 4;

/// Cells of some rows: as values that are equal or not, and as numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    pub(super) values: Vec<u64>,
    pub(super) numbers: Vec<f64>,
}

impl Cells {
    pub(super) fn of<'c>(cells: impl Iterator<Item = &'c str>, notation: Notation) -> Self {
        let (values, numbers) =
            cells.map(|cell| (value(cell, notation), number(cell).unwrap_or(f64::NAN))).unzip();
        Self { values, numbers }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn pick(&self, rows: &[usize]) -> Self {
        Self {
            values: rows.iter().map(|row| self.values.get(*row).copied().unwrap_or(0)).collect(),
            numbers: rows.iter().map(|row| self.numbers.get(*row).copied().unwrap_or(f64::NAN)).collect(),
        }
    }

    pub(super) fn distinct(&self) -> usize {
        self.values.iter().filter(|value| **value != 0).collect::<HashSet<_>>().len()
    }

    pub(super) fn are_numbers(&self) -> bool {
        let filled = self.values.iter().filter(|value| **value != 0).count();
        let numbers = self.numbers.iter().filter(|number| number.is_finite()).count();
        numbers * 20 >= filled * 19 && numbers > 0
    }

    /// The same cells in an order that has nothing to do with theirs.
    fn dealt(&self, seed: u64) -> Self {
        let rows: Vec<usize> = (0..self.len()).collect();
        self.pick(&shuffled(&rows, seed))
    }
}

/// A form in which a number may be given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Itself,
    /// Times a power of ten.
    Power(i32),
    Log,
    Log1p,
    Log10,
    Root,
}

impl Form {
    pub(super) const OTHERS: [Self; 12] = [
        Self::Power(-3),
        Self::Power(-2),
        Self::Power(-1),
        Self::Power(1),
        Self::Power(2),
        Self::Power(3),
        Self::Power(5),
        Self::Power(6),
        Self::Log,
        Self::Log1p,
        Self::Log10,
        Self::Root,
    ];

    fn of(self, x: f64) -> f64 {
        match self {
            Self::Itself => x,
            Self::Power(power) => x * 10_f64.powi(power),
            Self::Log => x.ln(),
            Self::Log1p => x.ln_1p(),
            Self::Log10 => x.log10(),
            Self::Root => x.sqrt(),
        }
    }

    /// Numbers in this form, with as many places as the target has.
    pub(super) fn apply(self, cells: &Cells, notation: Notation) -> Cells {
        let Notation::Places(places) = notation else { return cells.clone() };
        if self == Self::Itself {
            return cells.clone();
        }
        let numbers: Vec<f64> = cells.numbers.iter().map(|x| self.of(*x)).collect();
        let values = numbers.iter().map(|x| if x.is_finite() { rounded(*x, places) } else { 0 }).collect();
        Cells { values, numbers }
    }
}

/// A relation that was found on some rows.
#[derive(Debug, Clone)]
pub(super) enum Relation {
    Same,
    /// The most frequent target of each value.
    Map(HashMap<u64, u64>),
    /// Numbers with their targets, sorted.
    Rises {
        pairs: Vec<(f64, f64)>,
        slack: f64,
    },
    /// Numbers with the classes of these rows, sorted.
    Near(Vec<(f64, u64)>),
}

/// How well a relation holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hold {
    /// Share of the rows on which it holds.
    pub(super) share: f64,
    /// The same when targets are dealt to other rows.
    pub(super) chance: f64,
    pub(super) rows: usize,
}

/// Rows that chance does not explain, below which nothing is told.
const TELLING: f64 = 10.0;

impl Hold {
    /// Whether chance leaves enough rows to say anything.
    pub(super) fn tells(self) -> bool {
        (1.0 - self.chance) * self.rows as f64 >= TELLING && self.chance <= 0.999
    }

    /// Whether what is the same on nearly every row, or on every one where chance leaves too few to say more.
    pub(super) fn is_full(self, skill: f64) -> bool {
        if self.tells() { self.skill() >= skill } else { self.share >= 1.0 }
    }

    /// From chance (0) to always (1); 0 where it tells nothing.
    pub(super) fn skill(self) -> f64 {
        if !self.tells() {
            return 0.0;
        }
        (self.share - self.chance) / (1.0 - self.chance)
    }
}

impl Relation {
    /// The relations that a target may have to a column, other than being the same.
    pub(super) fn learn(target: &Cells, column: &Cells, slack: f64) -> Vec<Self> {
        let mut relations = Vec::new();
        let different = column.distinct();
        if different < 2 {
            return relations;
        }
        if different * ROWS_A_VALUE <= column.len() {
            relations.push(Self::Map(map(target, column)));
        } else if column.are_numbers() {
            let is_measured = target.are_numbers() && target.distinct() > 20;
            relations.extend(if is_measured { rises(target, column, slack) } else { near(target, column) });
        }
        relations
    }

    /// The relation that is learnt on some rows and holds best on others, and how well.
    pub(super) fn transferred(
        learnt: (&Cells, &Cells),
        judged: (&Cells, &Cells),
        slack: f64,
    ) -> Option<(Self, Hold)> {
        let relations = Self::learn(learnt.0, learnt.1, slack).into_iter();
        let holds = relations.filter_map(|relation| {
            let hold = relation.hold(judged.0, judged.1)?;
            Some((relation, hold))
        });
        holds.max_by(|a, b| a.1.skill().total_cmp(&b.1.skill()))
    }

    /// How well it holds on other rows; none when it says too little of them.
    pub(super) fn hold(&self, target: &Cells, column: &Cells) -> Option<Hold> {
        let (hits, rows) = self.judge(target, column);
        if rows < LEAST {
            return None;
        }
        let by_chance: Vec<f64> = (0..ORDERS)
            .map(|seed| {
                let (hits, rows) = self.judge(&target.dealt(seed), column);
                hits as f64 / rows.max(1) as f64
            })
            .collect();
        let chance = by_chance.iter().sum::<f64>() / by_chance.len() as f64;
        Some(Hold { share: hits as f64 / rows as f64, chance, rows })
    }

    /// Rows on which it holds, and rows of which it says anything.
    fn judge(&self, target: &Cells, column: &Cells) -> (usize, usize) {
        let (mut hits, mut rows) = (0, 0);
        for row in 0..target.len() {
            if let Some(is_hit) = self.says(target, column, row) {
                rows += 1;
                hits += usize::from(is_hit);
            }
        }
        (hits, rows)
    }

    pub(super) fn says(&self, target: &Cells, column: &Cells, row: usize) -> Option<bool> {
        let (t, r) = (*target.values.get(row)?, *column.values.get(row)?);
        if t == 0 || r == 0 {
            return None;
        }
        let x = *column.numbers.get(row)?;
        match self {
            Self::Same => Some(t == r || *target.numbers.get(row)? == x),
            Self::Map(map) => map.get(&r).map(|expected| *expected == t),
            Self::Rises { pairs, slack } => {
                let (least, most) = range(pairs, x)?;
                let y = *target.numbers.get(row)?;
                Some(y >= least - slack && y <= most + slack)
            }
            Self::Near(pairs) => {
                let at = pairs.partition_point(|(own, _)| *own < x);
                let before = pairs.get(at.checked_sub(1)?)?.1;
                let behind = pairs.get(at)?.1;
                (before == behind).then_some(before == t)
            }
        }
    }
}

fn map(target: &Cells, column: &Cells) -> HashMap<u64, u64> {
    let mut counts: HashMap<u64, HashMap<u64, usize>> = HashMap::new();
    for (t, r) in target.values.iter().zip(&column.values).filter(|(t, r)| **t != 0 && **r != 0) {
        *counts.entry(*r).or_default().entry(*t).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(_, of)| of.values().sum::<usize>() > 1)
        .filter_map(|(r, of)| Some((r, of.into_iter().max_by_key(|(t, count)| (*count, *t))?.0)))
        .collect()
}

/// None where the target does not rise or fall with the column: rows of one group have neighbouring numbers too.
fn rises(target: &Cells, column: &Cells, slack: f64) -> Option<Relation> {
    let pairs = column.numbers.iter().copied().zip(target.numbers.iter().copied());
    let mut pairs: Vec<(f64, f64)> = pairs.filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let steps = || pairs.windows(2).filter_map(|pair| Some(pair.last()?.1 - pair.first()?.1));
    let up = steps().filter(|step| *step >= -slack).count();
    let down = steps().filter(|step| *step <= slack).count();
    let is_monotone = up.max(down) as f64 >= IN_ORDER * pairs.len() as f64;
    is_monotone.then_some(Relation::Rises { pairs, slack })
}

/// None where the classes are no ranges of the column.
fn near(target: &Cells, column: &Cells) -> Option<Relation> {
    let pairs = column.numbers.iter().copied().zip(target.values.iter().copied());
    let mut pairs: Vec<(f64, u64)> = pairs.filter(|(x, t)| x.is_finite() && *t != 0).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let runs = pairs.chunk_by(|a, b| a.1 == b.1).count();
    (runs <= RUNS_A_CLASS * target.distinct()).then_some(Relation::Near(pairs))
}

/// Between which targets that of a number must lie: those of the same number, or of the next ones on both sides.
fn range(pairs: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    let from = pairs.partition_point(|(own, _)| *own < x);
    let to = pairs.partition_point(|(own, _)| *own <= x);
    let (first, last) = if from < to { (from, to - 1) } else { (from.checked_sub(1)?, from) };
    let (a, b) = (pairs.get(first)?.1, pairs.get(last)?.1);
    Some((a.min(b), a.max(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(of: impl Fn(usize) -> String) -> Cells {
        let cells: Vec<String> = (0..400).map(of).collect();
        Cells::of(cells.iter().map(String::as_str), Notation::Places(3))
    }

    fn noise(seed: u64, row: usize) -> u64 {
        crate::quality::mixed(seed << 32 | row as u64) % 1_000
    }

    fn skill(target: &Cells, column: &Cells) -> f64 {
        let learnt: Vec<usize> = (0..400).step_by(2).collect();
        let others: Vec<usize> = (1..400).step_by(2).collect();
        let relations = Relation::learn(&target.pick(&learnt), &column.pick(&learnt), 0.001);
        let hold =
            relations.first().and_then(|first| first.hold(&target.pick(&others), &column.pick(&others)));
        hold.map_or(0.0, Hold::skill)
    }

    #[test]
    fn functions_of_a_column_are_known_and_noise_is_not() {
        let x = cells(|row| noise(1, row).to_string());
        let few = cells(|row| (noise(1, row) % 7).to_string());
        assert!(skill(&cells(|row| (noise(1, row) as f64).ln_1p().to_string()), &x) > 0.99);
        assert!(skill(&cells(|row| (noise(1, row) / 300).to_string()), &x) > 0.95);
        assert!(skill(&cells(|row| (noise(1, row) % 7 / 3).to_string()), &few) > 0.99);
        for column in [&x, &few] {
            assert!(skill(&cells(|row| noise(2, row).to_string()), column) < 0.3);
            assert!(skill(&cells(|row| (noise(2, row) % 3).to_string()), column) < 0.3);
        }
    }

    #[test]
    fn forms_of_a_number() {
        let raw = cells(|row| format!("{row}.25"));
        let scaled = cells(|row| format!("{}", row * 100 + 25));
        let formed = Form::Power(2).apply(&raw, Notation::Places(3));
        assert_eq!(Relation::Same.hold(&scaled, &formed).unwrap().share, 1.0);
        assert!(Relation::Same.hold(&scaled, &raw).unwrap().share < 0.1);
    }
}
