//! Copies of training examples among the test examples, and when they compromise the score.

use smith_data::TextColumn;
use smith_task_schema::Severity;

use super::columns::number;
use super::target::target_hashes;
use crate::subject::Examples;

/// Share of the test examples from which on copies are worth a warning, and the least number of them.
pub(crate) const WARNED_SHARE: f64 = 0.02;
const WARNED_COUNT: usize = 3;
/// Share from which on copies that the data do not have by nature make the score worthless.
pub(crate) const BROKEN_SHARE: f64 = 0.2;
/// Share from which on any copies do.
const ANY_BROKEN_SHARE: f64 = 0.5;
const BROKEN_COUNT: usize = 10;
/// How much more frequent copies must be across the split than among the training examples, and by how many standard
/// deviations, to have been put there: a split alone finds as many across as within.
const PLANTED_RATIO: f64 = 3.0;
const PLANTED_MORE: f64 = 0.015;
const PLANTED_DEVIATIONS: f64 = 6.0;
/// Share of the planted copies that have the target of what they copy.
const PLANTED_AGREEMENT: f64 = 0.8;
/// How much rarer copies must be in the raw data for `prepare` to have made them.
const MADE_RATIO: f64 = 4.0;
/// Share of the copies that have the target of what they copy.
const AGREEMENT: f64 = 0.9;
/// Pairs that are shown.
const SHOWN: usize = 3;

/// What was found when test examples were compared with training examples.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copies {
    /// Test examples that were compared.
    pub(crate) compared: usize,
    /// Those with a copy in train.
    pub(crate) copied: usize,
    /// Those whose copy has the same target.
    pub(crate) same: usize,
    /// Share of the training examples that have a copy among themselves, with the same target.
    pub(crate) natural: f64,
    /// Share of the training examples that were looked at.
    pub(crate) seen_of_train: f64,
    /// Share of the raw examples that have a copy among themselves, where it was looked at.
    pub(crate) raw: Option<f64>,
    /// False where examples agree by chance, because they hold little.
    pub(crate) telling: bool,
    /// True when copies agree in all that is known of an example.
    pub(crate) whole: bool,
    /// Some copies: test example and training example.
    pub(crate) examples: Vec<(usize, usize)>,
}

/// Which training example each example is a copy of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Twins {
    /// For each test example that was compared its position and the position of its copy in train.
    pub(crate) test: Vec<(usize, Option<usize>)>,
    /// The same for training examples among themselves.
    pub(crate) train: Vec<(usize, Option<usize>)>,
}

/// Tells whether two examples have the same target.
pub(crate) struct SameTarget {
    train: Side,
    test: Side,
    /// Numbers that differ by less are the same.
    tolerance: f64,
}

struct Side {
    hashes: Vec<u64>,
    /// The only target, where it is a number.
    numbers: Vec<f64>,
}

impl Side {
    fn of(examples: &Examples) -> Self {
        let numbers = match examples.targets.as_slice() {
            [only] => numbers(only),
            _ => Vec::new(),
        };
        Self { hashes: target_hashes(&examples.targets, examples.rows), numbers }
    }
}

fn numbers(column: &TextColumn) -> Vec<f64> {
    column.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect()
}

