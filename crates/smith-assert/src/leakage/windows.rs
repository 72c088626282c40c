//! Whether a feature is made of the answers of the rows around: means and sums over windows, extremes, differences, and
//! what is carried on from row to row.

use super::exact::{Term, Weights, agreement, fit};
use super::panel::Numbers;
use super::sequence::Sequence;
use super::summaries::{deviation, median, sample_deviation};

/// Share of the rows of each side on which it must hold.
const HOLDS: f64 = 0.95;
/// Share of the rows on which it may hold when each row gets what was made for the next: where neighbours are nearly
/// equal, an agreement says nothing.
const BY_SMOOTHNESS: f64 = 0.6;
/// Rows of each side on which it must be seen.
const MIN_ROWS: usize = 10;
/// Rows on which it is tried first.
const TRIED: usize = 60;
/// Longest window that is tried, and longest of which order statistics are taken.
const LONGEST: isize = 31;
const SORTED: isize = 15;
/// Steps that are tried beyond the longest window: weeks and years of days, hours of a day.
const FAR: [isize; 6] = [42, 48, 52, 60, 364, 365];
/// Rows to each side of which weights are looked for, and rows that weights are fitted on.
const WEIGHTED: isize = 7;
const FITTED: usize = 240;
/// Times its own rounding that a feature may be off when it is made of another rounded value of it.
const CARRIED: f64 = 2.0;
/// A window without an end.
const ALL: isize = isize::MAX / 4;

/// Which rows a window has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The row itself among them.
    Own,
    /// Rows behind it only.
    Later,
    /// Rows before it only.
    Earlier,
}

/// How a feature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Mean,
    Sum,
    Least,
    Greatest,
    Median,
    Deviation,
    /// The row itself less the one at the beginning of the window, as it is, as a ratio, and as a part of it.
    Difference,
    Ratio,
    Change,
    /// The change in per cent.
    Percent,
}

/// A feature that is made of answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    /// `the mean over the row itself, 3 rows before and 3 behind it`.
    pub(crate) how: String,
    pub(crate) reach: Reach,
    /// For a single other row how far it is away.
    pub(crate) step: Option<isize>,
    /// Share of the test rows on which it holds.
    pub(crate) share: f64,
}

#[derive(Clone, Copy)]
struct Window {
    operation: Operation,
    from: isize,
    to: isize,
}

/// What is added up for each place.
type Part<'p> = Box<dyn Fn(usize) -> Option<f64> + 'p>;

/// A feature and a target in the order of a sequence.
pub(crate) struct Aligned<'a> {
    sequence: &'a Sequence,
    truth: Vec<f64>,
    /// Sums of the truth, less its mean, up to each place.
    sums: Vec<f64>,
    mean: f64,
    given: Vec<f64>,
    tolerance: f64,
    spread: f64,
    common: f64,
    train: usize,
}

impl<'a> Aligned<'a> {
    pub(crate) fn new(sequence: &'a Sequence, train: usize, feature: &Numbers, truth: &Numbers) -> Self {
        let values = sequence.of(&truth.values);
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        // Whole numbers are what they are; a fraction may have been cut off before the answers were written.
        let fraction = if truth.rounding < 0.5 { truth.rounding } else { 0.0 };
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for value in &values {
            sum += value - mean;
            sums.push(sum);
        }
        Self {
            sequence,
            mean,
            sums,
            given: sequence.of(&feature.values),
            tolerance: feature.tolerance() + fraction,
            spread: feature.spread,
            common: feature.common,
            train,
            truth: values,
        }
    }

    /// How the feature is made of the answers, if it is.
    pub(crate) fn made(&self) -> Option<Made> {
        let simple = windows().into_iter().find_map(|window| self.checked(window));
        simple.or_else(|| self.carried()).or_else(|| self.weighted())
    }

    fn checked(&self, window: Window) -> Option<Made> {
        let made = |place: usize| self.value(window, place);
        if !self.is_worth_a_try(&made) {
            return None;
        }
        let share = self.holds(&made, window.apart(), 1.0)?;
        let is_single = window.from == window.to && window.operation == Operation::Mean;
        Some(Made {
            how: window.words(),
            reach: window.reach(),
            step: is_single.then_some(window.from),
            share,
        })
    }

    /// False as soon as some rows show that it does not hold.
    fn is_worth_a_try(&self, made: &dyn Fn(usize) -> Option<f64>) -> bool {
        let step = (self.given.len() / TRIED).max(1);
        let (mut hits, mut misses) = (0_usize, 0_usize);
        for place in (0..self.given.len()).step_by(step) {
            let given = self.given.get(place).copied().unwrap_or(f64::NAN);
            let Some(made) = made(place).filter(|_| given.is_finite() && self.tells(place)) else { continue };
            if (made - given).abs() <= self.tolerance {
                hits += 1;
            } else {
                misses += 1;
            }
            if misses >= 2 && misses * 4 > hits {
                return false;
            }
        }
        hits >= MIN_ROWS
    }

