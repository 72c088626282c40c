//! Who beat whom how often, and what the graph of it says of the likelihood.

use super::battles::{Row, Winner};

/// Weighted outcomes between two models, a tie being half of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) first: u32,
    pub(crate) second: u32,
    /// Weight of the first one's wins.
    pub(crate) won: f64,
    /// Weight of the second one's wins.
    pub(crate) lost: f64,
}

impl Pair {
    pub(crate) fn weight(&self) -> f64 {
        self.won + self.lost
    }
}

/// The weights that an outcome adds to the wins of the first and of the second model.
pub(crate) fn halves(winner: Winner, weight: f64) -> (f64, f64) {
    match winner {
        Winner::A => (weight, 0.0),
        Winner::B => (0.0, weight),
        Winner::Tie => (weight / 2.0, weight / 2.0),
    }
}

/// The pairs that met, in order, with their outcomes.
pub(crate) fn pairs(rows: &[Row], models: usize) -> Vec<Pair> {
    let mut won = vec![0.0_f64; models * models];
    for row in rows {
        let (first, second) = halves(row.winner, row.weight);
        won[row.first as usize * models + row.second as usize] += first;
        won[row.second as usize * models + row.first as usize] += second;
    }
    pairs_of(&won, models)
}

/// The pairs that met in a square matrix of wins (row beat column).
pub(crate) fn pairs_of(won: &[f64], models: usize) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for first in 0..models {
        for second in first + 1..models {
            let pair = Pair {
                first: first as u32,
                second: second as u32,
                won: won[first * models + second],
                lost: won[second * models + first],
            };
            if pair.weight() > 0.0 {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// Where the pair of two models stands among the pairs.
pub(crate) struct PairNumbers {
    models: usize,
    numbers: Vec<u32>,
}

impl PairNumbers {
    pub(crate) fn new(pairs: &[Pair], models: usize) -> Self {
        let mut numbers = vec![0; models * models];
        for (number, pair) in (0..).zip(pairs) {
            numbers[pair.first as usize * models + pair.second as usize] = number;
        }
        Self { models, numbers }
    }

    pub(crate) fn of(&self, row: &Row) -> u32 {
        self.numbers[row.first as usize * self.models + row.second as usize]
    }
}

/// Battles that are alike: of one pair, outcome and weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    /// Number of the pair.
    pub(crate) pair: u32,
    pub(crate) winner: Winner,
    pub(crate) weight: f64,
    /// How many there are.
    pub(crate) count: u64,
}

/// Counts the battles that are alike, in an order that does not hang on theirs.
pub(crate) fn cells(rows: &[Row], pairs: &[Pair], models: usize) -> Vec<Cell> {
    const OUTCOMES: [Winner; 3] = [Winner::A, Winner::B, Winner::Tie];
    let numbers = PairNumbers::new(pairs, models);
    // Most battles weigh one: those are counted without sorting.
    let mut plain = vec![0_u64; pairs.len() * OUTCOMES.len()];
    let mut others = Vec::new();
    for row in rows {
        let pair = numbers.of(row);
        if row.weight == 1.0 {
            plain[pair as usize * OUTCOMES.len() + row.winner as usize] += 1;
        } else {
            others.push((pair, row.winner, row.weight.to_bits()));
        }
    }
    others.sort_unstable();
    let weighted = others.chunk_by(|a, b| a == b).map(|alike| {
        let (pair, winner, bits) = alike[0];
        Cell { pair, winner, weight: f64::from_bits(bits), count: alike.len() as u64 }
    });
    (0..pairs.len() as u32)
        .flat_map(|pair| OUTCOMES.map(|winner| (pair, winner)))
        .zip(plain)
        .filter(|(_, count)| *count > 0)
        .map(|((pair, winner), count)| Cell { pair, winner, weight: 1.0, count })
        .chain(weighted)
        .collect()
}

/// For each model, those that it leads to.
struct Edges(Vec<Vec<u32>>);

impl Edges {
    fn new(pairs: &[Pair], models: usize, is_edge: impl Fn(f64) -> bool) -> Self {
        let mut edges = vec![Vec::new(); models];
        for pair in pairs {
            if is_edge(pair.won) {
                edges[pair.first as usize].push(pair.second);
            }
            if is_edge(pair.lost) {
                edges[pair.second as usize].push(pair.first);
            }
        }
        Self(edges)
    }

    fn reversed(&self) -> Self {
        let mut edges = vec![Vec::new(); self.0.len()];
        for (from, targets) in (0..).zip(&self.0) {
            for &to in targets {
                edges[to as usize].push(from);
            }
        }
        Self(edges)
    }

    /// Adds to `order` what can be reached from `start` and was not seen yet, each model after those behind it.
    fn visit(&self, start: u32, seen: &mut [bool], order: &mut Vec<u32>) {
        if std::mem::replace(&mut seen[start as usize], true) {
            return;
        }
        let mut path = vec![(start, 0)];
        while let Some((model, next)) = path.last_mut() {
            match self.0[*model as usize].get(*next) {
                Some(&target) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[target as usize], true) {
                        path.push((target, 0));
                    }
                }
                None => {
                    order.push(*model);
                    path.pop();
                }
            }
        }
    }
}

