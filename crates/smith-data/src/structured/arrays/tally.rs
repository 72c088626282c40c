//! Figures of the elements of an array, in one pass.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::io::{self, Read};

use smith_task_schema::profile::{ArrayProfile, ValueCount};

use super::dtype::Element;
use super::header::Header;
use crate::column::tally::most_frequent;
use crate::overview::display::one_line;
use crate::structured::figure::figure;

/// Bytes of elements that are read of an array; the figures of a larger one cover its first elements.
pub(crate) const MAX_BYTES: u64 = 128 << 20;
/// Different elements that are counted.
const MAX_DISTINCT: usize = 1_000;
/// Most frequent elements that are named.
const TOP: usize = 20;
/// Elements with more bytes than this are not compared.
const MAX_TEXT_BYTES: usize = 4_096;
/// Characters of an element that are shown.
const SHOWN_CHARS: usize = 60;

/// Reads the elements and writes their figures into `facts`; says how many elements there were.
pub(crate) fn measure(input: &mut impl Read, header: &Header, facts: &mut ArrayProfile) -> io::Result<u64> {
    let size = header.dtype.size().max(1);
    let wanted = header.elements.min(MAX_BYTES / size as u64);
    let mut tally = Tally::of(&header.dtype.element);
    let mut buffer = vec![0; ((1 << 16) / size).max(1) * size];
    let mut read = 0;
    while read < wanted {
        let left =
            usize::try_from(wanted - read).unwrap_or(usize::MAX).saturating_mul(size).min(buffer.len());
        let n = fill(input, &mut buffer[..left])? / size;
        tally.push(&mut buffer[..n * size], size, header.dtype.big_endian);
        read += n as u64;
        if n * size < left {
            break;
        }
    }
    facts.exact = read == header.elements;
    tally.finish(read, facts);
    Ok(read)
}

fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What is gathered, by the kind of the elements.
enum Tally {
    /// Elements of one byte: all values are counted.
    Small {
        counts: Box<[u64; 256]>,
        kind: Element,
    },
    Whole {
        kind: Element,
        least: i128,
        greatest: i128,
        sum: i128,
        counts: Counts<i128>,
    },
    Float(Box<Floats>),
    Text {
        kind: Element,
        counts: Counts<String>,
    },
    /// Nothing is computed.
    Opaque,
}

struct Floats {
    bytes: usize,
    least: f64,
    greatest: f64,
    sum: f64,
    finite: u64,
    nan: u64,
    counts: Counts<u64>,
}

impl Tally {
    fn of(element: &Element) -> Self {
        match element {
            Element::Bool | Element::Signed(1) | Element::Unsigned(1) => {
                Self::Small { counts: Box::new([0; 256]), kind: element.clone() }
            }
            Element::Signed(_) | Element::Unsigned(_) => Self::Whole {
                kind: element.clone(),
                least: i128::MAX,
                greatest: i128::MIN,
                sum: 0,
                counts: Counts::default(),
            },
            Element::Float(bytes @ (2 | 4 | 8)) => Self::Float(Box::new(Floats::new(*bytes))),
            Element::Bytes(bytes) if *bytes <= MAX_TEXT_BYTES => {
                Self::Text { kind: element.clone(), counts: Counts::default() }
            }
            Element::Text(characters) if characters.saturating_mul(4) <= MAX_TEXT_BYTES => {
                Self::Text { kind: element.clone(), counts: Counts::default() }
            }
            _ => Self::Opaque,
        }
    }

    /// Counts whole elements of `size` bytes each, which may be turned round on the way.
    fn push(&mut self, bytes: &mut [u8], size: usize, big_endian: bool) {
        if big_endian && size > 1 && matches!(self, Self::Whole { .. } | Self::Float(_)) {
            bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        match self {
            Self::Small { counts, .. } => bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1),
            Self::Whole { kind, least, greatest, sum, counts } => {
                let mut add = |value: i128| {
                    *least = value.min(*least);
                    *greatest = value.max(*greatest);
                    *sum += value;
                    counts.add(value);
                };
                match kind {
                    Element::Signed(2) => each(bytes, |b| add(i16::from_le_bytes(b).into())),
                    Element::Signed(4) => each(bytes, |b| add(i32::from_le_bytes(b).into())),
                    Element::Signed(_) => each(bytes, |b| add(i64::from_le_bytes(b).into())),
                    Element::Unsigned(2) => each(bytes, |b| add(u16::from_le_bytes(b).into())),
                    Element::Unsigned(4) => each(bytes, |b| add(u32::from_le_bytes(b).into())),
                    _ => each(bytes, |b| add(u64::from_le_bytes(b).into())),
                }
            }
            Self::Float(floats) => match floats.bytes {
                2 => each(bytes, |b| floats.add(half(u16::from_le_bytes(b)))),
                4 => each(bytes, |b| floats.add(f32::from_le_bytes(b).into())),
                _ => each(bytes, |b| floats.add(f64::from_le_bytes(b))),
            },
            Self::Text { kind, counts } => {
                for element in bytes.chunks_exact(size) {
                    counts.add_with(|| text_of(element, kind, big_endian));
                }
            }
            Self::Opaque => {}
        }
    }

