//! Masks as run lengths: `start length start length …`.

/// What is computed of two masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    Dice,
    Iou,
    /// The part of the true mask that is found.
    Recall,
    /// The part of the given mask that is true.
    Precision,
    /// The common part of the larger of both.
    OfLarger,
    /// And of the smaller.
    OfSmaller,
}

/// Runs as beginnings and ends, in order and apart from each other.
pub(super) type Runs = Vec<(u64, u64)>;

/// The runs of a cell; nothing when it holds anything else. What stands for nothing is empty.
pub(super) fn decode(cell: &str) -> Option<Runs> {
    let cell = cell.trim();
    if cell.is_empty() || cell == "-1" || cell.eq_ignore_ascii_case("nan") || cell == "-" {
        return Some(Vec::new());
    }
    let numbers: Option<Vec<u64>> = cell.split_whitespace().map(|number| number.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len().is_multiple_of(2))?;
    let mut runs: Runs = Vec::new();
    for pair in numbers.chunks_exact(2) {
        let &[start, length] = pair else { return None };
        let end = start.checked_add(length)?;
        if runs.last().is_some_and(|(_, last)| start < *last) {
            return None;
        }
        runs.push((start, end));
    }
    Some(runs)
}

fn size(runs: &Runs) -> f64 {
    runs.iter().map(|(start, end)| (end - start) as f64).sum()
}

fn common(a: &Runs, b: &Runs) -> f64 {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = 0.0;
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        let (start, end) = (x.0.max(y.0), x.1.min(y.1));
        sum += end.saturating_sub(start) as f64;
        if x.1 <= y.1 {
            left.next();
        } else {
            right.next();
        }
    }
    sum
}

/// Over all rows: the mean of the rows, or of all pixels together when `pooled`. Two empty masks count `empty`.
pub(super) fn overlap(truth: &[Runs], given: &[Runs], of: Overlap, pooled: bool, empty: f64) -> Option<f64> {
    let (mut sum, mut sizes) = (0.0, (0.0, 0.0, 0.0));
    for (a, b) in truth.iter().zip(given) {
        let (all_a, all_b, both) = (size(a), size(b), common(a, b));
        sizes = (sizes.0 + all_a, sizes.1 + all_b, sizes.2 + both);
        sum += of.of(all_a, all_b, both).unwrap_or(empty);
    }
    if pooled {
        of.of(sizes.0, sizes.1, sizes.2)
    } else {
        (!truth.is_empty()).then(|| sum / truth.len() as f64)
    }
}

impl Overlap {
    fn of(self, truth: f64, given: f64, both: f64) -> Option<f64> {
        let (above, below) = match self {
            Self::Dice => (2.0 * both, truth + given),
            Self::Iou => (both, truth + given - both),
            Self::Recall => (both, truth),
            Self::Precision => (both, given),
            Self::OfLarger => (both, truth.max(given)),
            Self::OfSmaller => (both, truth.min(given)),
        };
        (below > 0.0).then(|| above / below)
    }
}
