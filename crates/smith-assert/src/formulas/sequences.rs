//! Edit distances of texts and of sequences of words.

/// What becomes of the distances of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditRate {
    /// All edits as part of all that is true.
    OfAll,
    /// The mean over rows of the edits as part of what is true.
    OfRows,
    /// The mean over rows of the edits as part of the longer of both.
    OfLonger,
    /// The mean number of edits.
    Mean,
    /// Edits of all rows.
    Sum,
}

/// Cells of the table of the distance of two texts that is filled at most.
const MOST_CELLS: usize = 4_000_000;
/// And of all rows together.
const MOST_CELLS_OF_ALL: usize = 60_000_000;

/// Insertions, deletions and substitutions that make `a` of `b`; nothing for very long ones.
pub(super) fn distance<T: PartialEq>(a: &[T], b: &[T]) -> Option<usize> {
    if a.len().saturating_mul(b.len()) > MOST_CELLS {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, place) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *place;
            left = (above + 1).min(left + 1).min(corner + usize::from(x != y));
            corner = above;
            *place = left;
        }
    }
    row.last().copied()
}

/// The rate over all rows, of characters, or of words between white space when `words`.
pub(super) fn rate(truth: &[String], given: &[String], words: bool, rate: EditRate) -> Option<f64> {
    let (mut edits, mut length, mut shares, mut cells) = (0.0, 0.0, 0.0, 0);
    for (truth, given) in truth.iter().zip(given) {
        let (edit, of_truth, of_given) = if words {
            let (a, b): (Vec<&str>, Vec<&str>) =
                (truth.split_whitespace().collect(), given.split_whitespace().collect());
            cells += a.len().saturating_mul(b.len());
            (distance(&a, &b)?, a.len(), b.len())
        } else {
            let (a, b): (Vec<char>, Vec<char>) = (truth.chars().collect(), given.chars().collect());
            cells += a.len().saturating_mul(b.len());
            (distance(&a, &b)?, a.len(), b.len())
        };
        if cells > MOST_CELLS_OF_ALL {
            return None;
        }
        edits += edit as f64;
        length += of_truth as f64;
        let below = if rate == EditRate::OfLonger { of_truth.max(of_given) } else { of_truth };
        shares += if below > 0 { edit as f64 / below as f64 } else { f64::from(edit > 0) };
    }
    let rows = truth.len() as f64;
    let value = match rate {
        EditRate::OfAll => edits / length,
        EditRate::OfRows | EditRate::OfLonger => shares / rows,
        EditRate::Mean => edits / rows,
        EditRate::Sum => edits,
    };
    value.is_finite().then_some(value)
}
