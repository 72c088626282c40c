//! Arrays of NumPy's as tables: those of one length stand beside each other.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use super::npy::{self, Rows};
use super::{Gather, pickle};
use crate::source::reader;

/// Arrays of one archive that are read.
const MAX_ARRAYS: usize = 64;

/// Reads a `.npy`.
pub(super) fn npy(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let mut input = BufReader::new(reader::open(path).map_err(|error| format!("cannot be read: {error}"))?);
    let rows = npy::read(&mut input).map_err(|error| format!("is no readable array: {error}"))?;
    let rows = rows.or_else(|| pickle::pickled(path).ok().map(|cells| Rows { width: 1, cells }));
    beside(rows.into_iter().map(|rows| ("value".to_owned(), rows)).collect(), gather);
    Ok(())
}

/// True for an archive of arrays.
pub(super) fn is_npz(path: &Path) -> bool {
    let archive = File::open(path).ok().and_then(|file| ZipArchive::new(BufReader::new(file)).ok());
    archive.is_some_and(|archive| {
        !archive.is_empty()
            && archive.file_names().take(MAX_ARRAYS).all(|name| name.is_ok_and(|name| name.ends_with(".npy")))
    })
}

/// Reads a `.npz`.
pub(super) fn npz(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| format!("is no readable archive of arrays: {error}");
    let file = File::open(path).map_err(|error| words(&error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| words(&error))?;
    let mut arrays = Vec::new();
    for index in 0..archive.len().min(MAX_ARRAYS) {
        let mut member = archive.by_index(index).map_err(|error| words(&error))?;
        let name = member.name().map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
        if let Ok(Some(rows)) = npy::read(&mut member) {
            arrays.push((name.trim_end_matches(".npy").to_owned(), rows));
        }
    }
    beside(arrays, gather);
    Ok(())
}

/// Adds arrays of one length as the columns of one table.
pub(super) fn beside(arrays: Vec<(String, Rows)>, gather: &mut Gather<'_>) {
    let mut by_length: BTreeMap<usize, Vec<(String, Rows)>> = BTreeMap::new();
    for (name, rows) in arrays.into_iter().filter(|(_, rows)| rows.count() > 0) {
        by_length.entry(rows.count()).or_default().push((name, rows));
    }
    for (count, group) in by_length {
        let names = group.iter().flat_map(|(name, rows)| {
            let numbered = move |at| if rows.width == 1 { name.clone() } else { format!("{name}[{at}]") };
            (0..rows.width).map(numbered)
        });
        let row = |at: usize| {
            let cells =
                group.iter().flat_map(|(_, rows)| rows.cells.iter().skip(at * rows.width).take(rows.width));
            cells.cloned().collect()
        };
        let part = group.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        gather.add(&part, names.collect(), (0..count).map(row));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{Frame, FrameLimits, frames};

    fn npy(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(elements);
        bytes
    }

    fn read(name: &str, bytes: &[u8]) -> Vec<Frame> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        frames(&path, &FrameLimits::default()).unwrap()
    }

    fn cells(frame: &Frame, column: usize) -> Vec<&str> {
        frame.columns()[column].iter().collect()
    }

    #[test]
    fn arrays_are_columns() {
        let frames = read("x.npy", &npy("'<i2'", "(3, 2)", &[1, 0, 255, 255, 3, 0, 4, 0, 5, 0, 6, 0]));
        assert_eq!((cells(&frames[0], 0), cells(&frames[0], 1)), (vec!["1", "3", "5"], vec!["-1", "4", "6"]));
        let by_column = npy("'|u1'", "(3, 2)", &[1, 2, 3, 4, 5, 6]);
        let by_column = String::from_utf8_lossy(&by_column).replace("False", "True");
        let header = by_column.find('{').unwrap_or_default();
        let body = by_column.get(header..).unwrap_or_default();
        let frames = read(
            "x.npy",
            &[&npy("'|u1'", "()", &[])[..8], &(body.len() as u16 - 6).to_le_bytes(), body.as_bytes()]
                .concat(),
        );
        assert_eq!((cells(&frames[0], 0), cells(&frames[0], 1)), (vec!["1", "2", "3"], vec!["4", "5", "6"]));
        let halves: Vec<u8> = [0.5_f32, -2.0].iter().flat_map(|x| x.to_be_bytes()).collect();
        assert_eq!(cells(&read("x.bin", &npy("'>f4'", "(2,)", &halves))[0], 0), ["0.5", "-2"]);
        assert!(read("x.npy", &npy("'|u1'", "(2, 2, 2)", &[0; 8])).is_empty());
    }

    #[test]
    fn arrays_of_one_length_stand_beside_each_other() {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in [
            ("ids.npy", npy("'<U2'", "(2,)", &[b'a', 0, 0, 0, b'7', 0, 0, 0, b'b', 0, 0, 0, 0, 0, 0, 0])),
            ("y.npy", npy("'|b1'", "(2,)", &[1, 0])),
        ] {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(&bytes).unwrap();
        }
        let frames = read("x.npz", &archive.finish().unwrap().into_inner());
        assert_eq!(frames[0].names(), ["ids", "y"]);
        assert_eq!((cells(&frames[0], 0), cells(&frames[0], 1)), (vec!["a7", "b"], vec!["1", "0"]));
    }
}
