//! One array of NumPy's as the cells of a table.

use std::io::Read;

use crate::structured::arrays::{Dtype, Element, half, header_of_npy, text_of};

/// Elements of one array that are read.
const MAX_ELEMENTS: u64 = 8 << 20;
/// Columns that an array may have.
const MAX_WIDTH: u64 = 256;

/// An array of rows: a list is a table of one column.
pub(super) struct Rows {
    pub(super) width: usize,
    /// Row after row.
    pub(super) cells: Vec<String>,
}

impl Rows {
    pub(super) fn count(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }
}

/// Reads an array of numbers or texts of at most two dimensions that are longer than one. Nothing for others.
pub(super) fn read(input: &mut impl Read) -> Result<Option<Rows>, String> {
    let header = header_of_npy(input)?;
    let long: Vec<u64> = header.shape.iter().copied().filter(|&extent| extent > 1).collect();
    let width = match long.as_slice() {
        [_] => 1,
        &[_, width] if width <= MAX_WIDTH => width,
        _ => return Ok(None),
    };
    let size = header.dtype.size();
    if header.elements > MAX_ELEMENTS || size == 0 || size > 4 << 10 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.take(header.elements * size as u64).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let cells: Option<Vec<String>> =
        bytes.chunks_exact(size).map(|element| cell(element, &header.dtype)).collect();
    let width = usize::try_from(width).unwrap_or(1);
    let cells = cells.map(|cells| if header.is_by_column { by_row(cells, width) } else { cells });
    Ok(cells.map(|cells| Rows { width, cells }))
}

/// Row after row what stands column after column.
fn by_row(cells: Vec<String>, width: usize) -> Vec<String> {
    let rows = cells.len() / width.max(1);
    if width < 2 || rows * width != cells.len() {
        return cells;
    }
    let cell = |at: usize| cells.get(at % width * rows + at / width).cloned().unwrap_or_default();
    (0..cells.len()).map(cell).collect()
}

fn cell(element: &[u8], dtype: &Dtype) -> Option<String> {
    let mut wide = [0_u8; 8];
    let little: Vec<u8> =
        if dtype.big_endian { element.iter().rev().copied().collect() } else { element.to_vec() };
    let fill = |wide: &mut [u8; 8], with: u8| {
        for (at, place) in wide.iter_mut().enumerate() {
            *place = little.get(at).copied().unwrap_or(with);
        }
    };
    Some(match &dtype.element {
        Element::Bool | Element::Unsigned(_) => {
            fill(&mut wide, 0);
            u64::from_le_bytes(wide).to_string()
        }
        Element::Signed(_) => {
            let is_negative = little.last().is_some_and(|&byte| byte >= 0x80);
            fill(&mut wide, if is_negative { 0xff } else { 0 });
            i64::from_le_bytes(wide).to_string()
        }
        Element::Float(2) => half(u16::from_le_bytes(little.as_slice().try_into().ok()?)).to_string(),
        Element::Float(4) => f32::from_le_bytes(little.as_slice().try_into().ok()?).to_string(),
        Element::Float(8) => f64::from_le_bytes(little.as_slice().try_into().ok()?).to_string(),
        Element::Bytes(_) | Element::Text(_) => text_of(element, &dtype.element, dtype.big_endian),
        _ => return None,
    })
}