    fn finish(self, read: u64, facts: &mut ArrayProfile) {
        if read == 0 {
            return;
        }
        match self {
            Self::Small { counts, kind } => finish_small(&counts, &kind, read, facts),
            Self::Whole { least, greatest, sum, counts, .. } => {
                facts.min = Some(least.to_string());
                facts.max = Some(greatest.to_string());
                facts.mean = Some(figure(sum as f64 / read as f64));
                counts.finish(facts, |value| value.to_string());
            }
            Self::Float(floats) => floats.finish(facts),
            Self::Text { counts, .. } => counts.finish(facts, |text| one_line(&text, SHOWN_CHARS)),
            Self::Opaque => {}
        }
    }
}

/// Calls `with` for each `N` bytes.
fn each<const N: usize>(bytes: &[u8], mut with: impl FnMut([u8; N])) {
    bytes.as_chunks::<N>().0.iter().for_each(|chunk| with(*chunk));
}

fn finish_small(counts: &[u64; 256], kind: &Element, read: u64, facts: &mut ArrayProfile) {
    let value = |byte: usize| -> i64 {
        let byte = byte as u8;
        if *kind == Element::Signed(1) { i64::from(byte.cast_signed()) } else { i64::from(byte) }
    };
    let mut seen: Vec<(i64, u64)> =
        (0..256).filter(|&b| counts[b] > 0).map(|b| (value(b), counts[b])).collect();
    seen.sort_unstable();
    let sum: f64 = seen.iter().map(|&(value, count)| value as f64 * count as f64).sum();
    facts.min = seen.first().map(|(value, _)| value.to_string());
    facts.max = seen.last().map(|(value, _)| value.to_string());
    facts.mean = Some(figure(sum / read as f64));
    facts.distinct = Some(seen.len() as u64);
    let write = |value: i64| match kind {
        Element::Bool if value == 0 => String::from("False"),
        Element::Bool => String::from("True"),
        _ => value.to_string(),
    };
    facts.top = most_frequent(seen.into_iter().map(|(value, count)| (write(value), count)).collect(), TOP);
}

impl Floats {
    fn new(bytes: usize) -> Self {
        let (least, greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { bytes, least, greatest, sum: 0.0, finite: 0, nan: 0, counts: Counts::default() }
    }

    fn add(&mut self, value: f64) {
        if value.is_nan() {
            self.nan += 1;
            return;
        }
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        if value.is_finite() {
            self.finite += 1;
            self.sum += value;
        }
        // The two zeros are one value.
        self.counts.add((value + 0.0).to_bits());
    }

    fn finish(self, facts: &mut ArrayProfile) {
        let write = |value: f64| if self.bytes == 8 { value.to_string() } else { (value as f32).to_string() };
        facts.nan = self.nan;
        if self.least <= self.greatest {
            facts.min = Some(write(self.least));
            facts.max = Some(write(self.greatest));
        }
        if self.finite > 0 {
            facts.mean = Some(figure(self.sum / self.finite as f64));
        }
        self.counts.finish(facts, |bits| write(f64::from_bits(bits)));
    }
}

/// Counts of values while they are few.
struct Counts<T> {
    counts: Option<HashMap<T, u64>>,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self { counts: Some(HashMap::new()) }
    }
}

impl<T: Eq + Hash> Counts<T> {
    fn add(&mut self, value: T) {
        self.add_with(|| value);
    }

    fn add_with(&mut self, value: impl FnOnce() -> T) {
        let Some(counts) = &mut self.counts else { return };
        *counts.entry(value()).or_default() += 1;
        if counts.len() > MAX_DISTINCT {
            self.counts = None;
        }
    }

