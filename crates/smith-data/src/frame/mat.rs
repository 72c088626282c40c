//! The arrays of a MATLAB file of level 5: numbers, texts and lists of texts. What is packed is unpacked within limits.

use std::io::Read;
use std::path::Path;

use flate2::read::ZlibDecoder;

use super::Gather;
use super::arrays::beside;
use super::npy::Rows;
use crate::source::reader;

/// Largest file that is held, packed and unpacked, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Arrays that are read, and depth of arrays within arrays.
const MAX_ARRAYS: usize = 256;
const MAX_DEPTH: usize = 4;
/// Elements of one array, and columns that it may have.
const MAX_ELEMENTS: usize = 8 << 20;
const MAX_WIDTH: usize = 256;
const HEADER: usize = 128;

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// True for the first bytes of a file of level 5.
pub(super) fn is_mat(head: &[u8]) -> bool {
    head.starts_with(b"MATLAB 5.0 MAT-file") && head.get(126..128) == Some(b"IM")
}

/// Reads the arrays of a file.
pub(super) fn read(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    let input = reader::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    input.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    beside(arrays(bytes.get(HEADER..).unwrap_or_default()), gather);
    Ok(())
}

/// The arrays in the elements of a file.
fn arrays(bytes: &[u8]) -> Vec<(String, Rows)> {
    let (mut found, mut left) = (Vec::new(), MAX_BYTES);
    let mut elements = Elements { rest: bytes };
    while let Some((kind, data)) = elements.next() {
        if found.len() >= MAX_ARRAYS {
            break;
        }
        if kind == COMPRESSED {
            let mut unpacked = Vec::new();
            // What came out before damage is still an array.
            let _ = ZlibDecoder::new(data).take(left).read_to_end(&mut unpacked);
            left = left.saturating_sub(unpacked.len() as u64);
            if let Some((MATRIX, data)) = (Elements { rest: &unpacked }).next() {
                matrix(data, "", 0, &mut found);
            }
        } else if kind == MATRIX {
            matrix(data, "", 0, &mut found);
        }
    }
    found
}

/// Tagged elements one behind the other.
struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The type and the bytes of the next element.
    fn next(&mut self) -> Option<(u32, &'a [u8])> {
        let word =
            |at: usize| Some(u32::from_le_bytes(self.rest.get(at..at.checked_add(4)?)?.try_into().ok()?));
        let first = word(0)?;
        // A short element has its length in the upper half of its type.
        if first >> 16 != 0 {
            let length = (first >> 16) as usize;
            let data = self.rest.get(4..4_usize.checked_add(length.min(4))?)?;
            self.rest = self.rest.get(8..).unwrap_or_default();
            return Some((first & 0xffff, data));
        }
        let length = word(4)? as usize;
        let end = 8_usize.saturating_add(length).min(self.rest.len());
        let data = self.rest.get(8..end)?;
        // What is packed is not filled up.
        let padded = if first == COMPRESSED { end } else { end.checked_next_multiple_of(8)? };
        self.rest = self.rest.get(padded..).unwrap_or_default();
        Some((first, data))
    }
}

/// Adds an array, and the arrays within it.
fn matrix(data: &[u8], above: &str, depth: usize, found: &mut Vec<(String, Rows)>) -> Option<()> {
    if depth > MAX_DEPTH || found.len() >= MAX_ARRAYS {
        return None;
    }
    let mut parts = Elements { rest: data };
    let class = *parts.next()?.1.first()?;
    let extents: Vec<usize> =
        numbers(parts.next()?)?.into_iter().map(|extent| extent.max(0.0) as usize).collect();
    let name = String::from_utf8_lossy(parts.next()?.1).into_owned();
    let name = if name.is_empty() { above.to_owned() } else { name };
    let count = extents.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent))?;
    if count > MAX_ELEMENTS {
        return None;
    }
    match class {
        1 => cells(&mut parts, count, &name, depth, found),
        2 => fields(&mut parts, count, &name, depth, found),
        4 => {
            let texts = texts(parts.next()?, &extents)?;
            found.push((name, Rows { width: 1, cells: texts }));
            Some(())
        }
        6..=15 => {
            found.push((name, table(&numbers(parts.next()?)?, &extents)?));
            Some(())
        }
        _ => None,
    }
}

/// A list of arrays: one of texts or of single numbers is one column.
fn cells(
    parts: &mut Elements<'_>,
    count: usize,
    name: &str,
    depth: usize,
    found: &mut Vec<(String, Rows)>,
) -> Option<()> {
    let mut column = Vec::new();
    for _ in 0..count {
        let Some((MATRIX, data)) = parts.next() else { break };
        let mut inner = Vec::new();
        matrix(data, name, depth + 1, &mut inner);
        match inner.as_slice() {
            [(_, rows)] if rows.cells.len() == 1 => column.extend(rows.cells.iter().cloned()),
            _ => {
                column.push(String::new());
                found.extend(inner.into_iter().take(4));
            }
        }
    }
    found.push((name.to_owned(), Rows { width: 1, cells: column }));
    Some(())
}

