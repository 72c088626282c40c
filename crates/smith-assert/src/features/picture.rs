//! Features of a picture: its brightness, colours, edges and size.

use smith_data::signal::Picture;

/// Side of the square that pictures are shrunk to.
pub(super) const SIDE: u32 = 32;
const POINTS: usize = SIDE as usize;
/// Sides of the grids of brightness, colours and edges.
const GREY: usize = 16;
const COLOUR: usize = 4;
const EDGES: usize = 4;
/// Directions of edges that are told apart.
const DIRECTIONS: usize = 8;

/// Brightness on a grid, colours on a coarser one, edges by direction on a third, and the size of the original.
pub(super) fn features(picture: &Picture) -> Vec<f32> {
    let grey: Vec<f32> = picture.points.iter().map(|[r, g, b]| 0.3 * r + 0.59 * g + 0.11 * b).collect();
    let mut features = vec![(picture.width as f32).ln(), (picture.height as f32).ln()];
    features.extend(means(&grey, GREY));
    for channel in 0..3 {
        let plane: Vec<f32> =
            picture.points.iter().zip(&grey).map(|(point, grey)| point[channel] - grey).collect();
        features.extend(means(&plane, COLOUR));
    }
    features.extend(edges(&grey));
    features
}

/// Means over the cells of a grid of `side` by `side`.
fn means(plane: &[f32], side: usize) -> Vec<f32> {
    let (mut sums, width) = (vec![0.0; side * side], POINTS / side);
    for (at, value) in plane.iter().enumerate() {
        let cell = (at / POINTS / width) * side + at % POINTS / width;
        if let Some(sum) = sums.get_mut(cell) {
            *sum += value / (width * width) as f32;
        }
    }
    sums
}

/// For each cell of a grid how strong edges of each direction are, as shares of the whole cell.
fn edges(grey: &[f32]) -> Vec<f32> {
    let at = |x: usize, y: usize| grey.get(y * POINTS + x).copied().unwrap_or(0.0);
    let width = POINTS / EDGES;
    let mut sums = vec![0.0_f32; EDGES * EDGES * DIRECTIONS];
    for y in 1..POINTS - 1 {
        for x in 1..POINTS - 1 {
            let (dx, dy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            let turn = dy.atan2(dx).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI;
            let direction = ((turn * DIRECTIONS as f32) as usize).min(DIRECTIONS - 1);
            let cell = (y / width) * EDGES + x / width;
            if let Some(sum) = sums.get_mut(cell * DIRECTIONS + direction) {
                *sum += dx.hypot(dy);
            }
        }
    }
    for cell in sums.chunks_exact_mut(DIRECTIONS) {
        let length = cell.iter().map(|value| value * value).sum::<f32>().sqrt() + 0.1;
        cell.iter_mut().for_each(|value| *value /= length);
    }
    sums
}
