//! Reads TAR.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use tar::{Archive, EntryType, Header};

use crate::column::hash;
use crate::source::unpack::oddity::Oddity;
use crate::source::unpack::sink::{About, Exactly, Sink, Stop};

/// Headers of a member, with long names and extended attributes, are read into memory: so many bytes of them.
const MAX_HEADER_BYTES: u64 = 4 << 20;

pub(super) fn read(input: impl Read, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let left = Rc::new(Cell::new(MAX_HEADER_BYTES));
    let mut archive = Archive::new(HeaderGuard { inner: input, left: Rc::clone(&left) });
    let mut entries = archive.entries().map_err(|error| damaged(&error))?;
    loop {
        left.set(MAX_HEADER_BYTES);
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry.map_err(|error| damaged(&error))?;
        left.set(u64::MAX);
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let stated = entry.size();
        sink.about = about(entry.header());
        let kind = oddity(entry.header().entry_type(), &name);
        // Without this an archive that is cut within a member would look like one with a shorter member.
        let mut data = Exactly::new(&mut entry, stated);
        let damage = match kind {
            Kind::File => sink.keep(&name, None, &mut data)?,
            Kind::Nothing => sink.drain(&mut data)?,
            Kind::Odd(oddity) => {
                sink.oddities.add(oddity, &name);
                sink.drain(&mut data)?
            }
        };
        if let Some(damage) = damage {
            return Err(Stop::Damaged(damage));
        }
    }
}

fn about(header: &Header) -> About {
    let names = [header.username_bytes(), header.groupname_bytes()];
    let names = names.map(Option::unwrap_or_default).join(&0);
    About {
        time: header.mtime().unwrap_or(0),
        mode: header.mode().unwrap_or(0),
        owner: (header.uid().unwrap_or(0), header.gid().unwrap_or(0), hash::of_bytes(&names)),
        ..About::default()
    }
}

fn damaged(error: &io::Error) -> Stop {
    Stop::Damaged(error.to_string())
}

enum Kind {
    File,
    Nothing,
    Odd(Oddity),
}

fn oddity(kind: EntryType, name: &str) -> Kind {
    match kind {
        // In old archives a folder is a file whose name ends so.
        EntryType::Regular if name.ends_with('/') => Kind::Nothing,
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => Kind::File,
        EntryType::Link | EntryType::Symlink => Kind::Odd(Oddity::Link),
        EntryType::Char | EntryType::Block | EntryType::Fifo => Kind::Odd(Oddity::Device),
        _ => Kind::Nothing,
    }
}

/// Stops an archive whose headers do not end.
struct HeaderGuard<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for HeaderGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other("the headers of a member are larger than 4 MiB"));
        }
        let n = self.inner.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(n as u64));
        Ok(n)
    }
}
