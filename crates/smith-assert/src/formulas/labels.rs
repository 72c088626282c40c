//! What is counted of labels, one for each row or several.

/// More classes are on no scale.
const MOST_ON_A_SCALE: usize = 200;

/// What is computed of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// F with this weight of recall.
    F(f64),
    Precision,
    Recall,
    Jaccard,
}

/// How classes are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Average {
    /// The mean over all classes that are true or predicted somewhere.
    Macro,
    /// The mean over the classes that are true somewhere.
    MacroOfTrue,
    /// The mean over the classes that are predicted somewhere: a mistake, since it forgets those that nobody predicts.
    MacroOfGiven,
    /// All classes counted together.
    Micro,
    /// The mean, weighted by how often classes are true.
    Weighted,
    /// The mean over rows.
    Samples,
    /// One class of two, the greater one when `true`.
    One(bool),
}

/// Weights of a kappa.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weights {
    None,
    Linear,
    Quadratic,
}

/// Classes of rows: the true ones and the predicted ones, as numbers below `classes`.
#[derive(Debug, Clone, Default)]
pub(super) struct Marked {
    pub(super) truth: Vec<Vec<u32>>,
    pub(super) given: Vec<Vec<u32>>,
    pub(super) classes: usize,
}

/// Counts of one class, or of all together.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    hits: f64,
    truth: f64,
    given: f64,
}

impl Part {
    /// 0 where nothing can be said.
    fn of(self, count: Count) -> f64 {
        let Count { hits, truth, given } = count;
        let (above, below) = match self {
            Self::F(beta) => ((1.0 + beta * beta) * hits, beta * beta * truth + given),
            Self::Precision => (hits, given),
            Self::Recall => (hits, truth),
            Self::Jaccard => (hits, truth + given - hits),
        };
        if below > 0.0 { above / below } else { 0.0 }
    }
}

impl Marked {
    fn counts(&self) -> Vec<Count> {
        let mut counts = vec![Count::default(); self.classes];
        let mut count = |class: u32, of: fn(&mut Count)| {
            if let Some(place) = counts.get_mut(class as usize) {
                of(place);
            }
        };
        for (truth, given) in self.truth.iter().zip(&self.given) {
            truth.iter().for_each(|&class| count(class, |count| count.truth += 1.0));
            given.iter().for_each(|&class| count(class, |count| count.given += 1.0));
            truth
                .iter()
                .filter(|class| given.contains(class))
                .for_each(|&class| count(class, |c| c.hits += 1.0));
        }
        counts
    }

    /// `part` over all classes.
    pub(super) fn averaged(&self, part: Part, average: Average) -> Option<f64> {
        if average == Average::Samples {
            return self.of_rows(part);
        }
        let counts = self.counts();
        let mean = |of: &dyn Fn(&&Count) -> bool| {
            let parts: Vec<f64> = counts.iter().filter(of).map(|count| part.of(*count)).collect();
            (!parts.is_empty()).then(|| parts.iter().sum::<f64>() / parts.len() as f64)
        };
        match average {
            Average::Macro => mean(&|count| count.truth + count.given > 0.0),
            Average::MacroOfTrue => mean(&|count| count.truth > 0.0),
            Average::MacroOfGiven => mean(&|count| count.given > 0.0),
            Average::Micro => Some(part.of(counts.iter().fold(Count::default(), |a, b| Count {
                hits: a.hits + b.hits,
                truth: a.truth + b.truth,
                given: a.given + b.given,
            }))),
            Average::Weighted => {
                let all: f64 = counts.iter().map(|count| count.truth).sum();
                let sum: f64 = counts.iter().map(|count| count.truth * part.of(*count)).sum();
                (all > 0.0).then(|| sum / all)
            }
            Average::One(greater) => match &counts[..] {
                [less, more] => Some(part.of(if greater { *more } else { *less })),
                _ => None,
            },
            Average::Samples => None,
        }
    }

    /// Rows in which nothing is true and nothing predicted count 1 for Jaccard and F, as most have it.
    fn of_rows(&self, part: Part) -> Option<f64> {
        let row = |truth: &Vec<u32>, given: &Vec<u32>| {
            let hits = truth.iter().filter(|class| given.contains(class)).count();
            if truth.is_empty() && given.is_empty() {
                return 1.0;
            }
            part.of(Count { hits: hits as f64, truth: truth.len() as f64, given: given.len() as f64 })
        };
        let sum: f64 = self.truth.iter().zip(&self.given).map(|(truth, given)| row(truth, given)).sum();
        (!self.truth.is_empty()).then(|| sum / self.truth.len() as f64)
    }

    /// Rows whose classes are exactly the true ones.
    pub(super) fn exact(&self) -> Option<f64> {
        let same = |a: &[u32], b: &[u32]| a.len() == b.len() && a.iter().all(|class| b.contains(class));
        let right = self.truth.iter().zip(&self.given).filter(|(truth, given)| same(truth, given)).count();
        (!self.truth.is_empty()).then(|| right as f64 / self.truth.len() as f64)
    }

    /// The correlation of Matthews, for any number of classes; 0 where one side is constant.
    pub(super) fn matthews(&self) -> f64 {
        let counts = self.counts();
        let sum = |of: &dyn Fn(&Count) -> f64| counts.iter().map(of).sum::<f64>();
        let rows = self.truth.len() as f64;
        let common = sum(&|count| count.hits) * rows - sum(&|count| count.truth * count.given);
        let spread = |of: f64| rows * rows - of;
        let spreads = spread(sum(&|count| count.truth.powi(2))) * spread(sum(&|count| count.given.powi(2)));
        if spreads > 0.0 { common / spreads.sqrt() } else { 0.0 }
    }

    /// Agreement beyond chance. `values` are the places of the classes on a scale.
    pub(super) fn kappa(&self, weights: Weights, values: &[f64]) -> Option<f64> {
        if self.classes > MOST_ON_A_SCALE {
            return None;
        }
        let rows = self.truth.len() as f64;
        let value = |class: usize| values.get(class).copied().unwrap_or(0.0);
        let weight = |a: usize, b: usize| match weights {
            Weights::None => f64::from(a != b),
            Weights::Linear => (value(a) - value(b)).abs(),
            Weights::Quadratic => (value(a) - value(b)).powi(2),
        };
        let pairs = self.truth.iter().zip(&self.given);
        let observed: f64 =
            pairs.filter_map(|(t, p)| Some(weight(*t.first()? as usize, *p.first()? as usize))).sum();
        let counts = self.counts();
        let mut expected = 0.0;
        for (a, truth) in counts.iter().enumerate().filter(|(_, count)| count.truth > 0.0) {
            for (b, given) in counts.iter().enumerate() {
                expected += weight(a, b) * truth.truth * given.given / rows;
            }
        }
        (expected > 0.0).then(|| 1.0 - observed / expected)
    }
}
