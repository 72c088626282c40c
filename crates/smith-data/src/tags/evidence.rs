//! Observations that speak for one of several things.

/// Confidence that no observation of a tag takes away.
const MOST: f64 = 0.98;
/// Least confidence of a tag.
const LEAST: f64 = 0.1;
/// Observations that are told of a tag, the weightiest first.
const TOLD: usize = 5;

/// What speaks for each of some tags.
#[derive(Debug)]
pub(super) struct Evidence<T> {
    tags: Vec<(T, Vec<Observation>, f64)>,
}

/// The weight of an observation, and what was seen.
type Observation = (f64, String);

impl<T: PartialEq + Clone> Evidence<T> {
    /// Nothing for any of the tags; of equally sure ones the first of the list comes first.
    pub(super) fn new(tags: &[T]) -> Self {
        Self { tags: tags.iter().map(|tag| (tag.clone(), Vec::new(), 1.0)).collect() }
    }

    /// Something that alone would make the tag right with a chance of `weight`.
    pub(super) fn add(&mut self, tag: &T, weight: f64, text: String) {
        if weight > 0.0
            && let Some((_, list, _)) = self.tags.iter_mut().find(|(other, ..)| other == tag)
        {
            list.push((weight.min(1.0), text));
        }
    }

    /// Lowers a tag that merely accompanies another.
    pub(super) fn lower(&mut self, tag: &T, factor: f64) {
        if let Some((_, _, lowered)) = self.tags.iter_mut().find(|(other, ..)| other == tag) {
            *lowered = lowered.min(factor);
        }
    }

    /// How sure a tag is so far.
    pub(super) fn confidence(&self, tag: &T) -> f64 {
        self.tags
            .iter()
            .find(|(other, ..)| other == tag)
            .map_or(0.0, |(_, list, factor)| joined(list) * factor)
    }

    /// The tags with their confidence and what speaks for them, the surest first.
    pub(super) fn finish(self) -> Vec<(T, f64, Vec<String>)> {
        let mut found: Vec<(T, f64, Vec<String>)> = self
            .tags
            .into_iter()
            .map(|(tag, mut list, factor)| {
                let confidence = (joined(&list) * factor * 100.0).round() / 100.0;
                list.sort_by(|a, b| b.0.total_cmp(&a.0));
                list.truncate(TOLD);
                (tag, confidence, list.into_iter().map(|(_, text)| text).collect())
            })
            .filter(|(_, confidence, _)| *confidence >= LEAST)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }
}

fn joined(list: &[Observation]) -> f64 {
    (1.0 - list.iter().map(|(weight, _)| 1.0 - weight).product::<f64>()).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_join_and_the_surest_comes_first() {
        let mut evidence = Evidence::new(&["a", "b", "c"]);
        evidence.add(&"b", 0.5, "one".into());
        evidence.add(&"b", 0.5, "two".into());
        evidence.add(&"a", 0.6, "three".into());
        let found = evidence.finish();
        assert_eq!(found.iter().map(|tag| (tag.0, tag.1)).collect::<Vec<_>>(), [("b", 0.75), ("a", 0.6)]);
    }
}
