//! Point clouds: PCD, and places one a line as in `.xyz` and `.pts`.

use std::io::Read;

use super::binary::{Field, Scalar, places};
use super::mesh_text::place;
use super::shape::{Shape, attribute};
use crate::structured::lines::{Lines, count, number, words};

/// Lines of a header of PCD.
const MAX_HEADER_LINES: usize = 100;
/// Lines that cannot be understood before a file is given up.
const MAX_ODD_LINES: u64 = 5;

/// The fields of a PCD header.
#[derive(Default)]
struct Pcd {
    names: Vec<String>,
    sizes: Vec<usize>,
    kinds: Vec<String>,
    counts: Vec<usize>,
    points: u64,
    data: String,
}

/// Reads a PCD file.
pub(super) fn pcd(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let header = pcd_header(&mut lines)?;
    let mut shape = Shape { points: header.points, ..Shape::default() };
    shape.attributes.extend(header.names.iter().filter_map(|name| attribute(name)));
    let read = match header.data.as_str() {
        "ascii" => pcd_text(&mut lines, &header, &mut shape)?,
        "binary" => {
            let (size, fields) = pcd_record(&header)?;
            let (extents, read) = places(&mut lines.into_rest(), size, header.points, false, &fields)?;
            shape.extents = extents;
            read
        }
        _ => header.points,
    };
    if read < header.points {
        shape.lacking = Some(format!("{read} of {} points are there", header.points));
    }
    Ok(shape)
}

fn pcd_header(lines: &mut Lines<impl Read>) -> Result<Pcd, String> {
    let mut header = Pcd::default();
    for _ in 0..MAX_HEADER_LINES {
        let line = lines.next().map_err(|error| error.to_string())?.ok_or("it ends within its header")?;
        let line = String::from_utf8_lossy(line).into_owned();
        let mut parts = line.split_whitespace();
        let key = parts.next().unwrap_or_default();
        let numbers =
            |parts: std::str::SplitWhitespace<'_>| parts.filter_map(|word| word.parse().ok()).collect();
        match key {
            "FIELDS" | "COLUMNS" => header.names = parts.map(String::from).collect(),
            "SIZE" => header.sizes = numbers(parts),
            "TYPE" => header.kinds = parts.map(String::from).collect(),
            "COUNT" => header.counts = numbers(parts),
            "POINTS" => {
                header.points =
                    parts.next().and_then(|word| count(word.as_bytes())).ok_or("its POINTS are no number")?;
            }
            "DATA" if !header.names.is_empty() => {
                header.data = parts.next().unwrap_or_default().to_lowercase();
                return Ok(header);
            }
            _ => {}
        }
    }
    Err(String::from("it has no header of a PCD file"))
}

fn pcd_record(header: &Pcd) -> Result<(usize, [Option<Field>; 3]), String> {
    let (mut at, mut fields) = (0_usize, [None; 3]);
    for (index, name) in header.names.iter().enumerate() {
        let size = header.sizes.get(index).copied().unwrap_or(4);
        let scalar = match header.kinds.get(index).map(String::as_str) {
            Some("I") => Scalar::Signed(size),
            Some("U") => Scalar::Unsigned(size),
            _ => Scalar::Float(size),
        };
        if let Some(axis) = ["x", "y", "z"].iter().position(|axis| axis == name) {
            fields[axis] = Some(Field::new(at, scalar));
        }
        let bytes = size.checked_mul(header.counts.get(index).copied().unwrap_or(1));
        at = bytes.and_then(|bytes| at.checked_add(bytes)).ok_or("its fields are larger than any file")?;
    }
    Ok((at, fields))
}

fn pcd_text(lines: &mut Lines<impl Read>, header: &Pcd, shape: &mut Shape) -> Result<u64, String> {
    let axes = ["x", "y", "z"].map(|axis| header.names.iter().position(|name| name == axis));
    let mut read = 0;
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        if line.is_empty() {
            continue;
        }
        let values: Vec<f64> = words(line).map(|word| number(word).unwrap_or(f64::NAN)).collect();
        shape.extents.add(axes.map(|axis| axis.and_then(|at| values.get(at).copied()).unwrap_or(f64::NAN)));
        read += 1;
    }
    Ok(read)
}

