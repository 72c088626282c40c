//! What is odd about the members of an archive, told once for each oddity.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::Findings;
use crate::overview::display::number_of;

/// What can be odd about a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Oddity {
    Escape,
    Absolute,
    Backslash,
    Control,
    NoName,
    Link,
    Device,
    Encrypted,
    Unsupported,
    Damaged,
    Size,
    Duplicate,
    Case,
    FileAndFolder,
}

impl Oddity {
    /// Whether data is lost, and what is said of a number of members.
    fn describe(self) -> (bool, &'static str) {
        match self {
            Self::Escape => (true, "with a name that leads out of the archive (`..`): left out"),
            Self::Absolute => (false, "with an absolute name: read as if it lay within the archive"),
            Self::Backslash => (false, "with backslashes between folders: read as if they were slashes"),
            Self::Control => {
                (false, "with control characters in its name: shown with replacement characters")
            }
            Self::NoName => (true, "without a name that a file can have: left out"),
            Self::Link => (false, "that is a link: not followed"),
            Self::Device => (false, "that is no file (a pipe or device): left out"),
            Self::Encrypted => {
                (true, "that is encrypted: unpack it with its password and point to the folder")
            }
            Self::Unsupported => {
                (true, "packed in a way that is not read here: unpack it and point to the folder")
            }
            Self::Damaged => (true, "that is damaged and cannot be unpacked"),
            Self::Size => (false, "whose size is not the one that the archive states"),
            Self::Duplicate => {
                (false, "with the name of a later one: the last one is read, as tools would leave it")
            }
            Self::Case => {
                (false, "whose name differs from another only by capitals: some systems keep just one")
            }
            Self::FileAndFolder => (false, "whose name is that of a folder too: tools cannot unpack both"),
        }
    }
}

/// The oddities of one archive.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    seen: BTreeMap<Oddity, (u64, String, Option<String>)>,
}

impl Oddities {
    pub(super) fn add(&mut self, oddity: Oddity, name: &str) {
        self.seen.entry(oddity).or_insert_with(|| (0, shown(name), None)).0 += 1;
    }

    /// Adds one whose reason matters; the first is told.
    pub(super) fn explain(&mut self, oddity: Oddity, name: &str, why: String) {
        self.seen.entry(oddity).or_insert_with(|| (0, shown(name), Some(why))).0 += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    pub(super) fn report(&self, archive: &str, findings: &mut Findings) {
        for (oddity, (count, first, why)) in &self.seen {
            let (is_error, what) = oddity.describe();
            let why = why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            let example = if *count > 1 { "the first is " } else { "" };
            let message = format!("holds {} {what}; {example}`{first}`{why}", number_of(*count, "member"));
            if is_error {
                findings.error(archive, message);
            } else {
                findings.warn(archive, message);
            }
        }
    }

    /// Looks for names that cannot stand beside each other; `names` are those of the members that are kept.
    pub(super) fn compare<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let names: BTreeSet<&str> = names.collect();
        let mut lower: BTreeSet<String> = BTreeSet::new();
        for name in &names {
            if !lower.insert(name.to_lowercase()) {
                self.add(Oddity::Case, name);
            }
            let folder = format!("{name}/");
            if names.range(folder.as_str()..).next().is_some_and(|next| next.starts_with(&folder)) {
                self.add(Oddity::FileAndFolder, name);
            }
        }
    }
}

/// A name in a message: no line breaks, not too long.
fn shown(name: &str) -> String {
    crate::overview::display::one_line(name, 80)
}