    /// Share of the test rows on which it holds, where it does on both sides and not for rows some steps
    /// apart too.
    fn holds(&self, made: &dyn Fn(usize) -> Option<f64>, apart: isize, slack: f64) -> Option<f64> {
        let side = |is_test: bool| {
            let row = |place: &usize| self.sequence.rows.get(*place).copied().unwrap_or(0);
            (0..self.given.len())
                .filter(move |place| (row(place) >= self.train) == is_test)
                .filter(|place| self.tells(*place))
        };
        let shifted = |place: usize| made(self.sequence.moved(place, apart)?);
        let agrees = |is_test: bool| {
            let (share, rows) = agreement(side(is_test), &self.given, self.tolerance * slack, made);
            (rows >= MIN_ROWS && share >= HOLDS).then_some(share)
        };
        let test = agrees(true).filter(|_| agrees(false).is_some())?;
        let told = (0..self.given.len()).filter(|place| self.tells(*place));
        let (by_neighbour, _) = agreement(told, &self.given, self.tolerance * slack, shifted);
        (by_neighbour < BY_SMOOTHNESS).then_some(test)
    }

    /// True for a place whose value is not one that many rows have.
    fn tells(&self, place: usize) -> bool {
        self.given.get(place).is_some_and(|given| *given != self.common)
    }

    fn value(&self, window: Window, place: usize) -> Option<f64> {
        let truth = |at: usize| self.truth.get(at).copied();
        let other = || truth(self.sequence.moved(place, window.from)?);
        match window.operation {
            Operation::Difference => return Some(truth(place)? - other()?),
            Operation::Ratio => return Some(truth(place)? / other()?),
            Operation::Change => return Some(truth(place)? / other()? - 1.0),
            Operation::Percent => return Some((truth(place)? / other()? - 1.0) * 100.0),
            _ => {}
        }
        let (start, end) = *self.sequence.bounds.get(place)?;
        let at = isize::try_from(place).ok()?;
        let first = usize::try_from(at.saturating_add(window.from)).unwrap_or(0).max(start);
        let last = usize::try_from(at.saturating_add(window.to)).ok()?.min(end.checked_sub(1)?);
        let count = last.checked_sub(first)? + 1;
        let sum = || Some(self.sums.get(last + 1)? - self.sums.get(first)?);
        let sorted = || {
            let mut own = self.truth.get(first..=last).unwrap_or_default().to_vec();
            own.sort_by(f64::total_cmp);
            own
        };
        match window.operation {
            Operation::Mean => Some(sum()? / count as f64 + self.mean),
            Operation::Sum => Some(sum()? + self.mean * count as f64),
            Operation::Least => sorted().first().copied(),
            Operation::Greatest => sorted().last().copied(),
            Operation::Median => median(&sorted()),
            Operation::Deviation => sample_deviation(&sorted(), sum()? / count as f64 + self.mean),
            Operation::Difference | Operation::Ratio | Operation::Change | Operation::Percent => None,
        }
    }

    /// What is carried on from the row before with a part of the row itself: cumulative sums, smoothed values.
    fn carried(&self) -> Option<Made> {
        let before = |place: usize| self.given.get(self.sequence.moved(place, -1)?).copied();
        let own = |place: usize| self.truth.get(place).copied();
        let parts: [Part<'_>; 2] = [Box::new(before), Box::new(own)];
        let weights = self.weights(&parts, 1)?;
        let (last, row) = (weights.of.first()?, weights.of.get(1)?);
        // The row alone is a copy, of which another rule speaks.
        if last.abs() < 1e-3 {
            return None;
        }
        let how = format!(
            "{last:.3} times its value in the row before and {row:.3} times the answer of the row itself"
        );
        self.with(&parts, &weights, how)
    }

    /// A weighted sum of the answers around.
    fn weighted(&self) -> Option<Made> {
        let part = |by: isize| -> Part<'_> {
            Box::new(move |place| self.truth.get(self.sequence.moved(place, by)?).copied())
        };
        let parts: Vec<Part<'_>> = (-WEIGHTED..=WEIGHTED).map(part).collect();
        let weights = self.weights(&parts, usize::try_from(WEIGHTED).ok()?)?;
        let how = format!(
            "a weighted sum of the answers of the row itself and of {WEIGHTED} rows before and behind it"
        );
        self.with(&parts, &weights, how)
    }