/// A record, or a list of them: each field is a column.
fn fields(
    parts: &mut Elements<'_>,
    count: usize,
    name: &str,
    depth: usize,
    found: &mut Vec<(String, Rows)>,
) -> Option<()> {
    let length = numbers(parts.next()?)?.first().map_or(0, |length| length.max(0.0) as usize);
    let names: Vec<String> = parts
        .next()?
        .1
        .chunks(length.max(1))
        .map(|name| String::from_utf8_lossy(name).trim_end_matches('\0').to_owned())
        .collect();
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for _ in 0..count {
        for (field, column) in names.iter().zip(&mut columns) {
            let Some((MATRIX, data)) = parts.next() else { break };
            let mut inner = Vec::new();
            matrix(data, &format!("{name}.{field}"), depth + 1, &mut inner);
            match inner.as_slice() {
                [(_, rows)] if rows.cells.len() == 1 && count > 1 => {
                    column.extend(rows.cells.iter().cloned());
                }
                _ => found.extend(inner.into_iter().take(MAX_ARRAYS.saturating_sub(found.len()))),
            }
        }
    }
    let named = names.into_iter().map(|field| format!("{name}.{field}")).zip(columns);
    found.extend(
        named.filter(|(_, cells)| !cells.is_empty()).map(|(name, cells)| (name, Rows { width: 1, cells })),
    );
    Some(())
}

/// Numbers of any type; whole ones up to 2^53 exactly.
fn numbers((kind, data): (u32, &[u8])) -> Option<Vec<f64>> {
    fn each<const N: usize>(data: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        data.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)).collect()
    }
    Some(match kind {
        1 => each(data, |b: [u8; 1]| f64::from(i8::from_le_bytes(b))),
        2 | 16 => each(data, |b: [u8; 1]| f64::from(u8::from_le_bytes(b))),
        3 => each(data, |b| f64::from(i16::from_le_bytes(b))),
        4 | 17 => each(data, |b| f64::from(u16::from_le_bytes(b))),
        5 => each(data, |b| f64::from(i32::from_le_bytes(b))),
        6 => each(data, |b| f64::from(u32::from_le_bytes(b))),
        7 => each(data, |b| f64::from(f32::from_le_bytes(b))),
        9 => each(data, f64::from_le_bytes),
        12 => each(data, |b| i64::from_le_bytes(b) as f64),
        13 => each(data, |b| u64::from_le_bytes(b) as f64),
        _ => return None,
    })
}

/// An array of two dimensions, which lies column after column. A single row is a column.
fn table(numbers: &[f64], extents: &[usize]) -> Option<Rows> {
    let long: Vec<usize> = extents.iter().copied().filter(|&extent| extent > 1).collect();
    let (rows, width) = match long.as_slice() {
        [] => (1, 1),
        &[rows] => (rows, 1),
        &[rows, width] if width <= MAX_WIDTH => (rows, width),
        _ => return None,
    };
    let cell = |at: usize| numbers.get((at % width) * rows + at / width).map(ToString::to_string);
    Some(Rows { width, cells: (0..rows * width).map_while(cell).collect() })
}

/// The rows of an array of letters.
fn texts(data: (u32, &[u8]), extents: &[usize]) -> Option<Vec<String>> {
    let letters: Vec<char> = if data.0 == 16 {
        String::from_utf8_lossy(data.1).chars().collect()
    } else {
        let letter = |code: f64| char::from_u32(code as u32).unwrap_or('\u{fffd}');
        numbers(data)?.into_iter().map(letter).collect()
    };
    let rows = (*extents.first()?).max(1);
    let row = |at: usize| letters.iter().skip(at).step_by(rows).collect::<String>().trim_end().to_owned();
    (rows <= 1 << 16).then(|| (0..rows).map(row).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::super::{FrameLimits, frames};
    use super::*;

    fn element(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn array(class: u8, extents: [i32; 2], name: &str, rest: &[u8]) -> Vec<u8> {
        let extents: Vec<u8> = extents.iter().flat_map(|extent| extent.to_le_bytes()).collect();
        let head =
            [element(6, &[class, 0, 0, 0, 0, 0, 0, 0]), element(5, &extents), element(1, name.as_bytes())];
        element(MATRIX, &[head.concat(), rest.to_vec()].concat())
    }

    fn file(arrays: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
        bytes.resize(124, b' ');
        bytes.extend([0, 1, b'I', b'M']);
        for array in arrays {
            let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(array).unwrap();
            let packed = packer.finish().unwrap();
            bytes.extend(COMPRESSED.to_le_bytes());
            bytes.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
            bytes.extend(packed);
        }
        bytes
    }

    fn sample() -> Vec<u8> {
        let text = |text: &str| {
            let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            array(4, [1, i32::try_from(text.len()).unwrap()], "", &element(4, &letters))
        };
        let labels: Vec<u8> = [1.5_f64, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        file(&[
            array(1, [2, 1], "names", &[text("a7"), text("b8")].concat()),
            array(6, [1, 2], "labels", &element(9, &labels)),
            array(9, [2, 2], "boxes", &element(2, &[1, 2, 3, 4])),
        ])
    }

    #[test]
    fn arrays_of_one_length_are_one_table() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.mat");
        std::fs::write(&path, sample()).unwrap();
        let frames = frames(&path, &FrameLimits::default()).unwrap();
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].names(), ["names", "labels", "boxes[0]", "boxes[1]"]);
        let row = |at: usize| (0..4).map(|column| frames[0].cell(at, column)).collect::<Vec<_>>();
        assert_eq!((row(0), row(1)), (vec!["a7", "1.5", "1", "3"], vec!["b8", "2", "2", "4"]));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..400, by in any::<u8>()) {
            drop(arrays(&noise));
            let array = array(2, [1, 1], "s", &[element(5, &[4, 0, 0, 0]), element(1, b"ab\0\0cd\0\0"), array(6, [1, 1], "", &element(9, &[0; 8]))].concat());
            let mut bytes = array;
            if let Some(byte) = bytes.get_mut(at) { *byte = by; }
            drop(arrays(&bytes));
        }
    }
}