    fn finish(self, facts: &mut ArrayProfile, write: impl Fn(T) -> String) {
        let Some(counts) = self.counts else { return };
        facts.distinct = Some(counts.len() as u64);
        let mut written: BTreeMap<String, u64> = BTreeMap::new();
        for (value, count) in counts {
            *written.entry(write(value)).or_default() += count;
        }
        let top: Vec<ValueCount> = most_frequent(written, TOP);
        if top.first().is_some_and(|most| most.count > 1) {
            facts.top = top;
        }
    }
}

/// The text of an element, without the zeros that fill it up.
pub(crate) fn text_of(element: &[u8], kind: &Element, big_endian: bool) -> String {
    if !matches!(kind, Element::Text(_)) {
        return String::from_utf8_lossy(element).trim_end_matches('\0').to_string();
    }
    let decode = |b: &[u8; 4]| if big_endian { u32::from_be_bytes(*b) } else { u32::from_le_bytes(*b) };
    let text: String =
        element.as_chunks::<4>().0.iter().map(|b| char::from_u32(decode(b)).unwrap_or('\u{fffd}')).collect();
    text.trim_end_matches('\0').to_string()
}

/// The value of a number of sixteen bits.
pub(crate) fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dtype::Dtype;
    use super::*;

    fn facts(element: Element, big_endian: bool, bytes: &[u8]) -> ArrayProfile {
        let dtype = Dtype { element, big_endian };
        let elements = (bytes.len() / dtype.size()) as u64;
        let header = Header { dtype, shape: vec![elements], elements, is_by_column: false };
        let mut facts = ArrayProfile::default();
        assert_eq!(measure(&mut &*bytes, &header, &mut facts).unwrap(), elements);
        assert!(facts.exact);
        facts
    }

    fn range(facts: &ArrayProfile) -> (&str, &str, &str) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default().leak() as &str;
        (text(&facts.min), text(&facts.max), text(&facts.mean))
    }

    #[test]
    fn whole_numbers_of_every_size() {
        let le: Vec<u8> = [-3_i32, 5, 5].iter().flat_map(|v| v.to_le_bytes()).collect();
        let be: Vec<u8> = [-3_i32, 5, 5].iter().flat_map(|v| v.to_be_bytes()).collect();
        for (bytes, big_endian) in [(le, false), (be, true)] {
            let facts = facts(Element::Signed(4), big_endian, &bytes);
            assert_eq!(range(&facts), ("-3", "5", "2.33333"));
            assert_eq!((facts.distinct, &facts.top[0]), (Some(2), &ValueCount::new("5", 2)));
        }
        assert_eq!(range(&facts(Element::Signed(1), false, &[255, 1])), ("-1", "1", "0"));
        assert_eq!(range(&facts(Element::Unsigned(8), false, &[255; 8])).0, u64::MAX.to_string());
        let flags = facts(Element::Bool, false, &[1, 0, 1]);
        assert_eq!(flags.top[0], ValueCount::new("True", 2));
    }

    #[test]
    fn numbers_with_what_is_none() {
        let values = [0.5_f64, f64::NAN, -1.0, f64::INFINITY];
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let facts = facts(Element::Float(8), false, &bytes);
        assert_eq!((range(&facts), facts.nan, facts.distinct), (("-1", "inf", "-0.25"), 1, Some(3)));
        assert_eq!([0x3c00, 0xc000, 0x7c00, 1].map(half), [1.0, -2.0, f64::INFINITY, 2_f64.powi(-24)]);
    }

    #[test]
    fn texts_are_counted() {
        let bytes: Vec<u8> = "catdogcat".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        let facts = facts(Element::Text(3), true, &bytes);
        assert_eq!((facts.distinct, &facts.top[0]), (Some(2), &ValueCount::new("cat", 2)));
    }

    #[test]
    fn fewer_elements_than_promised_are_told() {
        let dtype = Dtype { element: Element::Float(4), big_endian: false };
        let header = Header { dtype, shape: vec![1 << 40], elements: 1 << 40, is_by_column: false };
        let mut facts = ArrayProfile::default();
        assert_eq!(measure(&mut &[0; 10][..], &header, &mut facts).unwrap(), 2);
        assert!(!facts.exact);
    }
}
