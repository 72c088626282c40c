//! Lines of a text as rows of their words, for texts that are tables to those only who look for something in them.

use std::path::Path;

use super::{Frame, FrameLimits};
use crate::error::DataError;
use crate::formats::lines::Lines;
use crate::source::encoding::looks_binary;
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader;

/// Words of a line that become cells.
const MAX_WORDS: usize = 16;

/// The lines of a text, each with its first words and its last one in the column `last`. Words are parted by whatever
/// is no letter, number, `.`, `_`, `-` or `/`. Blocks.
///
/// # Errors
/// [`DataError::Malformed`] when the file is no text.
pub fn line_frame(path: &Path, limits: &FrameLimits) -> Result<Frame, DataError> {
    let malformed = |message: String| DataError::malformed(path, 1, message);
    let head = reader::head(path, SNIFF_BYTES).map_err(|error| DataError::io(path, error))?;
    if looks_binary(&head) {
        return Err(malformed(String::from("is no text")));
    }
    let mut lines = Lines::open_path(path).map_err(malformed)?;
    let mut frame = Frame::new(names());
    while let Some(line) = lines.next().map_err(malformed)? {
        if frame.is_full(limits) {
            frame.is_cut = true;
            break;
        }
        line_rows(&line, &mut |row| {
            frame.push_row(row.iter().copied());
            true
        });
    }
    Ok(frame)
}

pub(super) fn names() -> Vec<String> {
    (1..=MAX_WORDS).map(|at| format!("word {at}")).chain([String::from("last")]).collect()
}

/// Hands the row of a line on, if it has one; false when no more are wanted.
pub(super) fn line_rows(line: &str, take: &mut impl FnMut(&[&str]) -> bool) -> bool {
    let words: Vec<&str> = words(line).collect();
    let Some(last) = words.last() else { return true };
    let first = words.iter().copied().chain(std::iter::repeat("")).take(MAX_WORDS);
    let row: Vec<&str> = first.chain([*last]).collect();
    take(&row)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    line.split(move |c| !is_part(c)).map(|word| word.trim_matches('.')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        std::fs::write(&path, "# notes\n\nimage img/07.png is a cat.\n img/08.png => dog\n").unwrap();
        let frame = line_frame(&path, &FrameLimits::default()).unwrap();
        assert_eq!((frame.rows(), frame.cell(1, 1), frame.cell(1, 16)), (3, "img/07.png", "cat"));
        assert_eq!((frame.cell(2, 0), frame.cell(2, 16)), ("img/08.png", "dog"));
    }
}
