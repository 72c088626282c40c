//! The one way by which files leave a sandbox: regular files, found without following a link, of a bounded size.

use std::fs::{File, FileType};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// Why a file is not taken.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// There is nothing of this name.
    Missing,
    /// The name, or a part of the way to it, is a symbolic link.
    Link,
    /// The file has another name too, and may be somebody else's.
    HardLink,
    /// It is no file: what it is instead.
    NotRegular(&'static str),
    /// It has more bytes than are taken.
    TooLarge(u64),
    /// It cannot be opened or examined.
    Io(io::Error),
}

/// Without these a program could have the supervisor wait for a pipe's other end, or make a terminal its own.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Opens the regular file `name`, a relative path below `folder` which a program had in its power, and says how
/// many bytes it has. The way to `folder` itself is trusted.
///
/// # Errors
/// [`Unfit`] when there is no regular file of one name with at most `most` bytes.
pub(crate) fn open_regular(folder: &Path, name: &Path, most: u64) -> Result<(File, u64), Unfit> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let start = rustix::fs::open(folder, flags, Mode::empty()).map_err(unfit)?;
    let file = File::from(open_beneath(start, name).map_err(unfit)?);
    let data = file.metadata().map_err(Unfit::Io)?;
    if !data.is_file() {
        return Err(Unfit::NotRegular(name_of(data.file_type())));
    }
    match (data.nlink(), data.len()) {
        (1, bytes) if bytes > most => Err(Unfit::TooLarge(bytes)),
        (1, bytes) => Ok((file, bytes)),
        _ => Err(Unfit::HardLink),
    }
}

#[cfg(target_os = "linux")]
fn open_beneath(start: OwnedFd, name: &Path) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;

    let resolve = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    match rustix::fs::openat2(&start, name, READ, Mode::empty(), resolve) {
        // A kernel before 5.6, or a filter of a container's.
        Err(Errno::NOSYS | Errno::PERM) => open_part_by_part(start, name),
        opened => opened,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_beneath(start: OwnedFd, name: &Path) -> rustix::io::Result<OwnedFd> {
    open_part_by_part(start, name)
}

/// Each part of the way is opened on its own, so that none of them can be a link or lead up.
fn open_part_by_part(mut at: OwnedFd, name: &Path) -> rustix::io::Result<OwnedFd> {
    let mut parts = name.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(part) = part else { return Err(Errno::XDEV) };
        let flags = if parts.peek().is_some() { READ | OFlags::DIRECTORY } else { READ };
        at = rustix::fs::openat(&at, part, flags, Mode::empty())?;
    }
    Ok(at)
}

fn unfit(error: Errno) -> Unfit {
    match error {
        Errno::NOENT | Errno::NOTDIR => Unfit::Missing,
        Errno::LOOP | Errno::XDEV => Unfit::Link,
        // A socket, or a device without a driver.
        Errno::NXIO | Errno::NODEV => Unfit::NotRegular("a socket or a device"),
        error => Unfit::Io(error.into()),
    }
}

fn name_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a named pipe"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with one of each, and a secret beside it.
    fn work(base: &Path) -> std::path::PathBuf {
        let work = base.join("work");
        fs::create_dir_all(work.join("deep")).unwrap();
        fs::write(base.join("secret"), "secret").unwrap();
        fs::write(work.join("fine"), "fine").unwrap();
        fs::write(work.join("deep/fine"), "fine").unwrap();
        fs::write(work.join("twice"), "").unwrap();
        fs::hard_link(work.join("twice"), work.join("again")).unwrap();
        symlink("../secret", work.join("link")).unwrap();
        symlink("..", work.join("up")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, work.join("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(work.join("socket")).unwrap();
        work
    }

    fn kind_of(unfit: &Unfit) -> &'static str {
        match unfit {
            Unfit::Missing => "missing",
            Unfit::Link => "link",
            Unfit::HardLink => "hard link",
            Unfit::NotRegular(what) => what,
            Unfit::TooLarge(_) => "too large",
            Unfit::Io(_) => "io",
        }
    }

    #[test]
    fn only_regular_files_within_the_folder_are_taken() {
        let base = tempfile::tempdir().unwrap();
        let work = work(base.path());
        for name in ["fine", "deep/fine"] {
            let (mut file, bytes) = open_regular(&work, Path::new(name), 4).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!((text.as_str(), bytes), ("fine", 4));
        }
        for (name, most, expected) in [
            ("nothing", 9, "missing"),
            ("fine/deeper", 9, "missing"),
            ("link", 9, "link"),
            ("up/secret", 9, "link"),
            ("../secret", 9, "link"),
            ("twice", 9, "hard link"),
            ("deep", 9, "a directory"),
            ("pipe", 9, "a named pipe"),
            ("socket", 9, "a socket or a device"),
            ("fine", 3, "too large"),
        ] {
            let found = open_regular(&work, Path::new(name), most).unwrap_err();
            assert_eq!(kind_of(&found), expected, "{name}");
        }
    }

    #[test]
    fn part_by_part_the_same_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let work = work(base.path());
        let open = |name: &str| {
            let start = rustix::fs::open(&work, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
            open_part_by_part(start, Path::new(name)).map_err(unfit)
        };
        assert!(open("deep/fine").is_ok());
        for name in ["link", "../secret"] {
            assert_eq!(kind_of(&open(name).unwrap_err()), "link", "{name}");
        }
        // A link to a directory is no directory, to the kernel.
        assert_eq!(kind_of(&open("up/secret").unwrap_err()), "missing");
    }
}