/// Groups of models that are linked by comparisons, each in order; the first holds the first model.
pub(crate) fn connected(pairs: &[Pair], models: usize) -> Vec<Vec<u32>> {
    let edges = Edges::new(pairs, models, |_| true);
    let mut seen = vec![false; models];
    let mut groups = Vec::new();
    for model in 0..models as u32 {
        let mut group = Vec::new();
        edges.visit(model, &mut seen, &mut group);
        if !group.is_empty() {
            group.sort_unstable();
            groups.push(group);
        }
    }
    groups
}

/// Groups of models that beat each other in a circle, the winning ones first: no model of a group ever lost to one of
/// a later group. One group of all is the condition for a maximum of the likelihood (Ford 1957).
pub(crate) fn tiers(pairs: &[Pair], models: usize) -> Vec<Vec<u32>> {
    let beats = Edges::new(pairs, models, |wins| wins > 0.0);
    let (mut seen, mut order) = (vec![false; models], Vec::with_capacity(models));
    for model in 0..models as u32 {
        beats.visit(model, &mut seen, &mut order);
    }
    let loses = beats.reversed();
    seen.fill(false);
    let mut tiers = Vec::new();
    for &model in order.iter().rev() {
        let mut tier = Vec::new();
        loses.visit(model, &mut seen, &mut tier);
        if !tier.is_empty() {
            tier.sort_unstable();
            tiers.push(tier);
        }
    }
    tiers
}

/// True when the models that are there make one tier: what a round of the bootstrap asks, so quick for few models.
pub(crate) fn is_one_tier(pairs: &[Pair], is_there: &[bool]) -> bool {
    const BITS: usize = u64::BITS as usize;
    let models = is_there.len();
    if models > BITS {
        // A model that is not there is a tier of its own.
        let missing = is_there.iter().filter(|there| !**there).count();
        return tiers(pairs, models).len() == missing + 1;
    }
    let (mut beats, mut loses) = ([0_u64; BITS], [0_u64; BITS]);
    for pair in pairs {
        let (first, second) = (pair.first as usize, pair.second as usize);
        if pair.won > 0.0 {
            beats[first] |= 1 << second;
            loses[second] |= 1 << first;
        }
        if pair.lost > 0.0 {
            beats[second] |= 1 << first;
            loses[first] |= 1 << second;
        }
    }
    let all = (0..models).filter(|model| is_there[*model]).fold(0_u64, |all, model| all | 1 << model);
    reached(&beats, all) == all && reached(&loses, all) == all
}

/// What can be reached from the first of `all`.
fn reached(edges: &[u64], all: u64) -> u64 {
    let mut reached = all & all.wrapping_neg();
    let mut open = reached;
    while open != 0 {
        let model = open.trailing_zeros() as usize;
        open &= open - 1;
        open |= edges[model] & !reached;
        reached |= edges[model];
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(first: u32, second: u32, won: f64, lost: f64) -> Pair {
        Pair { first, second, won, lost }
    }

    #[test]
    fn groups_are_linked_by_any_comparison() {
        let pairs = [pair(0, 2, 1.0, 0.0), pair(1, 3, 0.5, 0.5)];
        assert_eq!(connected(&pairs, 5), [vec![0, 2], vec![1, 3], vec![4]]);
        assert_eq!(connected(&[pair(0, 1, 0.0, 1.0)], 2), [vec![0, 1]]);
    }

    #[test]
    fn battles_that_are_alike_are_counted() {
        let row = |winner, weight| Row { first: 0, second: 1, winner, weight, task: None, category: None };
        let rows = [row(Winner::A, 1.0), row(Winner::Tie, 2.0), row(Winner::A, 1.0), row(Winner::A, 2.0)];
        let cell = |winner, weight, count| Cell { pair: 0, winner, weight, count };
        assert_eq!(
            cells(&rows, &pairs(&rows, 2), 2),
            [cell(Winner::A, 1.0, 2), cell(Winner::A, 2.0, 1), cell(Winner::Tie, 2.0, 1)]
        );
    }

    #[test]
    fn the_quick_way_finds_the_same_tiers() {
        // Every way in which three pairs of four models, of which one may be missing, can end.
        for code in 0..4_usize.pow(6) {
            let ends = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
            let outcomes = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)];
            let pairs: Vec<Pair> = ends
                .iter()
                .enumerate()
                .map(|(place, (a, b))| {
                    let (won, lost) = outcomes[code / 4_usize.pow(place as u32) % 4];
                    pair(*a, *b, won, lost)
                })
                .filter(|pair| pair.weight() > 0.0)
                .collect();
            let is_there: Vec<bool> =
                (0..4).map(|model| pairs.iter().any(|p| p.first == model || p.second == model)).collect();
            let missing = is_there.iter().filter(|there| !**there).count();
            let expected = tiers(&pairs, 4).len() == missing + 1;
            assert_eq!(is_one_tier(&pairs, &is_there), expected || pairs.is_empty(), "{pairs:?}");
        }
    }

    #[test]
    fn tiers_go_from_winners_to_losers() {
        let circle = [pair(0, 1, 1.0, 0.0), pair(1, 2, 1.0, 0.0), pair(0, 2, 0.0, 1.0)];
        assert_eq!(tiers(&circle, 3), [vec![0, 1, 2]]);
        // 3 beats the circle and never loses; 4 only loses.
        let more = [&circle[..], &[pair(0, 3, 0.0, 2.0), pair(2, 4, 1.0, 0.0)]].concat();
        assert_eq!(tiers(&more, 5), [vec![3], vec![0, 1, 2], vec![4]]);
        assert_eq!(tiers(&[pair(0, 1, 0.5, 0.5)], 2), [vec![0, 1]]);
    }
}
