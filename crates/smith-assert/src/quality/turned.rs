//! Pictures that show what another shows, mirrored, turned, cut out, brighter or darker.
//!
//! Each picture is shrunk to sixteen by sixteen points of mean 0 and length 1, so that brightness and contrast do not
//! matter. A test picture is compared in several views with the training pictures as they are. What looks alike by
//! nature looks alike as it is too: that share, among training pictures, is what the views are held against.

use std::path::Path;

use rayon::prelude::*;
use smith_data::signal;

use super::copies::Twins;
use super::random::spread;

/// Side of what is decoded, and of a view.
const DECODED: usize = 64;
const SIDE: usize = 16;
const POINTS: usize = SIDE * SIDE;
/// Side of the grid by which views are told apart before they are compared.
const COARSE: usize = 4;
/// Pictures of each side that are compared, spread evenly.
const MAX_KNOWN: usize = 3_000;
const MAX_ASKED: usize = 1_000;
/// Correlation of two views of one picture: cut out, and whole, be it turned, which loses little.
const CUT: f32 = 0.98;
const WHOLE: f32 = 0.99;
/// A view that is so like the picture itself says nothing: the picture is symmetrical.
const SYMMETRICAL: f32 = 0.94;
/// Least standard deviation of brightness, from 0 to 1, at which there is something to compare.
const FLAT: f32 = 0.02;

/// A picture in sixteen by sixteen points.
#[derive(Debug, Clone)]
struct View {
    points: Vec<f32>,
    coarse: [f32; COARSE * COARSE],
}

/// What is kept of a picture.
#[derive(Debug, Clone)]
pub(crate) struct Print {
    /// Brightness of 64 by 64 points.
    grey: Vec<f32>,
    plain: View,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turned {
    /// Test pictures that were compared.
    pub(crate) compared: usize,
    /// Those whose mirrored, turned or cut-out view a training picture shows: test row, training row, and which view.
    pub(crate) found: Vec<(usize, usize, &'static str)>,
    /// Twins as they are, whatever their brightness.
    pub(crate) plain: Twins,
    /// Share of the training pictures that look like another as they are.
    pub(crate) natural: f64,
    /// Share of the training pictures that another training picture shows in another view.
    pub(crate) natural_views: f64,
}

impl Turned {
    /// Share of the test pictures that are found in another view.
    pub(crate) fn share(&self) -> f64 {
        self.found.len() as f64 / self.compared.max(1) as f64
    }
}

impl Print {
    /// Decodes a picture; none when that fails or when there is hardly any structure. Blocks.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let picture = signal::picture(path, DECODED as u32)?;
        // A small picture is taken as it is: enlarged point by point, it would not be the same from its other side.
        let side = picture.width.max(picture.height);
        let small =
            (side < 2 * DECODED as u32 && side as usize != DECODED).then(|| signal::picture(path, side));
        let (picture, side) = match small {
            Some(small) => (small?, side as usize),
            None => (picture, DECODED),
        };
        let grey: Vec<f32> = picture.points.iter().map(|[r, g, b]| 0.3 * r + 0.59 * g + 0.11 * b).collect();
        if grey.len() != side * side {
            return None;
        }
        Self::of(resized(&grey, side))
    }

    fn of(grey: Vec<f32>) -> Option<Self> {
        let plain = View::of(|x, y| at(&grey, x, y))?;
        Some(Self { grey, plain })
    }

    /// The other views: seven turns, and cut-outs of nine tenths and four fifths.
    fn views(&self) -> Vec<(&'static str, f32, View)> {
        let last = DECODED - 1;
        let grey = &self.grey;
        let turns: [(&str, Option<View>); 7] = [
            ("mirrored", View::of(|x, y| at(grey, last - x, y))),
            ("upside down", View::of(|x, y| at(grey, x, last - y))),
            ("turned by 180 degrees", View::of(|x, y| at(grey, last - x, last - y))),
            ("mirrored at its diagonal", View::of(|x, y| at(grey, y, x))),
            ("turned by 90 degrees", View::of(|x, y| at(grey, y, last - x))),
            ("turned by 270 degrees", View::of(|x, y| at(grey, last - y, x))),
            ("mirrored at its other diagonal", View::of(|x, y| at(grey, last - y, last - x))),
        ];
        let mut views: Vec<(&str, f32, View)> = turns
            .into_iter()
            .filter_map(|(name, view)| Some((name, WHOLE, view?)))
            .filter(|(.., view)| self.plain.likeness(view) < SYMMETRICAL)
            .collect();
        for share in [0.9_f32, 0.8] {
            for (dx, dy) in [(0.5, 0.5), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
                let (left, top) = (dx * (1.0 - share), dy * (1.0 - share));
                let place = |at: usize, first: f32| {
                    (((at as f32 + 0.5) / DECODED as f32 * share + first) * DECODED as f32) as usize
                };
                if let Some(view) = View::of(|x, y| at(grey, place(x, left), place(y, top)))
                    && self.plain.likeness(&view) < SYMMETRICAL
                {
                    views.push(("cut out", CUT, view));
                }
            }
        }
        views
    }
}

/// A square picture of another side, between whose points it is gone straight.
fn resized(grey: &[f32], side: usize) -> Vec<f32> {
    if side == DECODED {
        return grey.to_vec();
    }
    let last = side.saturating_sub(1);
    let place = |at: usize| {
        let at = ((at as f32 + 0.5) * side as f32 / DECODED as f32 - 0.5).clamp(0.0, last as f32);
        let low = (at as usize).min(last);
        (low, (low + 1).min(last), at - low as f32)
    };
    let point = |x: usize, y: usize| grey.get(y * side + x).copied().unwrap_or(0.0);
    let mut resized = Vec::with_capacity(DECODED * DECODED);
    for y in 0..DECODED {
        let (top, bottom, down) = place(y);
        for x in 0..DECODED {
            let (left, right, across) = place(x);
            let row = |y: usize| point(left, y) * (1.0 - across) + point(right, y) * across;
            resized.push(row(top) * (1.0 - down) + row(bottom) * down);
        }
    }
    resized
}

fn at(grey: &[f32], x: usize, y: usize) -> f32 {
    grey.get(y.min(DECODED - 1) * DECODED + x.min(DECODED - 1)).copied().unwrap_or(0.0)
}

impl View {
    fn of(grey: impl Fn(usize, usize) -> f32) -> Option<Self> {
        let cell = DECODED / SIDE;
        let mut points = vec![0.0_f32; POINTS];
        for y in 0..DECODED {
            for x in 0..DECODED {
                if let Some(point) = points.get_mut(y / cell * SIDE + x / cell) {
                    *point += grey(x, y) / (cell * cell) as f32;
                }
            }
        }
        let mean = points.iter().sum::<f32>() / POINTS as f32;
        points.iter_mut().for_each(|point| *point -= mean);
        let length = points.iter().map(|point| point * point).sum::<f32>().sqrt();
        if length < FLAT * SIDE as f32 {
            return None;
        }
        points.iter_mut().for_each(|point| *point /= length);
        let of_coarse = SIDE / COARSE;
        let mut coarse = [0.0_f32; COARSE * COARSE];
        for (place, point) in points.iter().enumerate() {
            if let Some(sum) = coarse.get_mut(place / SIDE / of_coarse * COARSE + place % SIDE / of_coarse) {
                // A mean times the root of the number of points keeps distances.
                *sum += point / of_coarse as f32;
            }
        }
        Some(Self { points, coarse })
    }

