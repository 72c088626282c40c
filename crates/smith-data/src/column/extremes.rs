//! Least and greatest of a stream of values.

/// Least and greatest of what was seen, as it was written.
#[derive(Debug)]
pub(crate) struct Extremes<T> {
    pub(crate) min: (T, String),
    pub(crate) max: (T, String),
}

impl<T: PartialOrd + Clone> Extremes<T> {
    /// Takes a further value in; of equal ones the first stays.
    pub(crate) fn add(extremes: &mut Option<Self>, value: T, text: &str) {
        match extremes {
            None => *extremes = Some(Self { min: (value.clone(), text.into()), max: (value, text.into()) }),
            Some(seen) if value < seen.min.0 => seen.min = (value, text.into()),
            Some(seen) if value > seen.max.0 => seen.max = (value, text.into()),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_they_were_written() {
        let mut extremes = None;
        for (value, text) in [(1.0, "1"), (-2.5, "-2.50"), (1.0, "1.0"), (0.0, "0")] {
            Extremes::add(&mut extremes, value, text);
        }
        let seen = extremes.unwrap();
        assert_eq!((seen.min.1.as_str(), seen.max.1.as_str()), ("-2.50", "1"));
    }
}
