//! What is different in two files that should be the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use smith_data::signal::picture;
use smith_data::{FrameLimits, frames};

use super::tables::number;

/// Files are compared up to here, in bytes; what differs only behind it is simply different.
const MOST_BYTES: u64 = 64 << 20;
/// Numbers whose relative difference is below this are the same but for the last digits.
const LAST_DIGITS: f64 = 1e-12;
/// Characters of a line that are shown.
const SHOWN: usize = 60;

/// How two files differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Only the first one, or only the second one, is there.
    Absent,
    /// The same lines in another order.
    Order,
    /// The same lines but for the way numbers are written or their last digits; number of the first other line.
    Digits(usize),
    /// The same first cells with other values behind them; number of the first other line, and what it is in both.
    Values(usize, String, String),
    /// Other lines; number of the first other line, and what it is in both.
    Lines(usize, String, String),
    /// The same content in an archive with other times, in a table or a picture that is written in another way.
    Container,
    /// Bytes that are no text.
    Bytes,
}

impl Difference {
    /// Whether everything that is told apart is the same, so that only the file's form is not.
    pub(crate) fn is_of_form(&self) -> bool {
        matches!(self, Self::Digits(_) | Self::Container)
    }

    /// In words, behind the name of the file.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Absent => "is there only once".to_owned(),
            Self::Order => "has the same lines in another order".to_owned(),
            Self::Digits(line) => {
                format!(
                    "has numbers that differ only in how they are written or in their last digits (line {line})"
                )
            }
            Self::Values(line, a, b) => {
                format!("has the same ids with other values: line {line} is {a:?} once and {b:?} once")
            }
            Self::Lines(line, a, b) => format!("differs in line {line}: {a:?} once and {b:?} once"),
            Self::Container => "holds the same in another form".to_owned(),
            Self::Bytes => "differs in its bytes".to_owned(),
        }
    }
}

/// How two files differ, which are known to. What cannot be read is absent. Blocks.
pub(crate) fn compare(a: &Path, b: &Path) -> Difference {
    let (Some(first), Some(second)) = (read(a), read(b)) else { return Difference::Absent };
    if let (Ok(first), Ok(second)) = (std::str::from_utf8(&first), std::str::from_utf8(&second)) {
        return of_texts(first, second);
    }
    let same_members = members(&first).is_some_and(|these| Some(these) == members(&second));
    let same_stream = unzipped(&first).is_some_and(|this| Some(this) == unzipped(&second));
    let same = same_members || same_stream || same_tables(a, b) || same_picture(a, b);
    if same { Difference::Container } else { Difference::Bytes }
}

/// Whether both hold the same cells: other versions of a library write them in other bytes.
fn same_tables(a: &Path, b: &Path) -> bool {
    let tables = |path: &Path| frames(path, &FrameLimits::default()).ok().filter(|frames| !frames.is_empty());
    let (Some(first), Some(second)) = (tables(a), tables(b)) else { return false };
    first.len() == second.len()
        && first.iter().zip(&second).all(|(a, b)| {
            !a.is_cut() && a.names() == b.names() && a.rows() == b.rows() && a.columns() == b.columns()
        })
}

/// Whether both show the same picture, compressed by other versions of a library.
fn same_picture(a: &Path, b: &Path) -> bool {
    const SIDE: u32 = 64;
    const ONE_LEVEL: f32 = 1.0 / 255.0;
    let (Some(first), Some(second)) = (picture(a, SIDE), picture(b, SIDE)) else { return false };
    let close = |(a, b): (&[f32; 3], &[f32; 3])| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= ONE_LEVEL);
    (first.width, first.height) == (second.width, second.height)
        && first.points.iter().zip(&second.points).all(close)
}

/// Names, checksums and sizes of what a zip archive holds, in their order; nothing when it is none.
fn members(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let end = bytes.windows(END.len()).rposition(|window| window == END)?;
    let mut at = number_at(bytes, end + 16, 4)?;
    let mut members = Vec::new();
    while bytes.get(at..at + ENTRY.len()) == Some(ENTRY) {
        let lengths = [28, 30, 32].map(|field| number_at(bytes, at + field, 2));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        members.push((bytes.get(at + 46..at + 46 + name)?, bytes.get(at + 16..at + 28)?));
        at += 46 + name + extra + comment;
    }
    (!members.is_empty()).then_some(members)
}