    fn with(&self, parts: &[Part<'_>], weights: &Weights, how: String) -> Option<Made> {
        let made = |place: usize| {
            let each = parts.iter().zip(&weights.of);
            each.filter(|(_, weight)| **weight != 0.0)
                .try_fold(weights.shift, |sum, (part, weight)| Some(sum + weight * part(place)?))
        };
        let share = self.holds(&made, 1, CARRIED)?;
        Some(Made { how, reach: Reach::Own, step: None, share })
    }

    /// Weights of parts that make the feature on some rows of train, where the first ones alone do not.
    fn weights(&self, parts: &[Part<'_>], alone: usize) -> Option<Weights> {
        let is_train = |place: &usize| self.sequence.rows.get(*place).is_some_and(|row| *row < self.train);
        let is_whole = |place: &usize| parts.iter().all(|part| part(*place).is_some_and(f64::is_finite));
        let step = (self.train / FITTED).max(1);
        let places: Vec<usize> = (0..self.given.len())
            .filter(is_train)
            .step_by(step)
            .filter(|place| is_whole(place) && self.given.get(*place).is_some_and(|value| value.is_finite()))
            .collect();
        let columns: Vec<Vec<f64>> = parts
            .iter()
            .map(|part| places.iter().map(|place| part(*place).unwrap_or(f64::NAN)).collect())
            .collect();
        let terms: Vec<Term<'_>> = columns.iter().map(|values| Term { values, rounding: 0.0 }).collect();
        let sought: Vec<f64> = places.iter().filter_map(|place| self.given.get(*place)).copied().collect();
        let exact = |count: usize| {
            let terms = terms.get(..count)?;
            let rows: Vec<usize> = (0..places.len()).collect();
            let weights = fit(terms, &sought, &rows)?;
            let made = |row| weights.at(terms, row);
            let (share, _) = agreement(rows.iter().copied(), &sought, self.tolerance * CARRIED, made);
            Some((weights, share))
        };
        let (weights, share) = exact(terms.len())?;
        if share < HOLDS || exact(alone).is_some_and(|(_, share)| share >= BY_SMOOTHNESS) {
            return None;
        }
        // The answers must matter beyond what rounding hides.
        let least = 4.0 * self.tolerance.max(1e-3 * self.spread);
        let matters = |weight: &f64| weight.abs() * deviation(&self.truth) > least;
        weights.of.iter().skip(alone).any(matters).then_some(weights)
    }
}

impl Window {
    fn reach(self) -> Reach {
        match self.operation {
            Operation::Difference | Operation::Ratio | Operation::Change | Operation::Percent => Reach::Own,
            _ if self.from > 0 => Reach::Later,
            _ if self.to < 0 => Reach::Earlier,
            _ => Reach::Own,
        }
    }

    /// Steps between windows that have little in common: the greatest of neighbours is often the same.
    fn apart(self) -> isize {
        let is_sorted = matches!(self.operation, Operation::Least | Operation::Greatest | Operation::Median);
        if is_sorted { (self.to - self.from + 1).clamp(1, LONGEST) } else { 1 }
    }

    fn words(self) -> String {
        let what = match self.operation {
            Operation::Mean if self.from == self.to => "",
            Operation::Mean => "the mean of ",
            Operation::Sum => "the sum of ",
            Operation::Least => "the least of ",
            Operation::Greatest => "the greatest of ",
            Operation::Median => "the median of ",
            Operation::Deviation => "the standard deviation of ",
            Operation::Difference => "the difference between ",
            Operation::Ratio => "the ratio of ",
            Operation::Change => "the relative change between ",
            Operation::Percent => "the change in per cent between ",
        };
        let count = |rows: isize| if rows >= ALL { "all".to_owned() } else { rows.to_string() };
        let rows = match (self.reach(), self.from, self.to) {
            (_, from, to) if from == to && from < 0 => format!("the answer {} rows before", -from),
            (_, from, to) if from == to => format!("the answer {from} rows behind"),
            (Reach::Own, from, _) if self.operation as u8 >= Operation::Difference as u8 => {
                format!("the answer of the row itself and that {} rows before", -from)
            }
            (Reach::Own, from, to) => {
                format!(
                    "the answers of the row itself, {} rows before and {} behind it",
                    count(-from),
                    count(to)
                )
            }
            (Reach::Earlier, from, _) => format!("the answers of {} rows before", count(-from)),
            (Reach::Later, _, to) => format!("the answers of {} rows behind", count(to)),
        };
        format!("{what}{rows}")
    }
}

/// All windows that are tried, those of the row itself first.
fn windows() -> Vec<Window> {
    use Operation::{Change, Deviation, Difference, Greatest, Least, Mean, Median, Percent, Ratio, Sum};
    let mut spans: Vec<(isize, isize)> = Vec::new();
    spans.extend((1..=SORTED).flat_map(|half| [(-half, half), (-half, half - 1)]));
    spans.extend((1..LONGEST).chain(FAR.map(|far| far - 1)).chain([ALL]).flat_map(|n| [(-n, 0), (0, n)]));
    let mut windows = Vec::new();
    for &(from, to) in &spans {
        let operations: &[Operation] = match to - from {
            length if length <= SORTED * 2 => &[Mean, Sum, Least, Greatest, Median, Deviation],
            _ => &[Mean, Sum],
        };
        windows.extend(operations.iter().map(|&operation| Window { operation, from, to }));
    }
    for step in (1..=LONGEST).chain(FAR) {
        windows.extend([Difference, Ratio, Change, Percent].map(|operation| Window {
            operation,
            from: -step,
            to: 0,
        }));
        windows.extend([step, -step].map(|at| Window { operation: Mean, from: at, to: at }));
        windows.extend([Mean, Sum].map(|operation| Window { operation, from: -step, to: -1 }));
        windows.extend([Mean, Sum].map(|operation| Window { operation, from: 1, to: step }));
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of which none follows from those before it.
    fn mixed(row: usize) -> usize {
        let mut x = (row as u64 + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^= x >> 27;
        x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) as usize >> 3
    }

    fn numbers(values: Vec<f64>, rounding: f64) -> Numbers {
        Numbers::new("x", values, rounding)
    }

    /// What is found for a feature that is made of the answers of 300 rows, 240 of them of train.
    fn found(of: impl Fn(usize, &[f64]) -> f64) -> Option<Made> {
        let truth: Vec<f64> = (0..300).map(|row| (mixed(row) % 500) as f64).collect();
        let feature: Vec<f64> = (0..300).map(|row| (of(row, &truth) * 1000.0).round() / 1000.0).collect();
        let sequence = Sequence {
            name: "in the order of the tables".to_owned(),
            rows: (0..300).collect(),
            bounds: vec![(0, 300); 300],
        };
        Aligned::new(&sequence, 240, &numbers(feature, 5e-4), &numbers(truth, 0.5)).made()
    }

    fn span(row: usize, before: usize, behind: usize, truth: &[f64]) -> &[f64] {
        &truth[row.saturating_sub(before)..(row + behind + 1).min(truth.len())]
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len().max(1) as f64
    }

    #[test]
    fn windows_of_the_row_itself_are_found() {
        let reach = |of: &dyn Fn(usize, &[f64]) -> f64| found(of).map(|made| made.reach);
        let own = Some(Reach::Own);
        assert_eq!(reach(&|row, y| mean(span(row, 3, 3, y))), own);
        assert_eq!(reach(&|row, y| mean(span(row, 6, 0, y))), own);
        assert_eq!(reach(&|row, y| span(row, 0, 4, y).iter().copied().fold(0.0, f64::max)), own);
        assert_eq!(reach(&|row, y| y[row] - y[row.saturating_sub(1)]), own);
        assert_eq!(reach(&|row, y| y[..=row].iter().sum()), own);
        assert_eq!(reach(&|row, y| y[row] - mean(span(row, 3, 3, y))), own);
        let smoothed = |row: usize, y: &[f64]| y[..=row].iter().fold(0.0, |last, y| 0.7 * last + 0.3 * y);
        assert_eq!(reach(&smoothed), own);
    }

    #[test]
    fn other_rows_are_told_apart() {
        let made = found(|row, y| y[(row + 299) % 300]).unwrap();
        assert_eq!((made.reach, made.step), (Reach::Earlier, Some(-1)));
        let made = found(|row, y| y[(row + 2) % 300]).unwrap();
        assert_eq!((made.reach, made.step), (Reach::Later, Some(2)));
        let made = found(|row, y| mean(span(row.saturating_sub(1), 6, 0, y))).unwrap();
        assert_eq!((made.reach, made.step), (Reach::Earlier, None));
    }

    #[test]
    fn features_that_only_go_along_are_none() {
        assert_eq!(found(|row, _| mixed(row + 31) as f64 % 77.0), None);
        assert_eq!(found(|row, y| y[row] + (mixed(row + 31) % 40) as f64), None);
        assert_eq!(found(|row, _| row as f64), None);
        let rising = |row: usize, _: &[f64]| row as f64 + (mixed(row + 3) % 5) as f64;
        assert_eq!(found(rising), None);
    }
}
