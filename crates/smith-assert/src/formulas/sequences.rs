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

/// Edits between two sequences, and the lengths of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edits {
    edits: usize,
    truth: usize,
    given: usize,
}

/// Edits of each row, of characters, or of words between white space when `words`; nothing for too long ones.
pub(super) fn edits(truth: &[String], given: &[String], words: bool) -> Option<Vec<Edits>> {
    let mut cells = 0_usize;
    let mut all = Vec::with_capacity(truth.len());
    for (truth, given) in truth.iter().zip(given) {
        let edits = if words {
            between(
                &truth.split_whitespace().collect::<Vec<_>>(),
                &given.split_whitespace().collect::<Vec<_>>(),
            )?
        } else {
            between(&truth.chars().collect::<Vec<_>>(), &given.chars().collect::<Vec<_>>())?
        };
        cells = cells.saturating_add(edits.truth.saturating_mul(edits.given));
        if cells > MOST_CELLS_OF_ALL {
            return None;
        }
        all.push(edits);
    }
    Some(all)
}

fn between<T: PartialEq>(truth: &[T], given: &[T]) -> Option<Edits> {
    Some(Edits { edits: distance(truth, given)?, truth: truth.len(), given: given.len() })
}

/// The rate over all rows.
pub(super) fn rate(all: &[Edits], rate: EditRate) -> Option<f64> {
    let edits: f64 = all.iter().map(|row| row.edits as f64).sum();
    let length: f64 = all.iter().map(|row| row.truth as f64).sum();
    let share = |row: &Edits| {
        let below = if rate == EditRate::OfLonger { row.truth.max(row.given) } else { row.truth };
        if below > 0 { row.edits as f64 / below as f64 } else { f64::from(row.edits > 0) }
    };
    let rows = all.len() as f64;
    let value = match rate {
        EditRate::OfAll => edits / length,
        EditRate::OfRows | EditRate::OfLonger => all.iter().map(share).sum::<f64>() / rows,
        EditRate::Mean => edits / rows,
        EditRate::Sum => edits,
    };
    value.is_finite().then_some(value)
}
