//! Meshes and point clouds.

mod binary;
mod mesh_text;
mod ply;
mod points;
mod shape;

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor, Read};

use rayon::prelude::*;
use smith_task_schema::profile::{FileKind, GeometrySummary, Range};

use self::shape::Shape;
use crate::findings::Findings;
use crate::source::kind::extension;
use crate::source::reader;
use crate::source::walk::Found;
use crate::spread::spread;

/// Files that are read.
pub(crate) const MAX_FILES: usize = 50_000;
/// Bytes that are read of a file.
const MAX_BYTES: u64 = 4 << 30;
/// Files of a kind of failure that are named one by one.
const NAMED_FAILURES: usize = 20;

/// Formats that are read, by extension.
pub(crate) const FORMATS: [&str; 10] =
    ["off", "ply", "obj", "stl", "pcd", "las", "laz", "xyz", "pts", "xyzn"];

/// The format that the name of a file announces.
fn format_of(name: &str) -> Option<&'static str> {
    let extension = extension(name);
    let extension = extension.strip_suffix(".gz").unwrap_or(&extension);
    FORMATS.into_iter().find(|format| *format == extension)
}

/// True for a file that is a mesh or a point cloud by its name and its beginning.
pub(crate) fn is_geometry(found: &Found) -> bool {
    let Some(format) = format_of(found.name()) else { return false };
    let Ok(head) = reader::head(&found.path, 64 << 10) else { return false };
    match format {
        "ply" => head.starts_with(b"ply"),
        "las" | "laz" => head.starts_with(b"LASF"),
        "stl" => head.len() >= 84,
        _ => whole_lines(&head).is_some_and(|text| read(text, format).is_ok()),
    }
}

/// A beginning without its last line, which may be cut.
fn whole_lines(head: &[u8]) -> Option<&[u8]> {
    if head.len() < 64 << 10 {
        return Some(head);
    }
    head.get(..head.iter().rposition(|byte| *byte == b'\n')?)
}

/// Reads a file of a format.
fn read(input: impl Read, format: &str) -> Result<Shape, String> {
    match format {
        "off" => mesh_text::off(input),
        "obj" => mesh_text::obj(input),
        "ply" => ply::ply(input),
        "stl" => stl(input),
        "pcd" => points::pcd(input),
        "las" | "laz" => binary::las(&mut BufReader::new(input)),
        _ => points::xyz(input),
    }
}

/// STL begins with `solid` as text, but some programs write that into the free bytes of a binary file too.
fn stl(input: impl Read) -> Result<Shape, String> {
    let mut input = BufReader::new(input);
    let mut start = Vec::new();
    (&mut input).take(1_024).read_to_end(&mut start).map_err(|error| error.to_string())?;
    let is_text =
        start.trim_ascii_start().starts_with(b"solid") && start.windows(5).any(|bytes| bytes == b"facet");
    if is_text {
        return mesh_text::stl(Cursor::new(start).chain(input));
    }
    let rest = start.get(80..).ok_or("it is shorter than the header of an STL file")?.to_vec();
    binary::stl(&mut BufReader::new(Cursor::new(rest).chain(input)))
}

/// The facts of all meshes and point clouds; none when there are none.
pub(crate) fn summarise(files: &[(Found, FileKind)], findings: &mut Findings) -> Option<GeometrySummary> {
    let all: Vec<&Found> = files
        .iter()
        .filter(|(found, kind)| *kind == FileKind::Geometry && format_of(found.name()).is_some())
        .map(|(found, _)| found)
        .collect();
    if all.is_empty() {
        return None;
    }
    let opened = spread(&all, MAX_FILES);
    let read: Vec<Result<Shape, String>> = opened.par_iter().map(|found| read_file(found)).collect();
    let mut summary = GeometrySummary::default();
    summary.files = all.len() as u64;
    let (mut attributes, mut failures) = (BTreeSet::new(), 0);
    for (found, outcome) in opened.iter().zip(read) {
        let trouble = match outcome {
            Ok(shape) => {
                add(&mut summary, found, &shape);
                attributes.extend(shape.attributes);
                shape.lacking.map(|lacking| format!("the shape is incomplete: {lacking}"))
            }
            Err(error) => Some(format!("is no readable mesh or point cloud: {error}")),
        };
        failures += usize::from(trouble.is_some());
        if let Some(message) = trouble.filter(|_| failures <= NAMED_FAILURES) {
            findings.error(&found.relative, message);
        }
    }
    if failures > NAMED_FAILURES {
        let message = format!(
            "{} further meshes or point clouds are incomplete or cannot be read",
            failures - NAMED_FAILURES
        );
        findings.error("", message);
    }
    summary.attributes = attributes.into_iter().map(String::from).collect();
    Some(summary)
}

fn read_file(found: &Found) -> Result<Shape, String> {
    let input = reader::open(&found.path).map_err(|error| error.to_string())?;
    read(input.take(MAX_BYTES), format_of(found.name()).unwrap_or_default())
}

fn add(summary: &mut GeometrySummary, found: &Found, shape: &Shape) {
    let format = shape.variant.or_else(|| format_of(found.name())).unwrap_or_default();
    summary.measured += 1;
    *summary.formats.entry(format.to_string()).or_default() += 1;
    summary.points = Some(Range::grown(summary.points, shape.points));
    if let Some(faces) = shape.faces {
        summary.faces = Some(Range::grown(summary.faces, faces));
    }
    if let Some(longest) = shape.extents.longest() {
        summary.extent = Some(Range::grown(summary.extent, longest));
    }
}

/// Reads bytes as each of the formats; for tests with hostile bytes.
pub(crate) fn of_bytes(bytes: &[u8], format: &str) -> Result<u64, String> {
    read(bytes, format).map(|shape| shape.points)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STARTS: [&str; 8] = [
        "",
        "OFF3 1 0\n0 0 0\n",
        "ply\nformat binary_little_endian 1.0\nelement vertex 9\nproperty float x\nproperty double y\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex 9\nproperty list uchar int x\nend_header\n",
        "solid x\nfacet normal 0 0 1\nvertex 0 0 0\n",
        "VERSION 0.7\nFIELDS x y z\nSIZE 4 8 1\nTYPE F F U\nCOUNT 1 2 1\nPOINTS 9\nDATA binary\n",
        "v 1 2 3\nf 1 1 1\n",
        "LASF",
    ];

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(
            start in proptest::sample::select(STARTS.as_slice()),
            noise in proptest::collection::vec(any::<u8>(), 0..400),
            at in 0_usize..200,
            by in any::<u8>(),
        ) {
            let mut bytes = start.as_bytes().to_vec();
            bytes.extend(noise);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = by;
            }
            for format in FORMATS {
                let _ = of_bytes(&bytes, format);
            }
        }
    }
}
