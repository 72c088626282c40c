//! Classes that have changed their names between the training targets and the answers.

use super::climb::Climb;

/// Share of a class that is taken for one other class, and the examples that it must have.
const TAKEN: f64 = 0.5;
const LEAST: usize = 12;

/// Rings of classes of which each is taken for the next one: two for an exchange. What a learner only confuses goes one
/// way, to the commoner class.
pub(crate) fn exchanged(climb: &Climb) -> Vec<Vec<String>> {
    let Some((labels, counts)) = climb.confusion() else { return Vec::new() };
    rings(&counts)
        .into_iter()
        .map(|ring| ring.into_iter().filter_map(|at| labels.get(at).cloned()).collect())
        .collect()
}

/// `counts[a][b]` is how often the class `a` was taken for `b`.
fn rings(counts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let taken_for = |class: usize| -> Option<usize> {
        let row = counts.get(class)?;
        let all: usize = row.iter().sum();
        let (other, most) = row.iter().copied().enumerate().max_by_key(|(_, count)| *count)?;
        (other != class && all >= LEAST && most as f64 >= TAKEN * all as f64).then_some(other)
    };
    let mut rings = Vec::new();
    for first in 0..counts.len() {
        let mut ring = vec![first];
        while let Some(next) =
            ring.last().and_then(|last| taken_for(*last)).filter(|next| !ring.contains(next))
        {
            ring.push(next);
        }
        let closes = ring.last().and_then(|last| taken_for(*last)) == Some(first);
        // Each ring is told once, from its first class on.
        if closes && ring.len() > 1 && ring.iter().all(|class| *class >= first) {
            rings.push(ring);
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_told_from_confusion() {
        let row = |right: usize, taken: [usize; 3]| [&[right], taken.as_slice()].concat();
        let exchanged = vec![row(50, [1, 1, 1]), vec![2, 10, 40, 3], vec![1, 35, 12, 2], vec![0, 2, 2, 45]];
        assert_eq!(rings(&exchanged), [vec![1, 2]]);
        let confused = vec![row(50, [1, 1, 1]), vec![2, 10, 40, 3], vec![1, 5, 42, 2], vec![0, 2, 2, 45]];
        assert!(rings(&confused).is_empty());
        let shifted = vec![vec![0, 40, 1], vec![2, 1, 40], vec![40, 3, 0]];
        assert_eq!(rings(&shifted), [vec![0, 1, 2]]);
    }
}
