//! A submission that passed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::open::{BYTE_ORDER_MARK, Hashed};
use super::refusal::{Refusal, RefusalKind};

/// A submission that passed, still open.
#[derive(Debug)]
#[non_exhaustive]
pub struct Passed {
    /// Rows below the header.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Bytes of the file.
    pub bytes: u64,
    /// What its author may want to know.
    pub notes: Vec<Note>,
    /// BLAKE3 of the file.
    pub(super) hash: blake3::Hash,
    /// The file that was read, whatever its path names by now.
    pub(super) file: File,
}

/// Something odd that does not change how a submission is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note {
    /// The file begins with a byte-order mark, which a clean copy does not have.
    ByteOrderMark,
    /// There are lines without text, which are skipped.
    BlankLines,
    /// The columns are in another order than in the sample submission.
    ColumnOrder,
    /// The ids are in another order than in the answers.
    RowOrder,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "the file begins with a byte-order mark, which is left out for scoring",
            Self::BlankLines => "the file has blank lines, which are skipped",
            Self::ColumnOrder => "the columns are in another order than in the sample submission",
            Self::RowOrder => "the ids are in another order than in the answers",
        })
    }
}

impl Passed {
    /// BLAKE3 of the file, as 64 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Writes what was checked, without its byte-order mark, to a new file at `target`. It is read from the file
    /// that was checked and compared with it; nothing is left at `target` when this fails.
    ///
    /// # Errors
    /// [`RefusalKind::Changed`] when the submission was written to since it was checked, [`RefusalKind::Io`]
    /// when it cannot be copied or there is a file at `target`.
    pub fn write_clean(&self, target: &Path) -> Result<(), Refusal> {
        let failed = |error| Refusal::io("the submission cannot be copied", error);
        let mut copy = File::create_new(target).map_err(failed)?;
        let copied =
            self.copy(&mut copy).map_err(failed).and_then(|same| same.then_some(()).ok_or_else(changed));
        if copied.is_err() {
            // The failure of the copy says more than that of clearing up.
            let _removed = std::fs::remove_file(target);
        }
        copied
    }

    /// Copies the file, and says whether it still is the one that was checked.
    fn copy(&self, target: &mut impl Write) -> io::Result<bool> {
        let mut file = &self.file;
        file.rewind()?;
        let mut source = Hashed::new(file.take(self.bytes + 1));
        let mut first = Vec::new();
        (&mut source).take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut first)?;
        target.write_all(first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&first))?;
        io::copy(&mut source, target)?;
        Ok(source.finish() == (self.hash, self.bytes))
    }
}

/// The refusal of a file that does not hold still.
pub(super) fn changed() -> Refusal {
    let message = "the file was written to while it was checked; write it before the program ends";
    Refusal::new(RefusalKind::Changed, message)
}
