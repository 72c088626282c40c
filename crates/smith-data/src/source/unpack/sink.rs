//! Where members go.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::overview::display::size;
use crate::source::content::{Verdict, judge};
use crate::source::kind::{SNIFF_BYTES, extension};
use crate::source::pass::{Hash, Progress};
use crate::source::unpack::BUFFER_BYTES;
use crate::source::unpack::limits::{Budget, Exhausted, UnpackLimits};
use crate::source::unpack::name::guard;
use crate::source::unpack::oddity::{Oddities, Oddity};
use crate::source::walk::Found;

/// Files of one directory of the store.
const FILES_PER_DIRECTORY: u64 = 4096;

/// A file of an archive that was unpacked.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) found: Found,
    pub(crate) verdict: Verdict,
    pub(crate) hash: Hash,
    pub(crate) about: About,
}

/// What an archive says of a member beside its name and its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About {
    /// When it was changed last, in a unit of the archive's own that grows with time.
    pub time: u64,
    /// Who may read and write it.
    pub mode: u32,
    /// The numbers of its owner and of the owner's group, and a hash of their names.
    pub owner: (u64, u64, u64),
    /// A hash of its comment.
    pub beside: u64,
}

/// The directory with what was unpacked; it is removed with the last copy of this.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    directory: Arc<TempDir>,
}

impl Store {
    pub(super) fn new(parent: Option<&Path>) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("smith-unpacked-");
        let directory = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        Ok(Self { directory: Arc::new(directory) })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A path for the file of a number. The extension stays: some readers ask for it.
    fn path_of(&self, number: u64, name: &str) -> io::Result<PathBuf> {
        let directory = self.path().join((number / FILES_PER_DIRECTORY).to_string());
        if number.is_multiple_of(FILES_PER_DIRECTORY) {
            fs::create_dir_all(&directory)?;
        }
        let ending: String = extension(name).chars().filter(char::is_ascii_alphanumeric).collect();
        let dot = if ending.is_empty() { "" } else { "." };
        Ok(directory.join(format!("{number}{dot}{ending}")))
    }
}

/// Why an archive is not read to its end.
#[derive(Debug)]
pub(super) enum Stop {
    Limit(Exhausted),
    Disk(String),
    Damaged(String),
}

impl Stop {
    /// True when no other archive can be read either.
    pub(super) fn ends_everything(&self) -> bool {
        !matches!(self, Self::Damaged(_) | Self::Limit(Exhausted::Ratio(_)))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(Exhausted::Bytes(bytes)) => {
                write!(f, "more than {} would be unpacked; raise the limit or free the disk", size(*bytes))
            }
            Self::Limit(Exhausted::Ratio(ratio)) => {
                write!(
                    f,
                    "it grows to more than {ratio} times its size, as archives do that are made to fill disks"
                )
            }
            Self::Limit(Exhausted::Members(members)) => {
                write!(f, "there are more than {members} files in archives")
            }
            Self::Disk(error) => write!(f, "nothing more can be written: {error}"),
            Self::Damaged(error) => write!(f, "it is cut or damaged: {error}"),
        }
    }
}