impl SameTarget {
    pub(crate) fn of(train: &Examples, test: &Examples) -> Self {
        let (train, test) = (Side::of(train), Side::of(test));
        let finite: Vec<f64> = train.numbers.iter().copied().filter(|x| x.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len().max(1) as f64;
        let variance = finite.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / finite.len().max(1) as f64;
        let mut distinct = finite;
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let tolerance = if distinct.len() > 20 { 0.02 * variance.sqrt() } else { 0.0 };
        Self { train, test, tolerance }
    }

    fn agree(&self, a: (&Side, usize), b: (&Side, usize)) -> bool {
        if a.0.hashes.get(a.1) == b.0.hashes.get(b.1) {
            return true;
        }
        let numbers = a.0.numbers.get(a.1).zip(b.0.numbers.get(b.1));
        numbers.is_some_and(|(x, y)| (x - y).abs() <= self.tolerance)
    }

    fn across(&self, test: usize, train: usize) -> bool {
        self.agree((&self.test, test), (&self.train, train))
    }

    fn within(&self, a: usize, b: usize) -> bool {
        self.agree((&self.train, a), (&self.train, b))
    }
}

impl Copies {
    /// Counts twins. `telling` and `whole` are as in [`Copies`].
    pub(crate) fn count(
        twins: &Twins,
        same: &SameTarget,
        train_rows: usize,
        telling: bool,
        whole: bool,
    ) -> Self {
        let pairs = twins.test.iter().filter_map(|(test, train)| Some((*test, (*train)?)));
        let alike: Vec<(usize, usize)> =
            pairs.clone().filter(|(test, train)| same.across(*test, *train)).collect();
        let within =
            twins.train.iter().filter(|(own, other)| other.is_some_and(|other| same.within(*own, other)));
        Self {
            compared: twins.test.len(),
            copied: pairs.count(),
            same: alike.len(),
            natural: within.count() as f64 / twins.train.len().max(1) as f64,
            seen_of_train: twins.train.len() as f64 / train_rows.max(1) as f64,
            raw: None,
            telling,
            whole,
            examples: alike.into_iter().take(SHOWN).collect(),
        }
    }

    /// Share of the test examples with a copy that has the same target. Where only a part of train was looked at, as
    /// many more are expected in the rest.
    pub(crate) fn share(&self) -> f64 {
        let seen = if self.seen_of_train > 0.0 { self.seen_of_train.min(1.0) } else { 1.0 };
        (self.same as f64 / self.compared.max(1) as f64 / seen).min(1.0)
    }

    /// How often a copy has the same target.
    pub(crate) fn agreement(&self) -> f64 {
        self.same as f64 / self.copied.max(1) as f64
    }

    /// How much the copies weigh; none when there are few, or no more than chance makes.
    pub(crate) fn weight(&self) -> Option<Severity> {
        let (share, natural) = (self.share(), self.natural);
        if !self.telling || share < WARNED_SHARE || self.same < WARNED_COUNT {
            return None;
        }
        let many = self.same >= BROKEN_COUNT;
        let is_made = share >= BROKEN_SHARE && share >= 2.0 * natural + 0.1;
        let is_worthless = self.whole && share >= ANY_BROKEN_SHARE && self.agreement() >= AGREEMENT;
        let unnatural = share >= 2.0 * natural + WARNED_SHARE;
        match () {
            () if many && (is_made || is_worthless || self.are_planted() || self.are_made()) => {
                Some(Severity::Error)
            }
            () if self.whole || unnatural => Some(Severity::Warning),
            () => None,
        }
    }
}

impl Copies {
    /// True when far more test examples have a copy than a split of these data would give.
    fn are_planted(&self) -> bool {
        let (compared, same) = (self.compared.max(1) as f64, self.same as f64);
        let share = same / compared;
        let expected = self.natural * compared;
        let deviation = (expected * (1.0 - self.natural) + 1.0).sqrt();
        self.agreement() >= PLANTED_AGREEMENT
            && share >= PLANTED_RATIO * self.natural + PLANTED_MORE
            && same - expected >= PLANTED_DEVIATIONS * deviation
    }

    /// True when the raw data do not have such copies.
    fn are_made(&self) -> bool {
        self.agreement() >= AGREEMENT && self.raw.is_some_and(|raw| raw * MADE_RATIO <= self.share())
    }

