//! Tiny charts of one line.

use smith_core::schema::profile::{ColumnProfile, ValueCount};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Bars of a distribution.
const BINS: usize = 10;
/// Bars of the most frequent values.
const VALUES: usize = 8;

/// How the numbers of a column are spread between the least and the greatest, as far as its quantiles tell.
pub(crate) fn spread(column: &ColumnProfile) -> Option<String> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let (min, max) = (number(column.min.as_deref()?)?, number(column.max.as_deref()?)?);
    if min >= max || column.quantiles.len() < 3 {
        return None;
    }
    let mut points = vec![(min, 0.0)];
    points.extend(column.quantiles.iter().filter_map(|q| Some((number(&q.value)?, q.share))));
    points.push((max, 1.0));
    let mut bins = [0.0; BINS];
    for pair in points.windows(2) {
        if let [(from, below), (to, above)] = pair {
            pour(&mut bins, (from - min) / (max - min), (to - min) / (max - min), above - below);
        }
    }
    Some(bars(&bins))
}

/// Spreads a share evenly over the bins between two places from 0 to 1.
fn pour(bins: &mut [f64; BINS], from: f64, to: f64, share: f64) {
    let scale = BINS as f64;
    let (from, to) = (from.clamp(0.0, 1.0) * scale, to.clamp(0.0, 1.0) * scale);
    for (index, bin) in bins.iter_mut().enumerate() {
        let (left, right) = (index as f64, index as f64 + 1.0);
        if to - from < 1e-9 {
            let is_last = index + 1 == BINS;
            if from >= left && (from < right || is_last) {
                *bin += share;
            }
        } else {
            *bin += share * (to.min(right) - from.max(left)).max(0.0) / (to - from);
        }
    }
}

/// The most frequent values against each other.
pub(crate) fn shares(values: &[ValueCount]) -> Option<String> {
    let counts: Vec<f64> = values.iter().take(VALUES).map(|value| value.count as f64).collect();
    (counts.len() > 1).then(|| bars(&counts))
}

fn bars(heights: &[f64]) -> String {
    let most = heights.iter().copied().fold(0.0, f64::max);
    let block = |height: &f64| {
        if *height <= 0.0 || most <= 0.0 {
            return ' ';
        }
        let step = (height / most * BLOCKS.len() as f64).ceil() as usize;
        BLOCKS[step.clamp(1, BLOCKS.len()) - 1]
    };
    heights.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use smith_core::schema::profile::Quantile;

    use super::*;

    fn column(min: &str, max: &str, quantiles: &[(f64, &str)]) -> ColumnProfile {
        let mut column = ColumnProfile::new("x");
        (column.min, column.max) = (Some(min.to_owned()), Some(max.to_owned()));
        column.quantiles = quantiles
            .iter()
            .map(|(share, value)| Quantile { share: *share, value: (*value).to_owned() })
            .collect();
        column
    }

    #[test]
    fn an_even_spread_is_level_and_a_heap_is_high() {
        let even = column("0", "100", &[(0.25, "25"), (0.5, "50"), (0.75, "75")]);
        assert_eq!(spread(&even).unwrap(), "██████████");
        let heap = column("0", "100", &[(0.25, "0"), (0.5, "0"), (0.75, "10")]);
        assert!(spread(&heap).unwrap().starts_with("█▁"), "{:?}", spread(&heap));
        let top = column("0", "100", &[(0.25, "100"), (0.5, "100"), (0.75, "100")]);
        assert!(spread(&top).unwrap().ends_with('█'));
    }

    #[test]
    fn without_numbers_there_is_no_chart() {
        for odd in [
            column("a", "b", &[]),
            column("1", "1", &[(0.5, "1")]),
            column("0", "inf", &[(0.2, "1"), (0.5, "1"), (0.9, "2")]),
        ] {
            assert_eq!(spread(&odd), None);
        }
        assert_eq!(shares(&[]), None);
    }

    #[test]
    fn counts_against_each_other() {
        let values = [ValueCount::new("a", 80), ValueCount::new("b", 40), ValueCount::new("c", 1)];
        assert_eq!(shares(&values).unwrap(), "█▄▁");
    }
}
