//! Ranked lists against what is relevant.

/// What a sum of precisions is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denominator {
    /// Everything relevant, or the length of the list when that is less.
    Reachable,
    /// Everything relevant.
    Relevant,
    /// The length of the list.
    Length,
    /// What was found.
    Found,
}

/// What a gain at a rank, from 1, is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discount {
    /// log2(rank + 1).
    Usual,
    /// log2(rank + 2), which is off by one.
    Late,
    /// log2(rank), 1 for the first two.
    Early,
    /// The rank itself.
    Rank,
    /// Nothing.
    None,
}

/// The gains of what stands at each rank of a list, and of everything that is relevant, the greatest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranked {
    pub(super) gains: Vec<f64>,
    pub(super) relevant: Vec<f64>,
}

impl Discount {
    fn of(self, rank: usize) -> f64 {
        let rank = rank as f64;
        match self {
            Self::Usual => (rank + 1.0).log2(),
            Self::Late => (rank + 2.0).log2(),
            Self::Early => rank.log2().max(1.0),
            Self::Rank => rank,
            Self::None => 1.0,
        }
    }
}

impl Ranked {
    fn hits(&self, k: usize) -> f64 {
        self.gains.iter().take(k).filter(|gain| **gain > 0.0).count() as f64
    }

    /// The mean of the precisions at the ranks of what is relevant.
    pub(super) fn average_precision(&self, k: usize, denominator: Denominator) -> f64 {
        let (mut hits, mut sum) = (0.0, 0.0);
        for (rank, gain) in self.gains.iter().take(k).enumerate() {
            if *gain > 0.0 {
                hits += 1.0;
                sum += hits / (rank as f64 + 1.0);
            }
        }
        let relevant = self.relevant.len();
        let below = match denominator {
            Denominator::Reachable => relevant.min(k) as f64,
            Denominator::Relevant => relevant as f64,
            Denominator::Length if k == usize::MAX => self.gains.len() as f64,
            Denominator::Length => k as f64,
            Denominator::Found => hits,
        };
        if below > 0.0 { sum / below } else { 0.0 }
    }

    pub(super) fn reciprocal_rank(&self, k: usize) -> f64 {
        let first = self.gains.iter().take(k).position(|gain| *gain > 0.0);
        first.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0))
    }

    /// The discounted gain as part of the best that can be had. `exponential` gains are 2^gain - 1.
    pub(super) fn ndcg(&self, k: usize, exponential: bool, discount: Discount) -> f64 {
        let gain = |gain: f64| if exponential { gain.exp2() - 1.0 } else { gain };
        let sum = |gains: &[f64]| {
            let ranks = gains.iter().take(k).enumerate();
            ranks.map(|(rank, of)| gain(*of) / discount.of(rank + 1)).sum::<f64>()
        };
        let best = sum(&self.relevant);
        if best > 0.0 { sum(&self.gains) / best } else { 0.0 }
    }

    pub(super) fn recall(&self, k: usize, of_reachable: bool) -> f64 {
        let relevant = self.relevant.len();
        let below = if of_reachable { relevant.min(k) } else { relevant } as f64;
        if below > 0.0 { self.hits(k) / below } else { 0.0 }
    }

    /// Found ones as part of `k`, or of the length of the list when that is less.
    pub(super) fn precision(&self, k: usize, of_given: bool) -> f64 {
        let length = if of_given || k == usize::MAX { self.gains.len().min(k) } else { k };
        if length > 0 { self.hits(k) / length as f64 } else { 0.0 }
    }

    pub(super) fn hit(&self, k: usize) -> f64 {
        f64::from(self.hits(k) > 0.0)
    }
}
