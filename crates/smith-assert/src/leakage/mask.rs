//! Masks that are written as runs, and pictures that show them.

use crate::rank::pearson;

/// Side of the square to which masks and pictures are shrunk.
pub(crate) const SIDE: usize = 64;
/// Largest picture whose mask is drawn, in pixels.
const MAX_PIXELS: usize = 16 << 20;
/// Difference of a colour from which on a point was drawn over.
const DRAWN: f32 = 0.12;
/// Shares of the points that are brighter, at which a picture is cut in two.
const CUTS: [f64; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

/// A square of numbers.
pub(crate) type Plane = Vec<f64>;

/// How the pixels of a mask are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbering {
    Rows,
    Columns,
}

/// `start length start length …`, starts rising.
pub(crate) fn runs(cell: &str) -> Option<Vec<(usize, usize)>> {
    let numbers: Vec<usize> = cell.split_whitespace().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let pairs: Vec<(usize, usize)> =
        numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
    let rises = pairs.windows(2).all(|pair| pair.first().map(|a| a.0) < pair.last().map(|b| b.0));
    (numbers.len() >= 4 && numbers.len().is_multiple_of(2) && rises).then_some(pairs)
}

/// Share of the cells that must be runs for a column to hold masks.
const ARE_RUNS: f64 = 0.8;

/// True for cells that hold masks as runs.
pub(crate) fn are_runs<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let (mut all, mut masks) = (0_usize, 0_usize);
    for cell in cells {
        all += 1;
        masks += usize::from(runs(cell).is_some());
    }
    all > 0 && masks as f64 >= ARE_RUNS * all as f64
}

/// The mask of a picture of a size, shrunk to the square: shares of the pixels that belong to it.
pub(crate) fn drawn(runs: &[(usize, usize)], width: u32, height: u32, numbering: Numbering) -> Option<Plane> {
    let (width, height) = (width as usize, height as usize);
    let pixels = width.checked_mul(height).filter(|pixels| (1..=MAX_PIXELS).contains(pixels))?;
    let (mut sums, mut counts) = (vec![0.0; SIDE * SIDE], vec![0.0_f64; SIDE * SIDE]);
    let cell = |pixel: usize| {
        let (x, y) = match numbering {
            Numbering::Rows => (pixel % width, pixel / width),
            Numbering::Columns => (pixel / height, pixel % height),
        };
        (y * SIDE / height) * SIDE + x * SIDE / width
    };
    for pixel in 0..pixels {
        if let Some(count) = counts.get_mut(cell(pixel)) {
            *count += 1.0;
        }
    }
    for (start, length) in runs {
        let first = start.saturating_sub(1).min(pixels);
        for pixel in first..first.saturating_add(*length).min(pixels) {
            if let Some(sum) = sums.get_mut(cell(pixel)) {
                *sum += 1.0;
            }
        }
    }
    Some(sums.iter().zip(&counts).map(|(sum, count)| if *count > 0.0 { sum / count } else { 0.0 }).collect())
}

/// How well a picture shows a mask, from 0 to 1: as an area, as an outline, or in what was drawn over the `original`.
pub(crate) fn shows(points: &[[f32; 3]], original: Option<&[[f32; 3]]>, mask: &Plane) -> f64 {
    let outline = outline(mask);
    let mut planes: Vec<Plane> = vec![
        points.iter().map(|[r, g, b]| f64::from(r.max(*g).max(*b) - r.min(*g).min(*b))).collect(),
        points.iter().map(|[r, g, b]| f64::from(0.3 * r + 0.59 * g + 0.11 * b)).collect(),
    ];
    let cut: Vec<Plane> = planes.iter().flat_map(|plane| CUTS.map(|share| above(plane, share))).collect();
    planes.extend(cut);
    if let Some(original) = original {
        let differs = |(a, b): (&[f32; 3], &[f32; 3])| a.iter().zip(b).any(|(a, b)| (a - b).abs() > DRAWN);
        planes.push(points.iter().zip(original).map(|pair| f64::from(u8::from(differs(pair)))).collect());
    }
    let filled: Vec<Plane> = planes.iter().skip(2).map(filled).collect();
    let as_area = planes.iter().chain(&filled).filter_map(|plane| pearson(plane, mask));
    let as_outline = planes.iter().filter_map(|plane| pearson(plane, &outline));
    as_area.chain(as_outline).map(f64::abs).fold(0.0, f64::max)
}

