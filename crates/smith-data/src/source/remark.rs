//! What is odd about single files, told once for each oddity rather than once for each file.

use std::collections::BTreeMap;

use smith_task_schema::profile::FileKind;

use crate::findings::Findings;
use crate::overview::display::number_of;
use crate::source::magic::Magic;
use crate::source::reader::Codec;

/// Files with the same oddity that are named one by one; the others are counted.
const NAMED: u64 = 3;
/// Empty files that are named one by one.
const NAMED_EMPTY: u64 = 20;

/// What is odd about a file at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remark {
    Empty,
    /// The name announces something else than the content is.
    Lies {
        named: FileKind,
        holds: &'static str,
    },
    /// A web page where data should be.
    WebPage {
        named: FileKind,
    },
    LfsPointer,
    /// A format that is not looked into.
    Needs {
        kind: FileKind,
        name: &'static str,
        needs: &'static str,
    },
    /// It begins like a compressed file and cannot be unpacked.
    Broken(Codec),
}

impl Remark {
    /// The remark on a format that is not looked into.
    pub(crate) fn needs(magic: Magic) -> Option<Self> {
        magic.needs.map(|needs| Self::Needs { kind: magic.kind, name: magic.name, needs })
    }

    fn message(self) -> String {
        match self {
            Self::Empty => String::from("is empty"),
            Self::Lies { named, holds } => {
                format!("is named like {}, but holds {}", a(named), article(holds))
            }
            Self::WebPage { named } => format!(
                "is named like {}, but holds a web page, such as that of a login or an error: download it again",
                a(named)
            ),
            Self::LfsPointer => String::from(
                "is a pointer of Git Large File Storage, not the data themselves: fetch them with `git lfs pull`",
            ),
            Self::Needs { name, needs, .. } => {
                format!("is {} and is not looked into: {needs}", article(name))
            }
            Self::Broken(codec) => format!("begins like a {} file, but cannot be unpacked", codec.name()),
        }
    }

    /// True when data is lost to the profile.
    fn loses_data(self) -> bool {
        match self {
            Self::WebPage { .. } | Self::LfsPointer | Self::Broken(_) => true,
            Self::Needs { kind, .. } => kind == FileKind::Archive,
            Self::Empty | Self::Lies { .. } => false,
        }
    }
}

/// Gathers remarks on files in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    counts: BTreeMap<Remark, u64>,
}

impl Remarks {
    /// Takes a remark in; the first few of its kind become findings at once.
    pub(crate) fn add(&mut self, path: &str, remark: Remark, findings: &mut Findings) {
        let count = self.counts.entry(remark).or_default();
        *count += 1;
        if *count <= named(remark) {
            say(path, remark, remark.message(), findings);
        }
    }

    /// Counts those that were not named.
    pub(crate) fn finish(self, findings: &mut Findings) {
        for (remark, count) in self.counts {
            if let Some(further) = count.checked_sub(named(remark)).filter(|&further| further > 0) {
                let message =
                    format!("of {} the same is true: each {}", further_files(further), remark.message());
                say("", remark, message, findings);
            }
        }
    }
}

fn named(remark: Remark) -> u64 {
    if remark == Remark::Empty { NAMED_EMPTY } else { NAMED }
}

fn further_files(count: u64) -> String {
    number_of(count, "further file")
}

fn say(path: &str, remark: Remark, message: String, findings: &mut Findings) {
    if remark.loses_data() {
        findings.error(path, message);
    } else {
        findings.warn(path, message);
    }
}

fn a(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Table => "a table",
        FileKind::Json => "JSON",
        FileKind::Text => "a text",
        FileKind::Image => "an image",
        FileKind::Audio => "audio",
        FileKind::Video => "a video",
        FileKind::Archive => "an archive",
        FileKind::Database => "a database",
        FileKind::Document => "a document",
        FileKind::Geometry => "a mesh or point cloud",
        FileKind::Array => "an array",
        _ => "something else",
    }
}

/// The name of a format with its article, where it takes one.
fn article(name: &str) -> String {
    if matches!(
        name,
        "text" | "JSON" | "bytes that are no text" | "WAV audio" | "FLAC audio" | "NumPy arrays"
    ) || name.ends_with(" audio")
    {
        return name.to_string();
    }
    // Abbreviations are spelt: an MP4, an HDF5, an R object.
    let first = name.split_whitespace().next().unwrap_or_default();
    let is_spelt = first.chars().take(2).all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let spoken_vowel =
        if is_spelt && !matches!(first, "LAS" | "FITS" | "RAR" | "NIfTI" | "SAS" | "MATLAB" | "MIDI") {
            first.starts_with(['A', 'E', 'F', 'H', 'I', 'L', 'M', 'N', 'O', 'R', 'S', 'X'])
        } else {
            first.to_lowercase().starts_with(['a', 'e', 'i', 'o'])
        };
    format!("{} {name}", if spoken_vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_of_one_oddity_are_few_findings() {
        let (mut remarks, mut findings) = (Remarks::default(), Findings::default());
        for i in 0..500 {
            remarks.add(&format!("{i}.parquet"), Remark::LfsPointer, &mut findings);
        }
        remarks.finish(&mut findings);
        let said = findings.finish();
        assert_eq!(said.len(), 4);
        assert!(said[3].message.starts_with("of 497 further files the same is true"), "{}", said[3].message);
    }

    #[test]
    fn formats_carry_their_article() {
        let cases = [
            ("HDF5 file", "an HDF5 file"),
            ("MP4 or QuickTime video", "an MP4 or QuickTime video"),
            ("PNG image", "a PNG image"),
            ("R object", "an R object"),
            ("NIfTI image", "a NIfTI image"),
            ("Python pickle", "a Python pickle"),
            ("RAR archive", "a RAR archive"),
            ("ZIP archive", "a ZIP archive"),
            ("text", "text"),
        ];
        for (name, expected) in cases {
            assert_eq!(article(name), expected);
        }
    }
}
