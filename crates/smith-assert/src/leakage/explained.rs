//! What groups of examples tell of their answers, and whether chance explains it.

use std::collections::HashMap;

use super::target::{Target, Values};

/// Groups that are compared at most, and examples that each must have on average.
const MAX_GROUPS: usize = 128;
const MIN_EACH: usize = 5;

/// What groups tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Explained {
    /// 0 for nothing, 1 when the group tells the answer: of classes the share that is predicted beyond the most frequent
    /// one, of numbers the share of the variance of their ranks.
    pub(crate) share: f64,
    /// Natural logarithm of about the probability that chance does so much or more.
    pub(crate) ln_chance: f64,
}

/// What the groups of examples, one name for each row of the target or none, tell of the answers; nothing for a single
/// group, and for groups so small that they tell nothing.
pub(crate) fn explained(target: &Target, groups: &[Option<&str>]) -> Option<Explained> {
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (row, group) in groups.iter().enumerate().take(target.rows()) {
        let Some(group) = group else { continue };
        let next = codes.len();
        pairs.push((row, *codes.entry(group).or_insert(next)));
        if codes.len() > MAX_GROUPS {
            return None;
        }
    }
    if codes.len() < 2 || pairs.len() < codes.len() * MIN_EACH {
        return None;
    }
    match &target.values {
        Values::Classes(classes, names) => of_classes(classes, names.len(), codes.len(), &pairs),
        Values::Numbers(numbers) => of_numbers(numbers, codes.len(), &pairs),
    }
}

fn of_classes(classes: &[u32], names: usize, groups: usize, pairs: &[(usize, usize)]) -> Option<Explained> {
    let mut table = vec![0.0_f64; names.checked_mul(groups)?];
    let (mut by_class, mut by_group) = (vec![0.0_f64; names], vec![0.0_f64; groups]);
    for (row, group) in pairs {
        let class = *classes.get(*row)? as usize;
        *table.get_mut(group * names + class)? += 1.0;
        *by_class.get_mut(class)? += 1.0;
        *by_group.get_mut(*group)? += 1.0;
    }
    let rows = pairs.len() as f64;
    let most = by_class.iter().copied().fold(0.0, f64::max);
    let hits: f64 = table.chunks(names).map(|group| group.iter().copied().fold(0.0, f64::max)).sum();
    let present = by_class.iter().filter(|count| **count > 0.0).count();
    if present < 2 || most >= rows {
        return None;
    }
    let mut distance = 0.0;
    for (group, counts) in table.chunks(names).enumerate() {
        for (class, count) in counts.iter().enumerate() {
            let expected = by_group.get(group)? * by_class.get(class)? / rows;
            if expected > 0.0 {
                distance += (count - expected).powi(2) / expected;
            }
        }
    }
    let degrees = (groups - 1) as f64 * (present - 1) as f64;
    Some(Explained { share: (hits - most) / (rows - most), ln_chance: ln_chi_square(distance, degrees) })
}

fn of_numbers(numbers: &[f64], groups: usize, pairs: &[(usize, usize)]) -> Option<Explained> {
    let values: Vec<f64> = pairs.iter().map(|(row, _)| numbers.get(*row).copied()).collect::<Option<_>>()?;
    let ranks = crate::rank::ranks(&values);
    let rows = ranks.len() as f64;
    let mean = ranks.iter().sum::<f64>() / rows;
    let (mut sums, mut counts) = (vec![0.0_f64; groups], vec![0.0_f64; groups]);
    for ((_, group), rank) in pairs.iter().zip(&ranks) {
        *sums.get_mut(*group)? += rank - mean;
        *counts.get_mut(*group)? += 1.0;
    }
    let all: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    let between: f64 = sums
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count > 0.0)
        .map(|(sum, count)| sum * sum / count)
        .sum();
    if all <= 0.0 {
        return None;
    }
    let share = between / all;
    // The test of Kruskal and Wallis.
    Some(Explained { share, ln_chance: ln_chi_square((rows - 1.0) * share, (groups - 1) as f64) })
}

/// Natural logarithm of about the probability that a chi-square of so many degrees is this great (by the cube root that
/// Wilson and Hilferty found to be nearly normal).
fn ln_chi_square(value: f64, degrees: f64) -> f64 {
    let spread = 2.0 / (9.0 * degrees);
    let normal = ((value / degrees).cbrt() - (1.0 - spread)) / spread.sqrt();
    if normal <= 0.0 { 0.0 } else { -normal * normal / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    fn of(target: &Target, group: impl Fn(usize) -> usize) -> Explained {
        let names: Vec<String> = (0..target.rows()).map(|row| group(row).to_string()).collect();
        let groups: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        explained(target, &groups).unwrap()
    }

    #[test]
    fn groups_that_tell_are_no_chance() {
        let classes = Target::new("y", (0..400).map(|row| (mixed(row) % 2).to_string()).collect());
        let told = of(&classes, |row| mixed(row) % 2 * 8 + mixed(row + 900) % 8);
        assert!(told.share > 0.99 && told.ln_chance < -100.0, "{told:?}");
        let none = of(&classes, |row| mixed(row + 77) % 16);
        assert!(none.share < 0.35 && none.ln_chance > -14.0, "{none:?}");

        let numbers = Target::new("y", (0..400).map(|row| (mixed(row) % 1_000).to_string()).collect());
        let told = of(&numbers, |row| mixed(row) % 1_000 / 100);
        assert!(told.share > 0.98 && told.ln_chance < -100.0, "{told:?}");
        let none = of(&numbers, |row| mixed(row + 77) % 10);
        assert!(none.share < 0.1 && none.ln_chance > -14.0, "{none:?}");
    }

    #[test]
    fn small_groups_tell_nothing() {
        let target = Target::new("y", (0..60).map(|row| (mixed(row) % 2).to_string()).collect());
        let names: Vec<String> = (0..60).map(|row| (row % 20).to_string()).collect();
        let groups: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        assert_eq!(explained(&target, &groups), None);
    }
}