    /// True when it is worth the work to look at the raw data: there are copies, and nothing else decides.
    pub(crate) fn is_open(&self) -> bool {
        let counts = self.telling && self.share() >= WARNED_SHARE && self.same >= BROKEN_COUNT;
        counts && self.agreement() >= AGREEMENT && self.weight() != Some(Severity::Error)
    }
}

/// Twins by equal keys: test examples among train, and training examples among themselves.
pub(crate) fn by_key<K: std::hash::Hash + Eq>(train: &[(usize, K)], test: &[(usize, K)]) -> Twins {
    let mut first: std::collections::HashMap<&K, (usize, Option<usize>)> = std::collections::HashMap::new();
    for (row, key) in train {
        first.entry(key).and_modify(|seen| seen.1 = seen.1.or(Some(*row))).or_insert((*row, None));
    }
    let of_train = |(row, key): &(usize, K)| {
        let other = first.get(key).and_then(|(one, two)| if one == row { *two } else { Some(*one) });
        (*row, other)
    };
    Twins {
        test: test.iter().map(|(row, key)| (*row, first.get(key).map(|(one, _)| *one))).collect(),
        train: train.iter().map(of_train).collect(),
    }
}

/// Twins from a list in which training examples come first: for each item the first earlier one that it is like.
pub(crate) fn by_first_alike(train: &[usize], test: &[usize], alike: &[Option<usize>]) -> Twins {
    let in_train = |at: usize| alike.get(at).copied().flatten().and_then(|other| train.get(other).copied());
    let mut twins = Twins {
        test: test.iter().enumerate().map(|(at, row)| (*row, in_train(train.len() + at))).collect(),
        train: train.iter().enumerate().map(|(at, row)| (*row, in_train(at))).collect(),
    };
    // Who is found by a later one has a copy too.
    for at in 0..train.len() {
        if let Some(other) = alike.get(at).copied().flatten()
            && let (Some(row), Some(place)) = (train.get(at), twins.train.get_mut(other))
            && place.1.is_none()
        {
            place.1 = Some(*row);
        }
    }
    twins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(compared: usize, same: usize, natural: f64) -> Copies {
        Copies {
            compared,
            copied: same,
            same,
            natural,
            seen_of_train: 1.0,
            raw: None,
            telling: true,
            whole: true,
            examples: vec![],
        }
    }

    #[test]
    fn weights() {
        assert_eq!(copies(1_000, 10, 0.0).weight(), None);
        assert_eq!(copies(100, 2, 0.0).weight(), None);
        assert_eq!(copies(1_000, 50, 0.05).weight(), Some(Severity::Warning));
        // Planted: among training examples there are none.
        assert_eq!(copies(1_000, 25, 0.0).weight(), Some(Severity::Error));
        assert_eq!(copies(1_000, 50, 0.02).weight(), Some(Severity::Warning));
        // Made by prepare: among raw examples there are none.
        assert_eq!(Copies { raw: Some(0.0), ..copies(1_000, 50, 0.05) }.weight(), Some(Severity::Error));
        assert_eq!(Copies { raw: Some(0.04), ..copies(1_000, 50, 0.05) }.weight(), Some(Severity::Warning));
        assert_eq!(copies(1_000, 300, 0.0).weight(), Some(Severity::Error));
        assert_eq!(copies(1_000, 300, 0.3).weight(), Some(Severity::Warning));
        assert_eq!(copies(1_000, 600, 0.6).weight(), Some(Severity::Error));
        assert_eq!(copies(20, 6, 0.0).weight(), Some(Severity::Warning));
        assert_eq!(Copies { telling: false, ..copies(1_000, 900, 0.0) }.weight(), None);
        assert_eq!(Copies { whole: false, ..copies(1_000, 600, 0.6) }.weight(), None);
        assert_eq!(Copies { copied: 900, ..copies(1_000, 600, 0.6) }.weight(), Some(Severity::Warning));
    }

    #[test]
    fn twins_are_found_on_both_sides() {
        let twins = by_key(&[(0, "a"), (1, "b"), (2, "a")], &[(0, "b"), (1, "c")]);
        assert_eq!(twins.test, [(0, Some(1)), (1, None)]);
        assert_eq!(twins.train, [(0, Some(2)), (1, None), (2, Some(0))]);
        let twins = by_first_alike(&[5, 6, 7], &[8, 9], &[None, Some(0), None, Some(2), Some(3)]);
        assert_eq!(twins.test, [(8, Some(7)), (9, None)]);
        assert_eq!(twins.train, [(5, Some(6)), (6, Some(5)), (7, None)]);
    }
}
