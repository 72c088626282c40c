//! Chooses some of many.

/// At most `limit` items, spread evenly over all of them and in their order.
pub(crate) fn spread<T: Clone>(items: &[T], limit: usize) -> Vec<T> {
    let count = items.len().min(limit);
    (0..count).filter_map(|i| items.get(i * items.len() / count).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly() {
        assert_eq!(spread(&[0, 1, 2, 3, 4, 5], 3), [0, 2, 4]);
        assert_eq!(spread(&[0, 1], 3), [0, 1]);
        assert!(spread::<u8>(&[], 3).is_empty());
    }
}
