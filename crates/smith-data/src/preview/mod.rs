//! Shows a part of a file, whatever it is, within a number of bytes.

mod lines;
mod table;

use std::path::Path;

use smith_task_schema::profile::FileKind;

use crate::error::DataError;
use crate::media::images::{Mode, measure};
use crate::overview::display::size;
use crate::source::encoding::looks_binary;
use crate::source::kind::{SNIFF_BYTES, by_name};
use crate::source::{magic, reader};

/// Which part of a file is shown, and how much of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreviewOptions {
    /// First line to show, from 1. Of a delimited table, 1 shows its facts and first rows; a later line shows the
    /// text itself.
    pub first_line: u64,
    /// Greatest number of lines or rows.
    pub lines: u64,
    /// Greatest length of the text in bytes.
    pub max_bytes: usize,
}

impl Default for PreviewOptions {
    /// The first 200 lines in at most 16,000 bytes.
    fn default() -> Self {
        Self { first_line: 1, lines: 200, max_bytes: 16_000 }
    }
}

/// A part of a file as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What there is to read; text carries the numbers of its lines.
    pub text: String,
    /// What the file is: `text`, `csv`, `parquet`, `image`, `empty` or `binary`.
    pub kind: String,
}

/// Shows a file: text by its lines with their numbers; a table by its columns, its rows and the first of them; an
/// image by its size; anything else by its format and size. What does not fit is named, with how to read on.
///
/// # Errors
/// [`DataError::NotFound`], [`DataError::NotAFile`] for a folder or a device, [`DataError::Unreadable`].
pub fn preview(path: &Path, options: &PreviewOptions) -> Result<Preview, DataError> {
    let metadata = std::fs::metadata(path).map_err(|e| DataError::io(path, e))?;
    if !metadata.is_file() {
        return Err(DataError::NotAFile(path.to_path_buf()));
    }
    let bytes = metadata.len();
    let (kind, text) =
        if bytes == 0 { ("empty", String::from("The file is empty.")) } else { show(path, bytes, options)? };
    let text = crate::overview::display::prefix(&text, options.max_bytes).to_string();
    Ok(Preview { text, kind: kind.to_string() })
}

fn show(path: &Path, bytes: u64, options: &PreviewOptions) -> Result<(&'static str, String), DataError> {
    let packed = raw_head(path).map_err(|e| DataError::io(path, e))?;
    if packed.starts_with(b"PAR1")
        && let Ok(text) = table::parquet(path, options)
    {
        return Ok(("parquet", text));
    }
    if let Some(text) = image(path, bytes) {
        return Ok(("image", text));
    }
    // What claims to be gzip and cannot be unpacked is shown as the bytes that it is.
    let head = reader::head(path, SNIFF_BYTES).unwrap_or_else(|_| packed.clone());
    let known = magic::recognise(&head);
    if looks_binary(&head)
        || known.is_some_and(|magic| !matches!(magic.kind, FileKind::Other | FileKind::Geometry))
    {
        return Ok(("binary", binary(&packed, bytes)));
    }
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if options.first_line <= 1
        && by_name(&name) == Some(FileKind::Table)
        && let Ok(text) = table::delimited(path, options)
    {
        return Ok(("csv", text));
    }
    Ok(("text", lines::lines(path, options).map_err(|e| DataError::io(path, e))?))
}

/// The first bytes as they lie on disk.
fn raw_head(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(512).read_to_end(&mut head)?;
    Ok(head)
}

fn image(path: &Path, bytes: u64) -> Option<String> {
    // A drawing is text that can be read.
    let image = measure(path).ok().filter(|image| image.mode != Some(Mode::Vector))?;
    let mode = image.mode_name().map_or_else(String::new, |mode| format!(", mode {mode}"));
    Some(format!("{} image, {} x {} pixels{mode}, {}.", image.format, image.width, image.height, size(bytes)))
}

fn binary(head: &[u8], bytes: u64) -> String {
    let format = magic::recognise(head).map_or("binary data of an unknown format", |magic| magic.name);
    format!("{format}, {} ({bytes} bytes); not shown as text.", size(bytes))
}