    fn likeness(&self, other: &Self) -> f32 {
        self.points.iter().zip(&other.points).map(|(a, b)| a * b).sum()
    }

    fn is_like(&self, other: &Self, least: f32) -> bool {
        // Means of parts are never further apart than the points.
        let far: f32 = self.coarse.iter().zip(&other.coarse).map(|(a, b)| (a - b) * (a - b)).sum();
        far <= 2.0 - 2.0 * least && self.likeness(other) >= least
    }
}

/// Compares test pictures with training pictures: rows and prints. None when there are not ten of each.
pub(crate) fn turned(train: &[(usize, Print)], test: &[(usize, Print)]) -> Option<Turned> {
    if train.len() < 10 || test.len() < 10 {
        return None;
    }
    let known: Vec<&(usize, Print)> =
        spread(train.len(), MAX_KNOWN).into_iter().filter_map(|at| train.get(at)).collect();
    let asked: Vec<&(usize, Print)> =
        spread(test.len(), MAX_ASKED).into_iter().filter_map(|at| test.get(at)).collect();
    let like = |view: &View, least: f32, own: Option<usize>| {
        let mut others = known.iter().filter(|(row, _)| Some(*row) != own);
        others.find(|(_, print)| print.plain.is_like(view, least)).map(|(row, _)| *row)
    };
    let seen = |print: &Print, own: Option<usize>| {
        print.views().iter().find_map(|(name, least, view)| Some((like(view, *least, own)?, *name)))
    };
    let in_view = |(row, print): &&(usize, Print)| seen(print, None).map(|(twin, name)| (*row, twin, name));
    let plain = |(row, print): &&(usize, Print)| (*row, like(&print.plain, WHOLE, None));
    let chosen = spread(known.len(), MAX_ASKED);
    let within: Vec<(usize, Option<usize>)> = chosen
        .par_iter()
        .filter_map(|at| known.get(*at))
        .map(|(row, print)| (*row, like(&print.plain, WHOLE, Some(*row))))
        .collect();
    let few = spread(known.len(), MAX_ASKED / 2);
    let among = few.par_iter().filter_map(|at| known.get(*at));
    let among = among.filter(|(row, print)| seen(print, Some(*row)).is_some());
    let natural_views = among.count() as f64 / few.len().max(1) as f64;
    // What looks alike by nature is counted as generously as what is cut out.
    let alike = few.par_iter().filter_map(|at| known.get(*at));
    let alike = alike.filter(|(row, print)| like(&print.plain, CUT, Some(*row)).is_some());
    let natural = alike.count() as f64 / few.len().max(1) as f64;
    Some(Turned {
        compared: asked.len(),
        found: asked.par_iter().filter_map(in_view).collect(),
        plain: Twins { test: asked.par_iter().map(plain).collect(), train: within },
        natural,
        natural_views,
    })
}

/// Share of the pictures that another one of them shows: in another view, and as it is.
pub(crate) fn within(pictures: &[(usize, Print)]) -> Option<(f64, f64)> {
    if pictures.len() < 10 {
        return None;
    }
    let chosen: Vec<&(usize, Print)> =
        spread(pictures.len(), MAX_KNOWN).into_iter().filter_map(|at| pictures.get(at)).collect();
    let asked = spread(chosen.len(), MAX_ASKED / 2);
    let has = |row: usize, view: &View, least: f32| {
        chosen.iter().any(|(other, print)| *other != row && print.plain.is_like(view, least))
    };
    let counts = asked.par_iter().filter_map(|at| chosen.get(*at)).map(|(row, print)| {
        (print.views().iter().any(|(_, least, view)| has(*row, view, *least)), has(*row, &print.plain, WHOLE))
    });
    let seen: Vec<(bool, bool)> = counts.collect();
    let share = |of: fn(&(bool, bool)) -> bool| {
        seen.iter().filter(|own| of(own)).count() as f64 / seen.len().max(1) as f64
    };
    Some((share(|own| own.0), share(|own| own.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::random::mixed;

    fn print(seed: u64, map: impl Fn(usize, usize) -> (usize, usize), gain: f32) -> Print {
        let point = |x: usize, y: usize| {
            let (x, y) = map(x, y);
            let cell = mixed(seed << 32 | ((y / 6 * 11 + x / 6) as u64)) % 1_000;
            0.1 + gain * cell as f32 / 1_000.0
        };
        let grey: Vec<f32> = (0..DECODED * DECODED).map(|at| point(at % DECODED, at / DECODED)).collect();
        Print::of(grey).unwrap()
    }

    #[test]
    fn views_of_one_picture_are_found_and_others_are_not() {
        let train: Vec<(usize, Print)> =
            (0..40).map(|seed| (seed, print(seed as u64, |x, y| (x, y), 0.4))).collect();
        let other: Vec<(usize, Print)> =
            (0..40).map(|seed| (seed, print(seed as u64 + 99, |x, y| (x, y), 0.4))).collect();
        let none = turned(&train, &other).unwrap();
        assert_eq!((none.found.len(), none.natural), (0, 0.0));
        type Map = fn(usize, usize) -> (usize, usize);
        let turns: [(&str, Map); 4] = [
            ("mirrored", |x, y| (63 - x, y)),
            ("turned by 90 degrees", |x, y| (y, 63 - x)),
            ("turned by 270 degrees", |x, y| (63 - y, x)),
            ("upside down", |x, y| (x, 63 - y)),
        ];
        for (name, map) in turns {
            let test: Vec<(usize, Print)> =
                (0..20).map(|seed| (seed, print(seed as u64, map, 0.4))).collect();
            let found = turned(&train, &test).unwrap();
            assert_eq!(found.found.len(), 20, "{name}");
            assert!(found.found.iter().all(|(test, train, _)| test == train), "{name}");
        }
        let brighter: Vec<(usize, Print)> =
            (0..20).map(|seed| (seed, print(seed as u64, |x, y| (x, y), 0.8))).collect();
        assert!(turned(&train, &brighter).unwrap().plain.test.iter().all(|(row, twin)| *twin == Some(*row)));
        assert_eq!(within(&train), Some((0.0, 0.0)));
    }
}
