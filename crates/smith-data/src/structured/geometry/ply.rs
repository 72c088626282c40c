//! PLY: a header that names elements and their properties, then text or bytes.

use std::io::Read;

use super::binary::{Field, Scalar, places};
use super::shape::{Extents, Shape, attribute};
use crate::structured::lines::{Lines, count, number, words};

/// Lines of a header.
const MAX_HEADER_LINES: usize = 1_000;

/// An element of the header.
#[derive(Debug, Default)]
struct Element {
    name: String,
    count: u64,
    /// Names with their types; lists have none.
    properties: Vec<(String, Option<Scalar>)>,
}

/// Reads a PLY file.
pub(super) fn ply(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let (format, elements) = header(&mut lines)?;
    let mut shape = Shape::default();
    for element in &elements {
        match element.name.as_str() {
            "vertex" => shape.points = element.count,
            "face" | "tristrips" => shape.faces = Some(element.count),
            _ => continue,
        }
        shape.attributes.extend(element.properties.iter().filter_map(|(name, _)| attribute(name)));
    }
    shape.faces = shape.faces.filter(|&faces| faces > 0);
    // The corners come first in every file that is met; elsewhere their places are not looked for.
    let Some(vertex) = elements.first().filter(|element| element.name == "vertex") else { return Ok(shape) };
    let read = match format.as_str() {
        "ascii" => text_places(&mut lines, vertex, &mut shape.extents)?,
        _ => match record(vertex) {
            Some((size, fields)) => {
                let big_endian = format == "binary_big_endian";
                let (extents, read) =
                    places(&mut lines.into_rest(), size, vertex.count, big_endian, &fields)?;
                shape.extents = extents;
                read
            }
            None => vertex.count,
        },
    };
    if read < vertex.count {
        shape.lacking = Some(format!("{read} of {} corners are there", vertex.count));
    }
    Ok(shape)
}

fn header(lines: &mut Lines<impl Read>) -> Result<(String, Vec<Element>), String> {
    let mut format = None;
    let mut elements: Vec<Element> = Vec::new();
    for index in 0..MAX_HEADER_LINES {
        let line = lines.next().map_err(|error| error.to_string())?.ok_or("it ends within its header")?;
        let line = String::from_utf8_lossy(line).into_owned();
        let parts: Vec<&str> = line.split_whitespace().collect();
        match parts.as_slice() {
            ["ply"] if index == 0 => {}
            _ if index == 0 => return Err(String::from("it does not begin with ply")),
            ["format", name @ ("ascii" | "binary_little_endian" | "binary_big_endian"), ..] => {
                format = Some((*name).to_string());
            }
            ["element", name, number] => {
                let count = count(number.as_bytes()).ok_or("the number of an element is none")?;
                elements.push(Element { name: (*name).to_string(), count, ..Element::default() });
            }
            ["property", rest @ .., name] => {
                let element = elements.last_mut().ok_or("a property belongs to no element")?;
                let scalar = if let [kind] = rest {
                    Some(scalar(kind).ok_or("a property has an unknown type")?)
                } else {
                    None
                };
                element.properties.push(((*name).to_string(), scalar));
            }
            ["end_header"] => return Ok((format.ok_or("its header names no format")?, elements)),
            _ => {}
        }
    }
    Err(format!("its header has more than {MAX_HEADER_LINES} lines"))
}

fn scalar(kind: &str) -> Option<Scalar> {
    Some(match kind {
        "char" | "int8" => Scalar::Signed(1),
        "uchar" | "uint8" => Scalar::Unsigned(1),
        "short" | "int16" => Scalar::Signed(2),
        "ushort" | "uint16" => Scalar::Unsigned(2),
        "int" | "int32" => Scalar::Signed(4),
        "uint" | "uint32" => Scalar::Unsigned(4),
        "float" | "float32" => Scalar::Float(4),
        "double" | "float64" => Scalar::Float(8),
        _ => return None,
    })
}

fn axis(name: &str) -> Option<usize> {
    ["x", "y", "z"].iter().position(|axis| *axis == name)
}

/// Bytes of a corner and where its place lies; none when a list makes the length vary.
fn record(vertex: &Element) -> Option<(usize, [Option<Field>; 3])> {
    let (mut size, mut fields) = (0, [None; 3]);
    for (name, scalar) in &vertex.properties {
        let scalar = (*scalar)?;
        if let Some(axis) = axis(name) {
            fields[axis] = Some(Field::new(size, scalar));
        }
        size += scalar.size();
    }
    Some((size, fields))
}

/// Reads the corners of a file of text; says how many there were.
fn text_places(lines: &mut Lines<impl Read>, vertex: &Element, extents: &mut Extents) -> Result<u64, String> {
    let axes: Vec<Option<usize>> = vertex.properties.iter().map(|(name, _)| axis(name)).collect();
    let mut read = 0;
    while read < vertex.count {
        let Some(line) = lines.next().map_err(|error| error.to_string())? else { break };
        if line.is_empty() {
            continue;
        }
        let mut point = [0.0; 3];
        for (word, axis) in words(line).zip(&axes) {
            if let Some(axis) = axis {
                point[*axis] = number(word).unwrap_or(f64::NAN);
            }
        }
        extents.add(point);
        read += 1;
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "element vertex 2\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n";

    #[test]
    fn text_and_bytes_say_the_same() {
        let text = format!("ply\nformat ascii 1.0\ncomment made\n{HEADER}0 0 0 255\n0 5 1 0\n3 0 1 1\n");
        let little = |value: f32| value.to_le_bytes();
        let big = |value: f32| value.to_be_bytes();
        let mut files = vec![text.into_bytes()];
        for (format, write) in
            [("binary_little_endian", &little as &dyn Fn(f32) -> [u8; 4]), ("binary_big_endian", &big)]
        {
            let mut file = format!("ply\r\nformat {format} 1.0\r\n{HEADER}").into_bytes();
            for point in [[0.0, 0.0, 0.0], [0.0, 5.0, 1.0]] {
                point.into_iter().for_each(|value| file.extend(write(value)));
                file.push(255);
            }
            files.push(file);
        }
        for file in &files {
            let shape = ply(file.as_slice()).unwrap();
            assert_eq!((shape.points, shape.faces, shape.extents.longest()), (2, Some(1), Some(5.0)));
            assert_eq!((shape.attributes.contains("colour"), shape.lacking), (true, None));
        }
        let cut = &files[1][..files[1].len() - 3];
        assert_eq!(ply(cut).unwrap().lacking.unwrap(), "1 of 2 corners are there");
    }

    #[test]
    fn headers_that_are_none() {
        for text in [
            "",
            "ply",
            "plx\nend_header\n",
            "ply\nend_header\n",
            "ply\nproperty float x\n",
            "ply\nelement vertex -1\n",
        ] {
            assert!(ply(text.as_bytes()).is_err(), "{text}");
        }
        let huge =
            "ply\nformat ascii 1.0\nelement vertex 18446744073709551615\nproperty float x\nend_header\n1\n";
        assert!(ply(huge.as_bytes()).unwrap().lacking.is_some());
    }
}
