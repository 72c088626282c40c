//! Orders of the rows in which one may hold what belongs to another: of the tables, of time, of ids, in all rows or in each
//! group.

use std::collections::HashMap;

use super::panel::Panel;

/// Sequences that are looked at.
const MAX_SEQUENCES: usize = 8;
/// Groups of which pairs are made: a shop and a product.
const PAIRED: usize = 4;
/// Rows that a group must have on average.
const MIN_LENGTH: usize = 5;
/// Share of the neighbours that must differ in what orders them.
const MIN_DISTINCT: f64 = 0.9;

/// Rows in an order, in stretches that have nothing to do with each other.
pub(crate) struct Sequence {
    /// `in the order of the tables`, with the groups.
    pub(crate) name: String,
    pub(crate) rows: Vec<usize>,
    /// For each place the beginning and the end of its stretch.
    pub(crate) bounds: Vec<(usize, usize)>,
}

impl Sequence {
    /// The values of a column in this order.
    pub(crate) fn of(&self, values: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| values.get(*row).copied().unwrap_or(f64::NAN)).collect()
    }

    /// The place some steps behind or, with a negative number, before another of the same stretch.
    pub(crate) fn moved(&self, place: usize, by: isize) -> Option<usize> {
        let (start, end) = *self.bounds.get(place)?;
        place.checked_add_signed(by).filter(|at| (start..end).contains(at))
    }
}

/// Sequences of a panel, those without groups first.
pub(crate) fn sequences(panel: &Panel) -> Vec<Sequence> {
    let mut partitions: Vec<(String, Option<Vec<u32>>)> = vec![(String::new(), None)];
    for group in &panel.groups {
        partitions.push((format!(" within each `{}`", group.name), Some(group.codes.clone())));
    }
    let few = panel.groups.get(..panel.groups.len().min(PAIRED)).unwrap_or_default();
    for (at, a) in few.iter().enumerate() {
        for b in few.get(at + 1..).unwrap_or_default() {
            let name = format!(" within each `{}` and `{}`", a.name, b.name);
            partitions.push((name, Some(joined(&a.codes, &b.codes))));
        }
    }
    let mut found: Vec<Sequence> = Vec::new();
    for (group, codes) in &partitions {
        for (order, keys) in &panel.orders {
            let name = format!("in the order {order}{group}");
            let sequence = sequence(name, keys, codes.as_deref());
            let is_new = |sequence: &Sequence| found.iter().all(|known| known.rows != sequence.rows);
            if found.len() < MAX_SEQUENCES && sequence.as_ref().is_some_and(is_new) {
                found.extend(sequence);
            }
        }
    }
    found
}

fn joined(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    let code = |pair: (&u32, &u32)| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry((*pair.0, *pair.1)).or_insert(next)
    };
    a.iter().zip(b).map(code).collect()
}

/// The rows of each group in the order of their keys; none where groups are short or keys do not order them.
fn sequence(name: String, keys: &[f64], codes: Option<&[u32]>) -> Option<Sequence> {
    let code = |row: usize| codes.map_or(0, |codes| codes.get(row).copied().unwrap_or(0));
    let key = |row: usize| keys.get(row).copied().unwrap_or(f64::NAN);
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    rows.sort_by(|&a, &b| code(a).cmp(&code(b)).then(key(a).total_cmp(&key(b))).then(a.cmp(&b)));
    let mut bounds = Vec::with_capacity(rows.len());
    let (mut stretches, mut distinct) = (0_usize, 0_usize);
    for stretch in rows.chunk_by(|a, b| code(*a) == code(*b)) {
        let start = bounds.len();
        bounds.extend(std::iter::repeat_n((start, start + stretch.len()), stretch.len()));
        stretches += 1;
        distinct += stretch.windows(2).filter(|pair| key(pair[0]) != key(pair[1])).count();
    }
    let pairs = rows.len().saturating_sub(stretches);
    let is_ordered = distinct as f64 >= MIN_DISTINCT * pairs as f64;
    (stretches * MIN_LENGTH <= rows.len() && pairs > 0 && is_ordered).then_some(Sequence {
        name,
        rows,
        bounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_each_other_within_their_groups() {
        let keys = [3.0, 1.0, 2.0, 2.0, 3.0, 1.0, 4.0, 4.0, 5.0, 5.0];
        let codes = [0, 0, 0, 1, 1, 1, 0, 1, 0, 1];
        let found = sequence(String::new(), &keys, Some(&codes)).unwrap();
        assert_eq!(found.rows, [1, 2, 0, 6, 8, 5, 3, 4, 7, 9]);
        assert_eq!((found.moved(4, 1), found.moved(4, -1), found.moved(5, -1)), (None, Some(3), None));
        assert!(sequence(String::new(), &keys, None).is_none(), "two rows for each key are no order");
    }
}
