//! Meshes and point clouds as bytes: binary STL, LAS, and the records of PLY and PCD.

use std::io::{self, Read};

use super::shape::{Extents, Shape};

/// Longest record that is read.
const MAX_RECORD: usize = 1 << 16;

/// Reads a binary STL file after its first 80 bytes.
pub(super) fn stl(input: &mut impl Read) -> Result<Shape, String> {
    let mut count = [0; 4];
    input.read_exact(&mut count).map_err(|_| "it ends within its header")?;
    let faces = u64::from(u32::from_le_bytes(count));
    let mut shape = Shape { points: faces.saturating_mul(3), faces: Some(faces), ..Shape::default() };
    shape.attributes.insert("normal");
    let corners: Vec<[Option<Field>; 3]> = (0..3)
        .map(|corner| {
            std::array::from_fn(|axis| Some(Field::new(12 + corner * 12 + axis * 4, Scalar::Float(4))))
        })
        .collect();
    let read = records(input, 50, faces, false, |record, big_endian| {
        corners.iter().for_each(|corner| shape.extents.add(point(record, corner, big_endian)));
    })?;
    if read < faces {
        shape.lacking = Some(format!("{read} of {faces} facets are there"));
    }
    Ok(shape)
}

/// Reads the header of a LAS or LAZ file.
pub(super) fn las(input: &mut impl Read) -> Result<Shape, String> {
    let mut header = Vec::new();
    input.take(375).read_to_end(&mut header).map_err(|error| error.to_string())?;
    if !header.starts_with(b"LASF") || header.len() < 227 {
        return Err(String::from("it does not begin like a LAS file"));
    }
    let number = |at: usize| header.get(at..at + 8).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes);
    let legacy = header.get(107..111).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    let long = header.get(247..255).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let is_new = header[24] > 1 || header[25] >= 4;
    let mut shape = Shape { points: if is_new { long } else { u64::from(legacy) }, ..Shape::default() };
    shape.attributes.extend(["intensity", "label"]);
    let format = header[104] & 0x3f;
    if matches!(format, 1 | 3..=10) {
        shape.attributes.insert("time");
    }
    if matches!(format, 2 | 3 | 5 | 7 | 8 | 10) {
        shape.attributes.insert("colour");
    }
    if let (Some(x), Some(y), Some(z)) = (number(187), number(203), number(219)) {
        shape.extents.add([x, y, z]);
    }
    if let (Some(x), Some(y), Some(z)) = (number(179), number(195), number(211)) {
        shape.extents.add([x, y, z]);
    }
    Ok(shape)
}

/// A number within a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    /// With its bytes.
    Signed(usize),
    Unsigned(usize),
    Float(usize),
}

impl Scalar {
    pub(super) fn size(self) -> usize {
        match self {
            Self::Signed(size) | Self::Unsigned(size) | Self::Float(size) => size,
        }
    }
}

/// Where a number lies within a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    at: usize,
    scalar: Scalar,
}

impl Field {
    pub(super) fn new(at: usize, scalar: Scalar) -> Self {
        Self { at, scalar }
    }

    fn read(self, record: &[u8], big_endian: bool) -> Option<f64> {
        let mut bytes = [0_u8; 8];
        let size = self.scalar.size();
        let bytes = bytes.get_mut(..size)?;
        bytes.copy_from_slice(record.get(self.at..self.at.checked_add(size)?)?);
        if big_endian {
            bytes.reverse();
        }
        Some(match (self.scalar, &*bytes) {
            (Scalar::Float(_), &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
            (Scalar::Float(_), &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            (Scalar::Signed(_), &[a]) => a.cast_signed().into(),
            (Scalar::Signed(_), &[a, b]) => i16::from_le_bytes([a, b]).into(),
            (Scalar::Signed(_), &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).into(),
            (Scalar::Unsigned(_), &[a]) => a.into(),
            (Scalar::Unsigned(_), &[a, b]) => u16::from_le_bytes([a, b]).into(),
            (Scalar::Unsigned(_), &[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]).into(),
            _ => return None,
        })
    }
}

/// The place that three fields of a record say; not a number where one is missing.
pub(super) fn point(record: &[u8], fields: &[Option<Field>; 3], big_endian: bool) -> [f64; 3] {
    fields.map(|field| field.and_then(|field| field.read(record, big_endian)).unwrap_or(f64::NAN))
}

/// The box around the points of `count` records of `size` bytes, and how many records there were.
pub(super) fn places(
    input: &mut impl Read,
    size: usize,
    count: u64,
    big_endian: bool,
    fields: &[Option<Field>; 3],
) -> Result<(Extents, u64), String> {
    let mut extents = Extents::default();
    let read =
        records(input, size, count, big_endian, |record, big| extents.add(point(record, fields, big)))?;
    Ok((extents, read))
}

/// Calls `with` for each of `count` records of `size` bytes; says how many there were.
fn records(
    input: &mut impl Read,
    size: usize,
    count: u64,
    big_endian: bool,
    mut with: impl FnMut(&[u8], bool),
) -> Result<u64, String> {
    if size == 0 || size > MAX_RECORD {
        return Err(format!("its records have {size} bytes"));
    }
    let mut record = vec![0; size];
    for read in 0..count {
        match input.read_exact(&mut record) {
            Ok(()) => with(&record, big_endian),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(read),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_stl() {
        let mut file = 2_u32.to_le_bytes().to_vec();
        for _ in 0..2 {
            for value in [0.0_f32, 0.0, 1.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 1.0, 0.0] {
                file.extend(value.to_le_bytes());
            }
            file.extend([0, 0]);
        }
        let shape = stl(&mut file.as_slice()).unwrap();
        assert_eq!((shape.points, shape.faces, shape.extents.longest()), (6, Some(2), Some(3.0)));
        file[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(stl(&mut file.as_slice()).unwrap().lacking.unwrap(), "2 of 4294967295 facets are there");
    }

    #[test]
    fn las_headers() {
        let mut file = vec![0; 375];
        file[..4].copy_from_slice(b"LASF");
        (file[24], file[25], file[104]) = (1, 2, 3);
        file[107..111].copy_from_slice(&5_000_u32.to_le_bytes());
        file[179..187].copy_from_slice(&12.5_f64.to_le_bytes());
        let shape = las(&mut file.as_slice()).unwrap();
        assert_eq!((shape.points, shape.extents.longest()), (5_000, Some(12.5)));
        assert!(shape.attributes.contains("colour") && shape.attributes.contains("time"));
        assert!(las(&mut &b"LASF"[..]).is_err());
    }
}
