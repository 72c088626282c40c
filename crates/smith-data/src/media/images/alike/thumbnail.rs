//! Thumbnails: a picture shrunk by averaging, and when two of them show the same.

/// Points along each side.
pub(super) const SIDE: usize = 32;
/// Points along each side of the colours.
const COLOUR_SIDE: usize = 8;
const POINTS: usize = SIDE * SIDE;
const COLOURS: usize = COLOUR_SIDE * COLOUR_SIDE;

/// Below this standard deviation of brightness there is nothing to compare.
const FLAT: f32 = 2.5;

/// A picture of 32 by 32 points.
#[derive(Debug, Clone)]
pub(super) struct Thumbnail {
    pub(super) grey: [u8; POINTS],
    /// Two colour differences on a coarser grid, when they were decoded.
    colour: Option<[[u8; COLOURS]; 2]>,
    /// Standard deviation of brightness.
    deviation: f32,
}

impl Thumbnail {
    /// From sums over planes that were shrunk: brightness, and two colour differences or none.
    pub(super) fn new(grey: &Shrunk, colour: Option<[&Shrunk; 2]>) -> Self {
        let grey = grey.points();
        let mean = grey.iter().map(|&point| f32::from(point)).sum::<f32>() / POINTS as f32;
        let variance =
            grey.iter().map(|&point| (f32::from(point) - mean).powi(2)).sum::<f32>() / POINTS as f32;
        Self { grey, colour: colour.map(|planes| planes.map(coarse)), deviation: variance.sqrt() }
    }

    /// From values of any range, which is stretched to that of brightness.
    pub(super) fn stretched(shrunk: &Shrunk) -> Self {
        let least = shrunk.sums.iter().copied().fold(f32::INFINITY, f32::min);
        let greatest = shrunk.sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let scale = if greatest > least { 255.0 / (greatest - least) } else { 0.0 };
        let sums = shrunk.sums.map(|sum| (sum - least) * scale);
        Self::new(&Shrunk { sums, width: 1, height: 1 }, None)
    }

    /// Left and right changed.
    pub(super) fn mirrored(&self) -> Self {
        let mut other = self.clone();
        other.grey.chunks_exact_mut(SIDE).for_each(<[u8]>::reverse);
        for plane in other.colour.iter_mut().flatten() {
            plane.chunks_exact_mut(COLOUR_SIDE).for_each(<[u8]>::reverse);
        }
        other
    }

    /// Mean brightness of each of eight by eight cells.
    pub(super) fn coarse_grey(&self) -> [u8; COLOURS] {
        coarse_of(&self.grey)
    }

    /// True when every point is the same.
    pub(super) fn is_blank(&self) -> bool {
        let even = |points: &[u8]| points.iter().all(|point| Some(point) == points.first());
        even(&self.grey) && self.colour.iter().flatten().all(|plane| even(plane))
    }

    /// True when there is hardly any structure.
    pub(super) fn is_flat(&self) -> bool {
        self.deviation < FLAT
    }

    /// True when both show the same picture, scaled or compressed differently.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.has_brightness_of(other) && self.has_colours_of(other)
    }

    fn has_brightness_of(&self, other: &Self) -> bool {
        let squares = self.grey.iter().zip(&other.grey).map(|(&a, &b)| (f32::from(a) - f32::from(b)).powi(2));
        let error = squares.sum::<f32>() / POINTS as f32;
        let contrast = self.deviation.min(other.deviation) * OF_CONTRAST;
        error <= (NOISE * NOISE + contrast * contrast).min(MAX_ERROR * MAX_ERROR)
            && self.greatest_step(other) <= MAX_STEP
    }

    /// The greatest difference of any cell of four by four points.
    fn greatest_step(&self, other: &Self) -> u32 {
        let mut cells = [0_i32; COLOURS];
        for (i, (&a, &b)) in self.grey.iter().zip(&other.grey).enumerate() {
            if let Some(cell) = cells.get_mut(coarse_cell(i)) {
                *cell += i32::from(a) - i32::from(b);
            }
        }
        cells.iter().map(|cell| cell.unsigned_abs() / (POINTS / COLOURS) as u32).max().unwrap_or(0)
    }

    fn has_colours_of(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (&self.colour, &other.colour) else { return true };
        own.iter().flatten().zip(others.iter().flatten()).all(|(a, b)| a.abs_diff(*b) <= MAX_COLOUR_STEP)
    }
}

