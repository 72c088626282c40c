//! Counts of values.

use std::collections::BTreeMap;

use smith_task_schema::profile::ValueCount;

/// The values that were counted most often, most frequent first, equals in order of value.
pub(crate) fn most_frequent(counts: BTreeMap<String, u64>, limit: usize) -> Vec<ValueCount> {
    let mut list: Vec<ValueCount> =
        counts.into_iter().map(|(value, count)| ValueCount { value, count }).collect();
    list.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    list.truncate(limit);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_frequent_first() {
        let counts = [("a", 1), ("c", 5), ("b", 5)].map(|(value, count)| (value.to_string(), count));
        let top = most_frequent(BTreeMap::from(counts), 2);
        assert_eq!(top, [ValueCount::new("b", 5), ValueCount::new("c", 5)]);
    }
}