/// A number of a few bytes, the smallest first.
fn number_at(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

/// What follows the time in a gzip file; nothing when it is none.
fn unzipped(bytes: &[u8]) -> Option<&[u8]> {
    const TIME: std::ops::Range<usize> = 4..8;
    bytes.starts_with(&[0x1f, 0x8b]).then(|| bytes.get(TIME.end..)).flatten()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn of_texts(a: &str, b: &str) -> Difference {
    let (first, second): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let length = first.len().max(second.len());
    let line = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
    let other = (0..length).find(|&at| first.get(at) != second.get(at)).unwrap_or(0);
    if same_digits(&first, &second) {
        return Difference::Digits(other + 1);
    }
    if counted(&first) == counted(&second) {
        return Difference::Order;
    }
    let shown = |lines: &[&str]| line(lines, other).chars().take(SHOWN).collect::<String>();
    let (number, once, again) = (other + 1, shown(&first), shown(&second));
    let ids = |lines: &[&str]| -> BTreeSet<String> { lines.iter().map(|line| first_cell(line)).collect() };
    let told_apart = ids(&first).len() == first.len();
    if told_apart && first.len() == second.len() && ids(&first) == ids(&second) {
        return Difference::Values(number, once, again);
    }
    Difference::Lines(number, once, again)
}

fn first_cell(line: &str) -> String {
    line.split([',', '\t', ';']).next().unwrap_or_default().to_owned()
}

fn counted<'l>(lines: &[&'l str]) -> BTreeMap<&'l str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(*line).or_default() += 1;
    }
    counts
}

fn same_digits(a: &[&str], b: &[&str]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || same_cells(a, b))
}

fn same_cells(a: &str, b: &str) -> bool {
    let (first, second): (Vec<&str>, Vec<&str>) = (a.split(',').collect(), b.split(',').collect());
    first.len() == second.len() && first.iter().zip(&second).all(|(a, b)| a == b || same_number(a, b))
}

fn same_number(a: &str, b: &str) -> bool {
    match (number(a.trim()), number(b.trim())) {
        (Some(a), Some(b)) => (a - b).abs() <= LAST_DIGITS * a.abs().max(b.abs()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::png::CompressionType;

    use super::*;

    #[test]
    fn texts_differ_in_order_digits_values_or_lines() {
        let values = |line, a: &str, b: &str| Difference::Values(line, a.into(), b.into());
        let lines = |line, a: &str, b: &str| Difference::Lines(line, a.into(), b.into());
        let cases = [
            ("id,y\n1,a\n2,b\n", "id,y\n2,b\n1,a\n", Difference::Order),
            ("id,y\n1,0.1\n2,5\n", "id,y\n1,0.10000000000000001\n2,5.0\n", Difference::Digits(2)),
            ("id,y\n1,a\n2,b\n", "id,y\n1,a\n2,c\n", values(3, "2,b", "2,c")),
            ("id,y\n1,a\n2,b\n", "id,y\n2,a\n1,c\n", values(2, "1,a", "2,a")),
            ("id,y\n1,a\n2,b\n", "id,y\n1,a\n3,b\n", lines(3, "2,b", "3,b")),
            ("id,y\n1,a\n", "id,y\n1,a\n3,b\n", lines(3, "", "3,b")),
            ("made at 10", "made at 11", lines(1, "made at 10", "made at 11")),
        ];
        for (a, b, expected) in cases {
            assert_eq!(of_texts(a, b), expected, "{a:?} and {b:?}");
        }
    }

    /// A zip archive with one empty member, as far as it is looked at.
    fn archive(time: u8, checksum: u8) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.resize(46, 0);
        (bytes[12], bytes[16], bytes[28]) = (time, checksum, 1);
        bytes.push(b'a');
        bytes.extend(b"PK\x05\x06");
        bytes.resize(47 + 22, 0);
        bytes.push(0xff);
        bytes
    }

    #[test]
    fn containers_may_hold_the_same_with_other_times() {
        let dir = tempfile::tempdir().unwrap();
        let compared = |a: &[u8], b: &[u8]| {
            let (first, second) = (dir.path().join("a"), dir.path().join("b"));
            std::fs::write(&first, a).unwrap();
            std::fs::write(&second, b).unwrap();
            compare(&first, &second)
        };
        assert_eq!(compared(&archive(1, 7), &archive(2, 7)), Difference::Container);
        assert_eq!(compared(&archive(1, 7), &archive(1, 8)), Difference::Bytes);
        let gzip = |time, content| [0x1f, 0x8b, 8, 0, time, 0, 0, 0, 2, 3, content];
        assert_eq!(compared(&gzip(1, 5), &gzip(2, 5)), Difference::Container);
        assert_eq!(compared(&gzip(1, 5), &gzip(1, 6)), Difference::Bytes);
        assert_eq!(compared(&[0xff, 1], &[0xff, 2]), Difference::Bytes);
        let picture = |level, compression| {
            let mut bytes = Vec::new();
            let pixels: Vec<u8> = (0..64_u8).flat_map(|at| [at, level, 7]).collect();
            let filter = image::codecs::png::FilterType::Sub;
            let encoder = image::codecs::png::PngEncoder::new_with_quality(&mut bytes, compression, filter);
            image::ImageEncoder::write_image(encoder, &pixels, 8, 8, image::ExtendedColorType::Rgb8).unwrap();
            bytes
        };
        let (fast, best) = (CompressionType::Fast, CompressionType::Best);
        assert_eq!(compared(&picture(9, fast), &picture(9, best)), Difference::Container);
        assert_eq!(compared(&picture(9, fast), &picture(90, fast)), Difference::Bytes);
        assert_eq!(compare(&dir.path().join("a"), &dir.path().join("none")), Difference::Absent);
        assert!(Difference::Container.is_of_form() && !Difference::Order.is_of_form());
    }
}
