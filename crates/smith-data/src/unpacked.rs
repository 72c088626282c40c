//! What lies in archives, for those who look for something in every file.

use std::path::{Path, PathBuf};

use smith_task_schema::Severity;

use crate::findings::Findings;
use crate::source::content::judge;
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader::raw_head;
pub use crate::source::unpack::About;
use crate::source::unpack::{Store, UnpackLimits, Unpacker};
use crate::source::walk::Found;

/// A file that was unpacked.
#[derive(Debug, Clone)]
pub struct UnpackedFile {
    /// Where it lies for now.
    pub location: PathBuf,
    /// Its archive's path, `!/` and its own path in it, for instance `data.zip!/train/a.csv`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What its archive says of it.
    pub about: About,
}

/// Files that were unpacked; they are removed when this is dropped.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// In the order of the archives, and of their members.
    pub files: Vec<UnpackedFile>,
    /// Paths of archives that were not read, or not wholly, with the reason.
    pub unread: Vec<(String, String)>,
    /// Keeps the files.
    _store: Option<Store>,
}

/// Unpacks those of the files below `root` that are archives (ZIP, TAR, and files that are packed on their own), and the
/// archives in them, at most `max_bytes` in all, to a directory in `scratch`. Paths are relative to `root`, with `/`
/// between parts. Blocks.
#[must_use]
pub fn unpacked<'p>(
    root: &Path,
    paths: impl Iterator<Item = &'p str>,
    max_bytes: u64,
    scratch: &Path,
) -> Unpacked {
    let limits = UnpackLimits {
        max_bytes,
        max_members: 200_000,
        directory: Some(scratch.to_path_buf()),
        ..UnpackLimits::default()
    };
    let mut unpacker = Unpacker::new(&limits, &|_| {});
    let (mut unpacked, mut findings) = (Unpacked::default(), Findings::default());
    for path in paths {
        let location = root.join(path);
        let (Ok(head), Ok(meta)) = (raw_head(&location, SNIFF_BYTES), std::fs::metadata(&location)) else {
            continue;
        };
        let found = Found { path: location, relative: path.to_owned(), bytes: meta.len() };
        if let Some(container) = judge(&found, &head).container {
            for member in unpacker.open(&found, container, &mut findings) {
                let (Found { path, relative, bytes }, about) = (member.found, member.about);
                unpacked.files.push(UnpackedFile { location: path, path: relative, bytes, about });
            }
        }
    }
    unpacked._store = unpacker.finish(&mut findings);
    let told = findings.finish().into_iter().filter(|finding| finding.severity == Severity::Error);
    unpacked.unread = told.map(|finding| (finding.path, finding.message)).collect();
    unpacked
}