/// How much two thumbnails of one picture differ (root of the mean squared difference of brightness): by what
/// compression adds however plain the picture is, by a share of its contrast, and never by more than this.
const NOISE: f32 = 0.9;
const OF_CONTRAST: f32 = 0.12;
const MAX_ERROR: f32 = 6.0;
/// Differences of a cell's brightness and of its colours.
const MAX_STEP: u32 = 12;
const MAX_COLOUR_STEP: u8 = 12;

fn coarse_cell(point: usize) -> usize {
    let of_cell = SIDE / COLOUR_SIDE;
    point / SIDE / of_cell * COLOUR_SIDE + point % SIDE / of_cell
}

fn coarse_of(points: &[u8; POINTS]) -> [u8; COLOURS] {
    let mut sums = [0_u32; COLOURS];
    for (i, &point) in points.iter().enumerate() {
        if let Some(sum) = sums.get_mut(coarse_cell(i)) {
            *sum += u32::from(point);
        }
    }
    sums.map(|sum| (sum / (POINTS / COLOURS) as u32) as u8)
}

fn coarse(shrunk: &Shrunk) -> [u8; COLOURS] {
    coarse_of(&shrunk.points())
}

/// Shrinks a plane row by row: every point is the mean of the area that it covers.
pub(super) struct Shrunk {
    sums: [f32; POINTS],
    width: usize,
    height: usize,
}

impl Shrunk {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { sums: [0.0; POINTS], width, height }
    }

    /// A plane of one value.
    pub(super) fn even(value: f32) -> Self {
        Self { sums: [value; POINTS], width: 1, height: 1 }
    }

    /// Adds row `y`, of which `values` are as many as the plane is wide.
    pub(super) fn add<T: Copy + Into<f32>>(&mut self, y: usize, values: &[T]) {
        let line = self.shrink(values);
        let of_point = self.height as f32 / SIDE as f32;
        let (top, bottom) = (y as f32 / of_point, (y + 1) as f32 / of_point);
        for row in top as usize..(bottom.ceil() as usize).min(SIDE) {
            let share = bottom.min((row + 1) as f32) - top.max(row as f32);
            let Some(sums) = self.sums.get_mut(row * SIDE..(row + 1) * SIDE).filter(|_| share > 0.0) else {
                continue;
            };
            sums.iter_mut().zip(&line).for_each(|(sum, value)| *sum += value * share);
        }
    }

    fn shrink<T: Copy + Into<f32>>(&self, values: &[T]) -> [f32; SIDE] {
        let of_point = self.width as f32 / SIDE as f32;
        let at = |x: usize| values.get(x).map_or(0.0, |&value| value.into());
        std::array::from_fn(|point| {
            let (left, right) = (point as f32 * of_point, (point + 1) as f32 * of_point);
            let (first, last) =
                (left as usize, ((right.ceil() as usize).max(1) - 1).min(self.width.max(1) - 1));
            if first >= last {
                return at(first.min(last));
            }
            let inside = values.get(first + 1..last).unwrap_or_default();
            let sum: f32 = inside.iter().map(|&value| value.into()).sum();
            let edges = at(first) * ((first + 1) as f32 - left) + at(last) * (right - last as f32);
            (sum + edges) / of_point
        })
    }

    fn points(&self) -> [u8; POINTS] {
        self.sums.map(|sum| sum.round().clamp(0.0, 255.0) as u8)
    }
}
