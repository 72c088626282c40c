//! Boxes, points and outlines in tables, as people write them, and whether they lie in their pictures.

use smith_data::{Frame, TextColumn};

/// A rectangle by two corners.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// How four numbers make a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Corners {
    /// Left, top, right, bottom.
    Two,
    /// Left, top, width, height.
    Extent,
    /// Middle across, middle down, width, height.
    Middle,
}

/// Names of four columns, without what is no letter or digit, and what they are.
const NAMES: [([&str; 4], Corners); 21] = [
    (["xmin", "ymin", "xmax", "ymax"], Corners::Two),
    (["minx", "miny", "maxx", "maxy"], Corners::Two),
    (["x1", "y1", "x2", "y2"], Corners::Two),
    (["x0", "y0", "x1", "y1"], Corners::Two),
    (["left", "top", "right", "bottom"], Corners::Two),
    (["xtl", "ytl", "xbr", "ybr"], Corners::Two),
    (["xleft", "ytop", "xright", "ybottom"], Corners::Two),
    (["startx", "starty", "endx", "endy"], Corners::Two),
    (["xstart", "ystart", "xend", "yend"], Corners::Two),
    (["x", "y", "w", "h"], Corners::Extent),
    (["xmin", "ymin", "w", "h"], Corners::Extent),
    (["xmin", "ymin", "width", "height"], Corners::Extent),
    (["left", "top", "w", "h"], Corners::Extent),
    (["left", "top", "width", "height"], Corners::Extent),
    (["x", "y", "width", "height"], Corners::Extent),
    (["0", "1", "2", "3"], Corners::Extent),
    (["xcenter", "ycenter", "width", "height"], Corners::Middle),
    (["xcentre", "ycentre", "width", "height"], Corners::Middle),
    (["xcenter", "ycenter", "w", "h"], Corners::Middle),
    (["centerx", "centery", "width", "height"], Corners::Middle),
    (["cx", "cy", "w", "h"], Corners::Middle),
];
/// What stands before such names and says what they are.
const BEFORE: [&str; 6] = ["boundingbox", "bbox", "box", "bb", "rect", "roi"];
/// Parts of names of columns that hold whole boxes.
const WHOLE: [&str; 8] =
    ["box", "rect", "region", "annotation", "label", "prediction", "detection", "target"];
/// Numbers of one cell.
const MAX_NUMBERS: usize = 2_000;

/// Where a table holds boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Columns {
    /// Four columns.
    Four([usize; 4], Corners),
    /// One column of texts with four numbers for each box, behind so many others of each.
    One(usize, usize),
}

impl Columns {
    /// The columns of a table that hold boxes, with every number of others that each may have before it.
    pub(crate) fn of(frame: &Frame) -> Vec<Self> {
        let names: Vec<String> = frame.names().iter().map(|name| plain(name)).collect();
        let named = |wanted: &[&str; 4], before: &str| -> Option<[usize; 4]> {
            let mut at = [0; 4];
            for (place, name) in at.iter_mut().zip(wanted) {
                *place = names.iter().position(|own| own.strip_prefix(before) == Some(*name))?;
            }
            Some(at)
        };
        let are_numbers =
            |at: &[usize; 4]| at.iter().all(|at| frame.columns().get(*at).is_some_and(mostly_numbers));
        for (wanted, corners) in &NAMES {
            // Numbers as names are those of a list that was taken apart.
            let bare = (wanted != &["0", "1", "2", "3"]).then_some("");
            let found = bare.into_iter().chain(BEFORE).find_map(|before| named(wanted, before));
            if let Some(at) = found.filter(are_numbers) {
                return vec![Self::Four(at, *corners)];
            }
        }
        let whole =
            (0..names.len()).map(|at| Self::whole(frame, at, names.get(at).map_or("", String::as_str)));
        whole.into_iter().find(|ways| !ways.is_empty()).unwrap_or_default()
    }

    fn whole(frame: &Frame, at: usize, name: &str) -> Vec<Self> {
        let column = frame.columns().get(at).filter(|_| WHOLE.iter().any(|part| name.contains(part)));
        let Some(column) = column else { return Vec::new() };
        let cells: Vec<&str> = column.iter().filter(|cell| !cell.is_empty()).take(300).collect();
        let texts = cells.iter().map(|cell| items(cell)).collect::<Vec<_>>();
        let several = texts.iter().flatten().filter(|numbers| numbers.len() >= 4).count();
        if several < cells.len().div_ceil(2) || cells.is_empty() {
            return Vec::new();
        }
        // A class, a confidence or both stand before the four.
        let fits =
            |before: &usize| texts.iter().flatten().all(|numbers| numbers.len().is_multiple_of(4 + before));
        (0..=2).filter(fits).map(|before| Self::One(at, before)).collect()
    }

    /// The numbers of the boxes of a row: four for each.
    pub(crate) fn numbers(&self, frame: &Frame, row: usize) -> Vec<[f64; 4]> {
        match self {
            Self::Four(at, _) => {
                let mut numbers = [0.0; 4];
                for (number, at) in numbers.iter_mut().zip(at) {
                    match frame.cell(row, *at).parse::<f64>() {
                        Ok(value) if value.is_finite() => *number = value,
                        _ => return Vec::new(),
                    }
                }
                vec![numbers]
            }
            Self::One(at, before) => boxes(frame.cell(row, *at), *before),
        }
    }

    /// The ways in which the four numbers may be meant.
    pub(crate) fn ways(&self) -> &'static [Corners] {
        match self {
            Self::Four(_, Corners::Two) => &[Corners::Two],
            Self::Four(_, Corners::Middle) => &[Corners::Middle],
            Self::Four(_, Corners::Extent) => &[Corners::Extent, Corners::Two, Corners::Middle],
            Self::One(..) => &[Corners::Two, Corners::Extent, Corners::Middle],
        }
    }
}

