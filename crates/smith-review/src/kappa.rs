//! Agreement of several judges beyond chance.

/// Fleiss' kappa. `ratings` holds a row for each thing judged, with how many judges put it into each category; every
/// row has the same sum, the number of judges.
///
/// Nothing where it is undefined: fewer than two judges, no rows, rows of different sums, or all votes in one
/// category, which leaves nothing that chance could have done otherwise.
///
/// ```
/// use smith_review::fleiss_kappa;
///
/// assert_eq!(fleiss_kappa(&[[3, 0], [0, 3]]), Some(1.0));
/// assert_eq!(fleiss_kappa(&[[3, 0], [3, 0]]), None);
/// ```
#[must_use]
pub fn fleiss_kappa<const CATEGORIES: usize>(ratings: &[[u32; CATEGORIES]]) -> Option<f64> {
    let judges = ratings.first().map(|row| total(row))?;
    if judges < 2 || ratings.iter().any(|row| total(row) != judges) {
        return None;
    }
    let (rows, judges) = (ratings.len() as f64, judges as f64);
    let within = |row: &[u32; CATEGORIES]| {
        let squares: f64 = row.iter().map(|&votes| f64::from(votes).powi(2)).sum();
        (squares - judges) / (judges * (judges - 1.0))
    };
    let observed = ratings.iter().map(within).sum::<f64>() / rows;
    let by_chance: f64 = (0..CATEGORIES)
        .map(|category| {
            let votes: f64 = ratings.iter().filter_map(|row| row.get(category)).copied().map(f64::from).sum();
            (votes / (rows * judges)).powi(2)
        })
        .sum();
    (by_chance < 1.0).then(|| (observed - by_chance) / (1.0 - by_chance))
}

fn total(row: &[u32]) -> u64 {
    row.iter().map(|&votes| u64::from(votes)).sum()
}

/// A figure for reports: its last digits differ between machines, and files would not give them back.
pub(crate) fn to_six_decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