/// Takes the members of one archive.
pub(super) struct Sink<'a> {
    archive: &'a str,
    store: Store,
    budget: &'a mut Budget,
    limits: &'a UnpackLimits,
    progress: Progress<'a>,
    buffer: Vec<u8>,
    members: Vec<Member>,
    /// Index of the member of a name.
    by_name: BTreeMap<String, usize>,
    replaced: Vec<usize>,
    pub(super) oddities: Oddities,
    /// What the archive says of the next member.
    pub(super) about: About,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        archive: &'a Found,
        store: Store,
        budget: &'a mut Budget,
        limits: &'a UnpackLimits,
        progress: Progress<'a>,
    ) -> Self {
        Self {
            archive: &archive.relative,
            store,
            budget,
            limits,
            progress,
            buffer: Vec::new(),
            members: Vec::new(),
            by_name: BTreeMap::new(),
            replaced: Vec::new(),
            oddities: Oddities::default(),
            about: About::default(),
        }
    }

    /// Takes a member in. What is wrong with its bytes comes back in words, and then it is not kept; the archive may
    /// be read on where it can.
    pub(super) fn keep(
        &mut self,
        raw_name: &str,
        stated_bytes: Option<u64>,
        input: &mut dyn Read,
    ) -> Result<Option<String>, Stop> {
        let (name, odd) = match guard(raw_name) {
            Ok(guarded) => guarded,
            Err(oddity) => {
                self.oddities.add(oddity, raw_name);
                return self.drain(input);
            }
        };
        if let Some(oddity) = odd {
            self.oddities.add(oddity, raw_name);
        }
        let number = self.budget.members;
        self.budget.enter(self.limits).map_err(Stop::Limit)?;
        let disk = |error: io::Error| Stop::Disk(error.to_string());
        let path = self.store.path_of(number, &name).map_err(disk)?;
        let mut copy = Copy::new(File::create(&path).map_err(disk)?);
        let copied = self.copy(input, &mut copy);
        if !matches!(copied, Ok(None)) {
            drop(copy);
            // What is left of it would only take up room.
            let _ = fs::remove_file(&path);
            return copied;
        }
        if stated_bytes.is_some_and(|stated| stated != copy.bytes) {
            self.oddities.add(Oddity::Size, &name);
        }
        self.add(&name, path, &copy);
        Ok(None)
    }

    fn add(&mut self, name: &str, path: PathBuf, copy: &Copy) {
        let relative = format!("{}!/{name}", self.archive);
        let found = Found { path, relative, bytes: copy.bytes };
        let verdict = judge(&found, &copy.head);
        let hash = *copy.hasher.finalize().as_bytes();
        let member = Member { found, verdict, hash, about: self.about };
        if let Some(earlier) = self.by_name.insert(name.to_string(), self.members.len()) {
            self.oddities.add(Oddity::Duplicate, name);
            self.replaced.push(earlier);
        }
        self.members.push(member);
    }

    /// Reads a member that is not kept, because what follows it cannot be reached otherwise.
    pub(super) fn drain(&mut self, input: &mut dyn Read) -> Result<Option<String>, Stop> {
        let mut nowhere = Copy { file: None, ..Copy::default() };
        self.copy(input, &mut nowhere)
    }

    fn copy(&mut self, input: &mut dyn Read, copy: &mut Copy) -> Result<Option<String>, Stop> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(BUFFER_BYTES, 0);
        let copied = self.copy_through(&mut buffer, input, copy);
        self.buffer = buffer;
        copied
    }

    fn copy_through(
        &mut self,
        buffer: &mut [u8],
        input: &mut dyn Read,
        copy: &mut Copy,
    ) -> Result<Option<String>, Stop> {
        loop {
            let n = match input.read(buffer) {
                Ok(0) => return Ok(None),
                Ok(n) => n.min(buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Some(error.to_string())),
            };
            self.budget.spend(n as u64, self.limits).map_err(Stop::Limit)?;
            copy.take(&buffer[..n]).map_err(|error| Stop::Disk(error.to_string()))?;
            (self.progress)(n as u64);
        }
    }

    /// The members that are kept, and what was odd.
    pub(super) fn finish(mut self) -> (Vec<Member>, Oddities) {
        self.replaced.sort_unstable();
        let mut index = 0;
        self.members.retain(|_| {
            index += 1;
            self.replaced.binary_search(&(index - 1)).is_err()
        });
        self.oddities.compare(self.by_name.keys().map(String::as_str));
        (self.members, self.oddities)
    }
}

/// A member as it is written.
#[derive(Default)]
struct Copy {
    file: Option<File>,
    bytes: u64,
    head: Vec<u8>,
    hasher: blake3::Hasher,
}

impl Copy {
    fn new(file: File) -> Self {
        Self { file: Some(file), ..Self::default() }
    }

    fn take(&mut self, part: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(part)?;
        self.hasher.update(part);
        let missing = SNIFF_BYTES.saturating_sub(self.head.len()).min(part.len());
        self.head.extend_from_slice(&part[..missing]);
        self.bytes += part.len() as u64;
        Ok(())
    }
}

/// Hands out so many bytes of a reader; fewer are an error.
pub(super) struct Exactly<'a, R> {
    inner: &'a mut R,
    left: u64,
}

impl<'a, R: Read> Exactly<'a, R> {
    pub(super) fn new(inner: &'a mut R, bytes: u64) -> Self {
        Self { inner, left: bytes }
    }
}

impl<R: Read> Read for Exactly<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let n = self.inner.read(&mut buffer[..wanted])?;
        if n == 0 && wanted > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends within a member"));
        }
        self.left -= n as u64;
        Ok(n)
    }
}