/// Reads places one a line. A count and a comment before element symbols make it a molecule.
pub(super) fn xyz(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let mut shape = Shape::default();
    let (mut index, mut odd) = (0_u64, 0);
    let mut seen = Columns::default();
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        index += 1;
        if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"//") {
            continue;
        }
        let line: Vec<u8> =
            line.iter().map(|&byte| if matches!(byte, b',' | b';') { b' ' } else { byte }).collect();
        let values: Option<Vec<f64>> = words(&line).map(number).collect();
        match values {
            Some(values) if values.len() >= 3 => {
                shape.points += 1;
                shape.extents.add([values[0], values[1], values[2]]);
                seen.add(&values);
            }
            // The number of the points that follow, or of atoms.
            Some(values) if values.len() == 1 => {}
            _ if is_atom(&line) => {
                shape.points += 1;
                shape.variant = Some("xyz molecule");
                let places = words(&line).skip(1);
                place(places).into_iter().for_each(|place| shape.extents.add(place));
            }
            _ if index <= 2 || shape.variant.is_some() => {}
            _ => odd += 1,
        }
        if odd > MAX_ODD_LINES {
            return Err(String::from("its lines are no places of points"));
        }
    }
    if shape.points == 0 {
        return Err(String::from("it holds no points"));
    }
    if shape.variant.is_none() {
        shape.attributes.extend(seen.attributes());
    }
    Ok(shape)
}

/// A symbol of a chemical element (or its number) and three numbers.
fn is_atom(line: &[u8]) -> bool {
    let mut parts = words(line);
    let symbol = parts.next().unwrap_or_default();
    let letters = (1..=2).contains(&symbol.len())
        && symbol[0].is_ascii_uppercase()
        && symbol.iter().all(u8::is_ascii_alphabetic);
    letters && place(parts).is_some()
}

/// What the columns behind the place may be.
struct Columns {
    width: usize,
    bytes: bool,
    unit: bool,
}

impl Default for Columns {
    fn default() -> Self {
        Self { width: 0, bytes: true, unit: true }
    }
}

impl Columns {
    fn add(&mut self, values: &[f64]) {
        self.width = self.width.max(values.len());
        if let [_, _, _, rest @ ..] = values
            && rest.len() >= 3
        {
            let last = &rest[rest.len() - 3..];
            self.bytes &= last.iter().all(|value| (0.0..=255.0).contains(value) && value.fract() == 0.0);
            let length = last.iter().map(|value| value * value).sum::<f64>().sqrt();
            self.unit &= (length - 1.0).abs() < 0.01;
        }
    }

    fn attributes(&self) -> Vec<&'static str> {
        match self.width {
            4 => vec!["intensity"],
            6 if self.unit => vec!["normal"],
            6 if self.bytes => vec!["colour"],
            7 if self.bytes => vec!["intensity", "colour"],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(shape: &Shape) -> Vec<&str> {
        shape.attributes.iter().copied().collect()
    }

    #[test]
    fn pcd_of_text_and_bytes() {
        let header = "# .PCD v0.7\nVERSION 0.7\nFIELDS x y z intensity\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH 2\nHEIGHT 1\nPOINTS 2\n";
        let text = format!("{header}DATA ascii\n0 0 0 1\n0 7 nan 1\n");
        let shape = pcd(text.as_bytes()).unwrap();
        assert_eq!((shape.points, shape.faces, attributes(&shape)), (2, None, vec!["intensity"]));
        let mut bytes = format!("{header}DATA binary\n").into_bytes();
        [0_f32, 0.0, 0.0, 1.0, 0.0, 7.0, 0.0, 1.0].iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        assert_eq!(pcd(bytes.as_slice()).unwrap().extents.longest(), Some(7.0));
        assert!(pcd(&bytes[..bytes.len() - 1]).unwrap().lacking.is_some());
        let huge = bytes
            .iter()
            .map(|b| *b as char)
            .collect::<String>()
            .replace("SIZE 4", "SIZE 18446744073709551615");
        assert!(pcd(huge.as_bytes()).is_err());
    }

    #[test]
    fn points_with_what_they_carry() {
        let cases = [
            ("0 0 0\n1 2 3\n", vec![]),
            ("2\n0 0 0 0.5\n1 2 3 7\n", vec!["intensity"]),
            ("0,0,0,255,0,9\n1,2,3,4,5,6\n", vec!["colour"]),
            ("0 0 0 0 0 1\n1 2 3 0.6 0.8 0\n", vec!["normal"]),
            ("X Y Z I R G B\n0 0 0 -7 255 0 9\n1 2 3 8 4 5 6\n", vec!["colour", "intensity"]),
        ];
        for (text, expected) in cases {
            let shape = xyz(text.as_bytes()).unwrap();
            assert_eq!((shape.points, attributes(&shape), shape.variant), (2, expected, None), "{text}");
        }
    }

    #[test]
    fn molecules_are_no_clouds() {
        let water = "3\nwater\nO 0 0 0\nH 0 0.76 0.58\nH 0 -0.76 0.58\n";
        let shape = xyz(water.as_bytes()).unwrap();
        assert_eq!((shape.points, shape.variant), (3, Some("xyz molecule")));
        assert!(
            xyz(&b"This is\nsome prose\nthat goes\non and on\nfor many\nlines of\nwords\nand more\n"[..])
                .is_err()
        );
    }
}
