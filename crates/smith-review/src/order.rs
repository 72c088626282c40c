//! In which order a pass sees criteria and files.

/// The positions `0..count` in the order of a pass, counted from 0. The first pass sees them as they are; each later
/// one begins one further, and every second goes backwards. No two of the first `count` passes see the same order
/// of three or more things, so that what comes first, and is read best, is something else each time.
pub(crate) fn order(pass: u32, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    if pass % 2 == 1 {
        order.reverse();
    }
    if count > 0 {
        order.rotate_left(usize::try_from(pass).unwrap_or(0) % count);
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn passes_see_all_of_it_in_orders_of_their_own() {
        assert_eq!(order(0, 4), [0, 1, 2, 3]);
        assert_eq!(order(1, 4), [2, 1, 0, 3]);
        assert_eq!(order(2, 4), [2, 3, 0, 1]);
        for count in 3..12 {
            let passes = u32::try_from(count).unwrap();
            let orders: BTreeSet<_> = (0..passes).map(|pass| order(pass, count)).collect();
            assert_eq!(orders.len(), count);
            for mut order in orders {
                order.sort_unstable();
                assert!(order.into_iter().eq(0..count));
            }
        }
        assert!(order(5, 0).is_empty() && order(5, 1) == [0]);
    }
}
