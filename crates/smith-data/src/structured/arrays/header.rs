//! Headers of array files: NumPy's `.npy` and the IDX of digit images.

use std::io::Read;

use super::dtype::{Dtype, Element, product, shape_of};
use super::literal::Literal;

/// Longest header of a `.npy` file that is read; NumPy itself refuses more than a tenth of it.
const MAX_HEADER: u64 = 100_000;
/// Most dimensions of an IDX file.
const MAX_DIMENSIONS: u8 = 16;

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<u64>,
    /// Number of elements.
    pub(crate) elements: u64,
    /// True when the first index changes fastest.
    pub(crate) is_by_column: bool,
}

impl Header {
    fn new(dtype: Dtype, shape: Vec<u64>) -> Result<Self, String> {
        let elements = product(&shape).filter(|n| n.checked_mul(dtype.size().max(1) as u64).is_some());
        let elements = elements.ok_or("its header claims a shape that is larger than any file")?;
        Ok(Self { dtype, shape, elements, is_by_column: false })
    }
}

/// Reads the header of a `.npy` file; what follows in `input` are its elements.
///
/// # Errors
/// What is wrong with the header, as a clause.
pub(crate) fn npy(input: &mut impl Read) -> Result<Header, String> {
    let mut start = [0; 8];
    input.read_exact(&mut start).map_err(|_| "it ends within its header")?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(String::from("it does not begin like a NumPy array"));
    }
    let length = match start[6] {
        1 => u64::from(u16::from_le_bytes(bytes(input)?)),
        2 | 3 => u64::from(u32::from_le_bytes(bytes(input)?)),
        version => return Err(format!("version {version} of its format is not known")),
    };
    if length > MAX_HEADER {
        return Err(format!("its header claims {length} bytes"));
    }
    let mut text = Vec::new();
    input.take(length).read_to_end(&mut text).map_err(|error| error.to_string())?;
    let header = Literal::parse(&String::from_utf8_lossy(&text)).ok_or("its header cannot be understood")?;
    let dtype = header.get("descr").and_then(Dtype::of).ok_or("its header names no known type")?;
    let shape = header.get("shape").and_then(shape_of).ok_or("its header names no shape")?;
    let is_by_column = header.get("fortran_order") == Some(&Literal::Flag(true));
    Ok(Header { is_by_column, ..Header::new(dtype, shape)? })
}

/// Reads the header of an IDX file; what follows in `input` are its elements.
///
/// # Errors
/// What is wrong with the header, as a clause.
pub(crate) fn idx(input: &mut impl Read) -> Result<Header, String> {
    let [zero, also_zero, code, dimensions] = bytes::<4>(input)?;
    let element = match code {
        0x08 => Element::Unsigned(1),
        0x09 => Element::Signed(1),
        0x0b => Element::Signed(2),
        0x0c => Element::Signed(4),
        0x0d => Element::Float(4),
        0x0e => Element::Float(8),
        _ => return Err(String::from("it does not begin like an IDX file")),
    };
    if (zero, also_zero) != (0, 0) || dimensions == 0 || dimensions > MAX_DIMENSIONS {
        return Err(String::from("it does not begin like an IDX file"));
    }
    let shape: Result<Vec<u64>, String> =
        (0..dimensions).map(|_| Ok(u64::from(u32::from_be_bytes(bytes(input)?)))).collect();
    Header::new(Dtype { element, big_endian: true }, shape?)
}

fn bytes<const N: usize>(input: &mut impl Read) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(|_| "it ends within its header")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `.npy` file's start.
    fn start(version: u8, header: &str) -> Vec<u8> {
        let mut file = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
        match version {
            1 => file.extend((header.len() as u16).to_le_bytes()),
            _ => file.extend((header.len() as u32).to_le_bytes()),
        }
        file.extend(header.as_bytes());
        file
    }

    #[test]
    fn npy_of_every_version() {
        for version in 1..=3 {
            let file = start(version, "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4), }\n");
            let mut rest = file.as_slice();
            let header = npy(&mut rest).unwrap();
            assert_eq!(
                (header.dtype.name().as_str(), header.shape, header.elements),
                ("float64", vec![3, 4], 12)
            );
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn hostile_headers_are_refused() {
        let huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 3)}";
        let negative = "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 3)}";
        for file in [start(1, huge), start(1, negative), start(9, "{}"), start(2, ""), b"\x93NUM".to_vec()] {
            assert!(npy(&mut file.as_slice()).is_err());
        }
        let mut long = start(2, "");
        long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(npy(&mut long.as_slice()).unwrap_err().contains("claims"));
    }

    #[test]
    fn idx_of_images() {
        let mut file = vec![0, 0, 8, 3];
        for extent in [60_000_u32, 28, 28] {
            file.extend(extent.to_be_bytes());
        }
        let header = idx(&mut file.as_slice()).unwrap();
        assert_eq!((header.dtype.name().as_str(), header.shape), ("uint8", vec![60_000, 28, 28]));
        for file in [&[0, 0, 8][..], &[0, 0, 7, 1, 0, 0, 0, 0], &[0, 0, 8, 0], &[1, 0, 8, 1, 0, 0, 0, 1]] {
            assert!(idx(&mut &*file).is_err());
        }
    }
}
