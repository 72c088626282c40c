//! Meshes as text: OFF, Wavefront OBJ, STL.

use std::io::Read;

use super::shape::Shape;
use crate::structured::lines::{Lines, count, number, words};

/// Reads an OFF file. Some put the counts onto the first line, even without a blank: `OFF490 518 0`.
pub(super) fn off(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let mut shape = Shape::default();
    let first = next_words(&mut lines)?.ok_or("it is empty")?;
    let (prefix, rest) = first[0].split_once("OFF").ok_or("it does not begin with OFF")?;
    if !matches!(prefix, "" | "C" | "N" | "CN" | "ST" | "STC" | "STN" | "STCN") {
        return Err(String::from("it does not begin with OFF"));
    }
    if prefix.contains('C') {
        shape.attributes.insert("colour");
    }
    if prefix.contains('N') {
        shape.attributes.insert("normal");
    }
    let mut counts: Vec<String> =
        std::iter::once(rest.to_string()).chain(first.into_iter().skip(1)).collect();
    counts.retain(|word| !word.is_empty());
    if counts.first().is_some_and(|word| word == "BINARY") {
        return Err(String::from("it is a binary OFF file, which is not read"));
    }
    if counts.is_empty() {
        counts = next_words(&mut lines)?.ok_or("it ends before its counts")?;
    }
    let figure = |at: usize| counts.get(at).and_then(|word| count(word.as_bytes()));
    let (Some(points), Some(faces)) = (figure(0), figure(1)) else {
        return Err(String::from("its counts are no numbers"));
    };
    let (mut seen, mut seen_faces) = (0, 0);
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        if seen < points {
            seen += 1;
            shape.extents.add(place(words(line)).ok_or("a corner is no three numbers")?);
        } else {
            seen_faces += 1;
        }
    }
    (shape.points, shape.faces) = (points, Some(faces));
    if seen < points || seen_faces < faces {
        shape.lacking =
            Some(format!("{seen} of {points} corners and {seen_faces} of {faces} faces are there"));
    }
    Ok(shape)
}

/// Words of the next line that holds any, without what follows `#`.
fn next_words(lines: &mut Lines<impl Read>) -> Result<Option<Vec<String>>, String> {
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let found: Vec<String> =
            words(line).take(8).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Three numbers.
pub(super) fn place<'l>(mut words: impl Iterator<Item = &'l [u8]>) -> Option<[f64; 3]> {
    Some([number(words.next()?)?, number(words.next()?)?, number(words.next()?)?])
}

/// Reads a Wavefront OBJ file.
pub(super) fn obj(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let mut shape = Shape::default();
    let mut faces = 0;
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        let mut parts = words(line);
        match parts.next() {
            Some(b"v") => {
                shape.points += 1;
                shape.extents.add(place(&mut parts).ok_or("a corner is no three numbers")?);
                if shape.points == 1 && parts.count() >= 3 {
                    shape.attributes.insert("colour");
                }
            }
            Some(b"f") => faces += 1,
            Some(b"vn") => drop(shape.attributes.insert("normal")),
            Some(b"vt") => drop(shape.attributes.insert("texture")),
            Some(b"usemtl") => drop(shape.attributes.insert("material")),
            _ => {}
        }
    }
    if shape.points == 0 {
        return Err(String::from("it holds no corners (lines that begin with v)"));
    }
    shape.faces = (faces > 0).then_some(faces);
    Ok(shape)
}

/// Reads an STL file as text.
pub(super) fn stl(input: impl Read) -> Result<Shape, String> {
    let mut lines = Lines::new(input);
    let mut shape = Shape::default();
    let (mut faces, mut ended) = (0, false);
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        let mut parts = words(line);
        match parts.next() {
            Some(b"facet") => faces += 1,
            Some(b"vertex") => {
                shape.points += 1;
                shape.extents.add(place(parts).ok_or("a corner is no three numbers")?);
            }
            Some(b"endsolid") => ended = true,
            _ => {}
        }
    }
    if faces == 0 {
        return Err(String::from("it holds no facets"));
    }
    if !ended {
        shape.lacking = Some(String::from("it ends without endsolid"));
    }
    shape.faces = Some(faces);
    shape.attributes.insert("normal");
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_with_its_quirks() {
        let body = "0 0 0\n1 0 0\n0 3 0\n3 0 1 2\n";
        for start in ["OFF\n3 1 0\n", "OFF3 1 0\n", "OFF 3 1 0\n", "# a comment\nCOFF\n\n3 1 0 # counts\n"] {
            let shape = off(format!("{start}{body}").as_bytes()).unwrap();
            assert_eq!(
                (shape.points, shape.faces, shape.extents.longest()),
                (3, Some(1), Some(3.0)),
                "{start}"
            );
            assert_eq!(shape.lacking, None, "{start}");
            assert_eq!(shape.attributes.contains("colour"), start.contains("COFF"));
        }
        assert!(off(&b"OFF\n300 1 0\n0 0 0\n"[..]).unwrap().lacking.is_some());
        for text in ["", "OFF", "OFF\n", "OFF x y", "MOFF 1 1 1", "OFF 1 1 0\na b c"] {
            assert!(off(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn obj_with_colours_and_normals() {
        let text = "mtllib a.mtl\nv 0 0 0 0.5 0.5 0.5\nv 0 2 0 0 0 0\nv 1 0 0 1 1 1\nvn 0 0 1\nusemtl red\nf 1//1 2//1 3//1\n";
        let shape = obj(text.as_bytes()).unwrap();
        assert_eq!((shape.points, shape.faces, shape.extents.longest()), (3, Some(1), Some(2.0)));
        assert_eq!(shape.attributes.into_iter().collect::<Vec<_>>(), ["colour", "material", "normal"]);
        assert!(obj(&b"\x4c\x01\x02nothing"[..]).is_err());
    }

    #[test]
    fn stl_as_text() {
        let facet = "facet normal 0 0 1\n outer loop\n  vertex 0 0 0\n  vertex 4 0 0\n  vertex 0 1 0\n endloop\nendfacet\n";
        let shape = stl(format!("solid a\n{facet}{facet}endsolid a\n").as_bytes()).unwrap();
        assert_eq!((shape.points, shape.faces, shape.extents.longest()), (6, Some(2), Some(4.0)));
        assert!(stl(format!("solid a\n{facet}").as_bytes()).unwrap().lacking.is_some());
    }
}
