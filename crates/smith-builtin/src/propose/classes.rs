//! The values of a target with their numbers, read from the dataset itself: a profile names the most frequent only.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use smith_data::{Frame, FrameLimits, frames};

use super::reading::file_and_part;

/// Rows and bytes of one table that are looked at.
const ROWS: usize = 500_000;
const BYTES: usize = 256 << 20;
/// Words for a missing value, as pandas knows them too.
const MISSING: [&str; 9] = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?"];

/// Tables that were read, while one dataset is considered.
#[derive(Default)]
pub(crate) struct Cells {
    read: HashMap<PathBuf, Vec<Frame>>,
}

impl Cells {
    /// How often each value of a column occurs in these tables together; nothing when one of them cannot be read.
    pub(crate) fn counts(
        &mut self,
        root: &Path,
        paths: &[String],
        column: &str,
    ) -> Option<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for path in paths {
            let frame = self.frame(root, path)?;
            let at = frame.position(column)?;
            let cells = frame.columns().get(at)?;
            for cell in cells.iter().filter(|cell| !MISSING.contains(cell)) {
                match counts.get_mut(cell) {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(cell.to_owned(), 1);
                    }
                }
            }
        }
        Some(counts)
    }

    fn frame(&mut self, root: &Path, path: &str) -> Option<&Frame> {
        let (file, part) = file_and_part(path);
        let file = root.join(file);
        if !self.read.contains_key(&file) {
            // One file at a time: memory stays bounded whatever the dataset holds.
            if self.read.len() >= 4 {
                self.read.clear();
            }
            let mut limits = FrameLimits::default();
            (limits.rows, limits.bytes) = (ROWS, BYTES);
            let read = frames(&file, &limits).unwrap_or_default();
            self.read.insert(file.clone(), read);
        }
        let frames = self.read.get(&file)?;
        match part {
            Some(part) => frames
                .iter()
                .find(|frame| frame.part() == part)
                .or(frames.first().filter(|_| frames.len() == 1)),
            None => frames.first(),
        }
    }
}