/// True when a column's cells are lists of four numbers or more, as boxes, runs and outlines are written.
pub(crate) fn are_shapes(column: &TextColumn) -> bool {
    let cells: Vec<&str> = column.iter().filter(|cell| !cell.is_empty()).take(300).collect();
    let shapes = cells.iter().filter(|cell| items(cell).iter().map(Vec::len).sum::<usize>() >= 4).count();
    !cells.is_empty() && shapes * 2 >= cells.len()
}

fn boxes(cell: &str, before: usize) -> Vec<[f64; 4]> {
    let four = |numbers: &[f64]| -> Option<[f64; 4]> { numbers.get(before..)?.try_into().ok() };
    items(cell).iter().flat_map(|numbers| numbers.chunks_exact(4 + before).filter_map(four)).collect()
}

/// Numbers of a cell, those of each part apart; parts without a number are left out.
fn items(cell: &str) -> Vec<Vec<f64>> {
    let parts = cell.split([';', '|', '\n', ']', '}', ')']);
    let numbers = |part: &str| -> Vec<f64> {
        part.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '+')))
            .filter_map(|word| word.parse::<f64>().ok())
            .filter(|number| number.is_finite())
            .take(MAX_NUMBERS)
            .collect()
    };
    parts.map(numbers).filter(|numbers| !numbers.is_empty()).collect()
}

fn mostly_numbers(column: &TextColumn) -> bool {
    let filled: Vec<&str> = column.iter().filter(|cell| !cell.is_empty()).take(2_000).collect();
    let numbers = filled.iter().filter(|cell| cell.parse::<f64>().is_ok()).count();
    !filled.is_empty() && numbers * 10 >= filled.len() * 9
}

/// A name of which letters and digits count.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Area {
    /// The rectangle of four numbers; none where it has no extent, as rows without a box are written.
    pub(crate) fn of([a, b, c, d]: [f64; 4], corners: Corners) -> Option<Self> {
        let area = match corners {
            Corners::Two => Self { left: a, top: b, right: c, bottom: d },
            Corners::Extent => Self { left: a, top: b, right: a + c, bottom: b + d },
            Corners::Middle => {
                Self { left: a - c / 2.0, top: b - d / 2.0, right: a + c / 2.0, bottom: b + d / 2.0 }
            }
        };
        (area.right > area.left && area.bottom > area.top).then_some(area)
    }

    /// True when its middle lies in a picture of this size, or in one that was turned.
    pub(crate) fn is_within(&self, width: f64, height: f64) -> bool {
        let (x, y) = (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom));
        let lies = |width: f64, height: f64| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        lies(width, height) || lies(height, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(names: &[&str], row: &[&str]) -> Frame {
        let mut frame = Frame::new(names.iter().map(|name| (*name).to_owned()).collect());
        for _ in 0..3 {
            frame.push_row(row.iter().copied());
        }
        frame
    }

    /// Names of columns, a row, and its boxes.
    type Case<'c> = (&'c [&'c str], &'c [&'c str], Vec<[f64; 4]>);

    #[test]
    fn boxes_in_every_notation() {
        let cases: [Case<'_>; 8] = [
            (
                &["img", "xmin", "ymin", "xmax", "ymax"],
                &["a", "1", "2", "30", "40"],
                vec![[1.0, 2.0, 30.0, 40.0]],
            ),
            (
                &["img", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"],
                &["a", "1", "2", "3", "4"],
                vec![[1.0, 2.0, 3.0, 4.0]],
            ),
            (
                &["img", "width", "height", "x", "y", "w", "h"],
                &["a", "640", "480", "1", "2", "3", "4"],
                vec![[1.0, 2.0, 3.0, 4.0]],
            ),
            (
                &["id", "bbox.0", "bbox.1", "bbox.2", "bbox.3"],
                &["a", "1", "2", "3", "4"],
                vec![[1.0, 2.0, 3.0, 4.0]],
            ),
            (&["img", "boxes"], &["a", "1 2 3 4 5 6 7 8"], vec![[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]),
            (
                &["img", "boxes"],
                &["a", "0.9 1 2 3 4;0.8 5 6 7 8"],
                vec![[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]],
            ),
            (&["img", "bbox"], &["a", "[1.0, 2, 3, 4]"], vec![[1.0, 2.0, 3.0, 4.0]]),
            (
                &["img", "boxes"],
                &["a", "[[1, 2, 3, 4], [5, 6, 7, 8]]"],
                vec![[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]],
            ),
        ];
        for (names, row, expected) in cases {
            let frame = frame(names, row);
            let columns = Columns::of(&frame);
            assert_eq!(columns[0].numbers(&frame, 0), expected, "{names:?} {row:?}");
        }
        assert_eq!(Columns::of(&frame(&["id", "label"], &["a", "cat"])), []);
        assert_eq!(Columns::of(&frame(&["id", "x", "y"], &["a", "1", "2"])), []);
    }

    #[test]
    fn boxes_lie_in_their_pictures() {
        let area = |numbers, corners| Area::of(numbers, corners).unwrap();
        assert!(area([90.0, 20.0, 130.0, 60.0], Corners::Two).is_within(120.0, 80.0));
        assert!(!area([900.0, 20.0, 930.0, 60.0], Corners::Two).is_within(120.0, 80.0));
        assert!(area([0.5, 0.5, 0.2, 0.2], Corners::Middle).is_within(1.0, 1.0));
        assert_eq!(Area::of([0.0; 4], Corners::Extent), None);
    }
}
