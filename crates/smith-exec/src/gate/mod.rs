//! The format gate: reads a submission before any Python does.
//!
//! `pandas.read_csv` accepts much in silence: a row with one value too many shifts all columns, a repeated
//! name is changed, `001` becomes 1, a file named `.gz` is unpacked whatever its size. [`check`] finds what
//! would be read otherwise than it was meant, or not at all, and says where it is and what to do. It reads the file
//! once and in bounded memory, whatever the file holds.
//!
//! What passes can be copied by [`Passed::write_clean`], so that exactly what was checked is scored.
//!
//! ```
//! use smith_exec::gate::{self, GateLimits, RefusalKind};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("submission.csv");
//! std::fs::write(&path, "id,price\n1,9.5\n2,1,000\n")?;
//! let refusal = gate::check(&path, None, &GateLimits::default()).unwrap_err();
//! assert_eq!(refusal.kind, RefusalKind::RaggedRow);
//! assert_eq!(
//!     refusal.to_string(),
//!     "line 3: the row has 3 values, the header 2 names; quote values that contain a comma"
//! );
//! # Ok(())
//! # }
//! ```

mod examples;
mod fields;
mod ids;
mod judge;
mod open;
mod passed;
mod refusal;
mod shape;
mod table;
mod value;

use std::io::{BufReader, Read};
use std::path::Path;

use self::judge::Judge;
use self::open::Hashed;
pub use self::passed::{Note, Passed};
pub use self::refusal::{Refusal, RefusalKind};
pub use self::shape::Shape;
use self::table::Table;

/// How much of the file is in memory at a time, in bytes, beside the header and one value.
const BUFFER_BYTES: usize = 64 << 10;

/// How large a submission may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateLimits {
    /// Bytes of the file, as the file system says.
    pub bytes: u64,
    /// Bytes of one row, line breaks within quotes included.
    pub row_bytes: usize,
    /// Bytes of one value.
    pub field_bytes: usize,
    /// Values in one row.
    pub columns: usize,
    /// Rows below the header.
    pub rows: u64,
}

impl Default for GateLimits {
    /// 256 MiB, 10 million rows of at most 4 MiB and 10,000 values of at most 1 MiB.
    fn default() -> Self {
        Self { bytes: 256 << 20, row_bytes: 4 << 20, field_bytes: 1 << 20, columns: 10_000, rows: 10_000_000 }
    }
}

/// Reads the submission at `path`, as a table at all and, when there is a shape to hold it `against`, as a
/// submission to that task. The order of columns and rows is free. Blocks while it reads.
///
/// Of several faults, one of the file's form is reported first, then of its columns, of its ids, of its values.
///
/// # Errors
/// A [`Refusal`] when pandas would not read the file as it was meant. Where [`RefusalKind::is_fault`], it is the
/// machine that failed.
pub fn check(path: &Path, against: Option<&Shape>, limits: &GateLimits) -> Result<Passed, Refusal> {
    let (file, size) = open::open(path, limits.bytes)?;
    // One byte more shows whether the file grows meanwhile.
    let source = Hashed::new((&file).take(size + 1));
    let mut table = Table::begin(BufReader::with_capacity(BUFFER_BYTES, source), *limits)?;
    let mut judge = against.map(|shape| Judge::new(shape, table.names())).transpose()?;
    while let Some(place) = table.advance()? {
        if let Some(judge) = &mut judge {
            judge.see(place, table.text());
        }
    }
    let mut notes = table_notes(&table);
    if let Some(judge) = judge {
        notes.extend(judge.finish()?);
    }
    let (rows, columns) = (table.rows(), table.names().len());
    let (hash, bytes) = table.into_source().get_ref().finish();
    if bytes != size {
        return Err(passed::changed());
    }
    Ok(Passed { rows, columns, bytes, notes, hash, file })
}

fn table_notes<R: std::io::BufRead>(table: &Table<R>) -> Vec<Note> {
    let notes =
        [(table.has_byte_order_mark(), Note::ByteOrderMark), (table.has_blank_lines(), Note::BlankLines)];
    notes.into_iter().filter(|(there, _)| *there).map(|(_, note)| note).collect()
}
