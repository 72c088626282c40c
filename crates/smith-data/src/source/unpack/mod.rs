//! Reads archives through one guarded path.
//!
//! Members are written to a temporary directory under names of our own, numbers with an extension: whatever a
//! member is called, it cannot leave the directory, replace another file or be a link. Its own name is a string that
//! only ever becomes part of a relative path. What bounds the work are the bytes that were really read and written,
//! never a size that an archive states.

mod limits;
mod name;
mod near;
mod oddity;
mod sink;
mod tarball;
mod zipfile;
mod zipfile_cut;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

pub(crate) use limits::UnpackLimits;
pub use sink::About;
pub(crate) use sink::{Member, Store};

use crate::findings::Findings;
use crate::overview::display::number_of;
use crate::source::content::Container;
use crate::source::kind::split_compression;
use crate::source::pass::Progress;
use crate::source::reader::Codec;
use crate::source::unpack::limits::Budget;
use crate::source::unpack::sink::{Sink, Stop};
use crate::source::walk::Found;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 64 << 10;

/// Opens archives one after the other. What was unpacked is removed when this is dropped.
pub(crate) struct Unpacker<'a> {
    limits: &'a UnpackLimits,
    progress: Progress<'a>,
    store: Option<Store>,
    budget: Budget,
    /// Why nothing more is opened.
    spent: Option<String>,
    unopened: Vec<String>,
}

impl<'a> Unpacker<'a> {
    pub(crate) fn new(limits: &'a UnpackLimits, progress: Progress<'a>) -> Self {
        Self { limits, progress, store: None, budget: Budget::default(), spent: None, unopened: Vec::new() }
    }

    /// The members of an archive and of the archives in it, each archive's in their order.
    pub(crate) fn open(
        &mut self,
        found: &Found,
        container: Container,
        findings: &mut Findings,
    ) -> Vec<Member> {
        let mut members = Vec::new();
        self.budget.begin(found.bytes);
        let mut queue = VecDeque::from([(found.clone(), container, 1)]);
        while let Some((found, container, depth)) = queue.pop_front() {
            if depth > self.limits.max_depth {
                let message = format!(
                    "lies {} archives deep and is not opened: unpack it and point to the folder with its files",
                    depth - 1
                );
                findings.error(&found.relative, message);
                continue;
            }
            let inside = self.open_one(&found, container, findings);
            let nested = inside.iter().filter_map(|member| {
                member.verdict.container.map(|container| (member.found.clone(), container, depth + 1))
            });
            queue.extend(nested);
            members.extend(inside);
        }
        members
    }

    fn open_one(&mut self, found: &Found, container: Container, findings: &mut Findings) -> Vec<Member> {
        if self.spent.is_some() {
            self.unopened.push(found.relative.clone());
            return Vec::new();
        }
        let store = match self.store() {
            Ok(store) => store,
            Err(error) => {
                self.spent = Some(format!("there is no room for them: {error}"));
                self.unopened.push(found.relative.clone());
                return Vec::new();
            }
        };
        let mut sink = Sink::new(found, store, &mut self.budget, self.limits, self.progress);
        let stopped = fill(found, container, &mut sink).err();
        let (members, oddities) = sink.finish();
        oddities.report(&found.relative, findings);
        if let Some(stop) = stopped {
            let kept = number_of(members.len() as u64, "member");
            let message = format!("is not read to its end: {stop}; {kept} before that can be read");
            findings.error(&found.relative, message);
            if stop.ends_everything() {
                self.spent = Some(stop.to_string());
            }
        } else if members.is_empty() && oddities.is_empty() {
            findings.warn(&found.relative, "is an archive without any file in it");
        }
        members
    }

    fn store(&mut self) -> io::Result<Store> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let store = Store::new(self.limits.directory.as_deref())?;
        let room = limits::room(store.path());
        self.budget.max_bytes = self.limits.max_bytes.min(room.unwrap_or(u64::MAX));
        if self.budget.max_bytes == 0 {
            return Err(io::Error::other(format!("{} is full", store.path().display())));
        }
        self.store = Some(store.clone());
        Ok(store)
    }

    /// Reports what was left closed; the directory with what was unpacked, to be kept as long as it is read.
    pub(crate) fn finish(self, findings: &mut Findings) -> Option<Store> {
        if let (Some(why), Some(first)) = (self.spent, self.unopened.first()) {
            let count = number_of(self.unopened.len() as u64, "further archive");
            findings.error("", format!("{count}, such as `{first}`, not opened: {why}"));
        }
        self.store
    }
}

/// For fuzzing: unpacks an archive, and removes what was in it.
pub(crate) fn unpack_bare(found: &Found, container: Container, limits: &UnpackLimits) {
    let mut findings = Findings::default();
    let mut unpacker = Unpacker::new(limits, &|_| {});
    drop(unpacker.open(found, container, &mut findings));
    drop(unpacker.finish(&mut findings));
}

fn fill(found: &Found, container: Container, sink: &mut Sink<'_>) -> Result<(), Stop> {
    match container {
        Container::Zip => zipfile::read(&found.path, sink),
        Container::Tar(codec) => match codec {
            None => tarball::read(plain(&found.path)?, sink),
            Some(codec) => tarball::read(unpacked(&found.path, codec)?, sink),
        },
        Container::Single(codec) => {
            let name = split_compression(found.name()).map_or(found.name(), |(stem, _)| stem);
            match sink.keep(name, None, &mut unpacked(&found.path, codec)?)? {
                None => Ok(()),
                Some(damage) => Err(Stop::Damaged(damage)),
            }
        }
    }
}

fn plain(path: &Path) -> Result<BufReader<File>, Stop> {
    let file = File::open(path).map_err(|error| Stop::Damaged(format!("it cannot be opened: {error}")))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, file))
}

fn unpacked(path: &Path, codec: Codec) -> Result<Box<dyn io::Read + Send>, Stop> {
    codec.decoder(plain(path)?).map_err(|error| Stop::Damaged(error.to_string()))
}
