//! Hashes that change little when a picture changes little.

use super::thumbnail::{SIDE, Thumbnail};

/// Frequencies along each side that the hash keeps.
const KEPT: usize = 8;

/// Two hashes of one picture: where one is unlucky, the other rarely is too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::media) struct Hashes {
    /// Which coarse frequencies are above their median.
    pub(in crate::media) frequencies: u64,
    /// Where brightness rises from left to right.
    pub(in crate::media) gradients: u64,
}

impl Hashes {
    pub(super) fn of(thumbnail: &Thumbnail) -> Self {
        Self { frequencies: frequencies(thumbnail), gradients: gradients(thumbnail) }
    }
}

/// `cosines[u][x]` of the cosine transform, for the kept frequencies.
fn cosines() -> [[f32; SIDE]; KEPT] {
    std::array::from_fn(|u| {
        std::array::from_fn(|x| {
            let angle =
                std::f32::consts::PI * (u as f32 + 1.0) * (2.0 * x as f32 + 1.0) / (2.0 * SIDE as f32);
            angle.cos()
        })
    })
}

fn frequencies(thumbnail: &Thumbnail) -> u64 {
    let cosines = cosines();
    // Along the rows first, then along the columns. The constant part is left out: brightness is no structure.
    let mut rows = [[0.0_f32; SIDE]; KEPT];
    for (y, line) in thumbnail.grey.chunks_exact(SIDE).enumerate() {
        for (row, cosine) in rows.iter_mut().zip(&cosines) {
            let sum: f32 = line.iter().zip(cosine).map(|(&grey, cosine)| f32::from(grey) * cosine).sum();
            if let Some(place) = row.get_mut(y) {
                *place = sum;
            }
        }
    }
    let mut transformed = [0.0_f32; KEPT * KEPT];
    let places = rows.iter().flat_map(|row| cosines.iter().map(move |cosine| (row, cosine)));
    for (place, (row, cosine)) in transformed.iter_mut().zip(places) {
        *place = row.iter().zip(cosine).map(|(value, cosine)| value * cosine).sum();
    }
    let mut sorted = transformed;
    sorted.sort_by(f32::total_cmp);
    let median = (sorted[KEPT * KEPT / 2 - 1] + sorted[KEPT * KEPT / 2]) / 2.0;
    bits(transformed.iter().map(|&value| value > median))
}

/// Compares nine cells of each of eight lines with their neighbours.
fn gradients(thumbnail: &Thumbnail) -> u64 {
    const LINE: usize = SIDE / 8;
    let mut found = [false; 64];
    for (line, places) in thumbnail.grey.chunks_exact(SIDE * LINE).zip(found.chunks_exact_mut(8)) {
        let mut cells = [0_u32; 9];
        for row in line.chunks_exact(SIDE) {
            for (x, &grey) in row.iter().enumerate() {
                // Nine cells do not divide the side: a point at a border belongs to the cell that holds its middle.
                if let Some(cell) = cells.get_mut((2 * x + 1) * 9 / (2 * SIDE)) {
                    *cell += u32::from(grey);
                }
            }
        }
        let points: [u32; 9] = std::array::from_fn(|cell| {
            (0..SIDE).filter(|x| (2 * x + 1) * 9 / (2 * SIDE) == cell).count() as u32
        });
        for (i, place) in places.iter_mut().enumerate() {
            *place = cells[i + 1] * points[i] > cells[i] * points[i + 1];
        }
    }
    bits(found.into_iter())
}

fn bits(set: impl Iterator<Item = bool>) -> u64 {
    set.enumerate().fold(0, |hash, (i, bit)| if bit { hash | 1 << (i % 64) } else { hash })
}