/// 1 for the points above the value that a share of the points reaches.
fn above(plane: &Plane, share: f64) -> Plane {
    let mut sorted = plane.clone();
    sorted.sort_by(f64::total_cmp);
    let value = sorted.get((share * plane.len() as f64) as usize).copied().unwrap_or(0.0);
    plane.iter().map(|point| f64::from(u8::from(*point > value))).collect()
}

/// The points of a mask beside which there is one that is not of it.
fn outline(mask: &Plane) -> Plane {
    let is_in = |at: usize| mask.get(at).is_some_and(|share| *share >= 0.5);
    let edge = |at: usize| is_in(at) && neighbours(at).any(|other| !is_in(other));
    (0..mask.len()).map(|at| f64::from(u8::from(edge(at)))).collect()
}

/// The points that are marked, and those that cannot be reached from the border past them.
fn filled(marked: &Plane) -> Plane {
    let is_marked = |at: usize| marked.get(at).is_some_and(|mark| *mark > 0.5);
    let mut outside = vec![false; marked.len()];
    let is_border = |at: &usize| {
        let (x, y) = (at % SIDE, at / SIDE);
        x == 0 || y == 0 || x + 1 == SIDE || y + 1 == SIDE
    };
    let mut todo: Vec<usize> = (0..marked.len()).filter(is_border).collect();
    while let Some(at) = todo.pop() {
        if let Some(seen) = outside.get_mut(at).filter(|seen| !**seen && !is_marked(at)) {
            *seen = true;
            todo.extend(neighbours(at));
        }
    }
    outside.into_iter().map(|outside| f64::from(u8::from(!outside))).collect()
}

fn neighbours(at: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % SIDE, at / SIDE);
    let beside = [
        (x > 0).then(|| at.wrapping_sub(1)),
        (x + 1 < SIDE).then_some(at + 1),
        (y > 0).then(|| at.wrapping_sub(SIDE)),
        (y + 1 < SIDE).then_some(at + SIDE),
    ];
    beside.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Plane {
        let runs: Vec<(usize, usize)> = (10..30).map(|y| (y * 64 + 21, 15)).collect();
        drawn(&runs, 64, 64, Numbering::Rows).unwrap()
    }

    fn picture(of: impl Fn(usize) -> [f32; 3]) -> Vec<[f32; 3]> {
        (0..SIDE * SIDE).map(of).collect()
    }

    fn grey(at: usize) -> f32 {
        0.3 + 0.4 * ((at.wrapping_mul(2_654_435_761) >> 9) % 100) as f32 / 100.0
    }

    #[test]
    fn runs_are_read_and_drawn() {
        assert_eq!(runs("3 2 9 1"), Some(vec![(3, 2), (9, 1)]));
        for cell in ["", "3", "9 1 3 2", "a b c d", "1 2 3", "1.5 2 3 4"] {
            assert_eq!(runs(cell), None, "{cell}");
        }
        assert_eq!(square().iter().filter(|share| **share > 0.5).count(), 300);
        let turned = drawn(&[(64 * 4 + 1, 64)], 64, 64, Numbering::Columns).unwrap();
        assert!((0..64).all(|y| turned[y * 64 + 4] > 0.5));
    }

    #[test]
    fn outlines_areas_and_what_is_drawn_over_show_the_mask() {
        let mask = square();
        let plain = picture(|at| [grey(at); 3]);
        let edge = outline(&mask);
        let drawn = picture(|at| if edge[at] > 0.5 { [1.0, 0.0, 0.0] } else { [grey(at); 3] });
        let area = picture(|at| [mask[at] as f32; 3]);
        assert!(shows(&plain, Some(&plain), &mask) < 0.3);
        assert!(shows(&drawn, Some(&plain), &mask) > 0.9);
        assert!(shows(&drawn, None, &mask) > 0.9);
        assert!(shows(&area, None, &mask) > 0.9);
    }
}
