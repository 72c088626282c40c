//! What a container really sees: its table of mounts, held against what was granted.

use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::gate::Binds;

/// Kinds of file systems that the kernel makes up, below `/proc` and `/sys`.
const OF_THE_KERNEL: [&str; 2] = ["/proc", "/sys"];

/// Files that engines write for a container.
const OF_THE_ENGINE: [&str; 8] = [
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/mtab",
    "/run/.containerenv",
    "/.dockerenv",
];

/// Devices that engines without root take from the machine.
const DEVICES: [&str; 7] = ["null", "zero", "full", "random", "urandom", "tty", "ptmx"];

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    at: PathBuf,
    kind: String,
    read_only: bool,
}

/// Something that a container sees or may write though nobody granted it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Surplus {
    pub(super) seen: Vec<PathBuf>,
    pub(super) writable: Vec<PathBuf>,
}

impl fmt::Display for Surplus {
    /// Nothing, or a clause that follows a complaint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        for (what, paths) in [("sees", &self.seen), ("may write", &self.writable)] {
            if !paths.is_empty() {
                write!(f, "; the container {what} {}, which nobody granted", list(paths).join(", "))?;
            }
        }
        Ok(())
    }
}

/// Holds `mountinfo` of a process against what was granted. Nothing when it cannot be understood.
pub(super) fn surplus(mountinfo: &str, granted: &Binds) -> Option<Surplus> {
    let mounts = mountinfo.lines().map(parse).collect::<Option<Vec<Mount>>>()?;
    let at = |path: &str| mounts.iter().rfind(|mount| mount.at == Path::new(path));
    // Settings of the kernel are below it: without a mount of its own it could be written.
    let settings = at("/proc/sys").is_some_and(|mount| mount.read_only);
    let mut surplus = Surplus::default();
    surplus.writable.extend((!settings).then(|| PathBuf::from("/proc/sys")));
    for mount in mounts {
        match expected(&mount, granted) {
            None => surplus.seen.push(mount.at),
            Some(Access::ReadOnly) if !mount.read_only => surplus.writable.push(mount.at),
            Some(_) => {}
        }
    }
    Some(surplus)
}

enum Access {
    ReadOnly,
    Any,
}

/// Which access to a mount is in order; nothing when it has no business to be there.
fn expected(mount: &Mount, granted: &Binds) -> Option<Access> {
    let at = &mount.at;
    // The narrowest grant counts; what is mounted below a granted directory is granted with it.
    let grant = at.ancestors().find_map(|above| granted.get(above));
    if let Some(writable) = grant {
        return Some(if *writable { Access::Any } else { Access::ReadOnly });
    }
    let named = |names: &[&str]| names.iter().any(|name| at == Path::new(name));
    if at == Path::new("/") || named(&OF_THE_ENGINE) {
        return Some(Access::ReadOnly);
    }
    let below = |place: &&str| at.starts_with(place);
    let scratch = mount.kind == "tmpfs" && named(&["/tmp", "/dev", "/dev/shm"]);
    let terminals = matches!(mount.kind.as_str(), "devpts" | "mqueue") && at.starts_with("/dev");
    let device = at.parent() == Some(Path::new("/dev"))
        && at.file_name().is_some_and(|name| DEVICES.iter().any(|device| name == *device));
    (OF_THE_KERNEL.iter().any(below) || scratch || terminals || device).then_some(Access::Any)
}

/// Reads `id parent major:minor root place options … - kind source options`.
fn parse(line: &str) -> Option<Mount> {
    let (mount, system) = line.split_once(" - ")?;
    let fields: Vec<&str> = mount.split(' ').collect();
    let mut system = system.split(' ');
    let kind = system.next()?.to_owned();
    let of_the_system = system.nth(1).unwrap_or_default();
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    Some(Mount {
        at: unescape(fields.get(4)?),
        kind,
        read_only: read_only(fields.get(5)?) || read_only(of_the_system),
    })
}

/// Blanks and backslashes are written as three octal digits after a backslash.
fn unescape(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits =
            after.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_place_is_read_as_it_is(place in "/[a-z \\\\\t0-9,:-]{0,20}", noise in ".{0,200}") {
            let escaped: String = place
                .chars()
                .map(|c| if matches!(c, ' ' | '\t' | '\\') { format!("\\{:03o}", c as u32) } else { c.to_string() })
                .collect();
            let line = format!("1 2 0:1 / {escaped} ro - ext4 d rw");
            prop_assert_eq!(parse(&line).unwrap().at, PathBuf::from(place));
            let _whatever_it_is = surplus(&noise, &Binds::new());
        }
    }

    /// As Podman leaves it, shortened.
    const ORDERLY: &str = "\
75 49 0:40 / / ro,relatime - overlay overlay rw,lowerdir=/x
80 75 254:0 /usr /usr ro,relatime - ext4 /dev/vda rw
81 75 0:44 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw,size=65536k
82 75 0:45 / /proc rw,nosuid - proc proc rw
83 75 0:46 / /dev rw,nosuid - tmpfs tmpfs rw
84 83 0:47 / /dev/pts rw - devpts devpts rw
86 81 254:0 /w /work/a\\040b rw,relatime - ext4 /dev/vda rw
87 75 254:0 /hosts /etc/hosts ro,nosuid - ext4 /dev/vda rw
53 82 0:45 /sys /proc/sys ro,nosuid - proc proc rw
55 82 0:46 /null /proc/keys rw - tmpfs tmpfs rw
99 83 0:5 /null /dev/null rw - devtmpfs udev rw
";

    fn granted() -> Binds {
        Binds::from([("/usr".into(), false), ("/work/a b".into(), true), ("/work/a b/in".into(), false)])
    }

    fn with(line: &str) -> Surplus {
        surplus(&format!("{ORDERLY}{line}\n"), &granted()).unwrap()
    }

    #[test]
    fn what_was_granted_is_in_order() {
        assert_eq!(Surplus::default().to_string(), "");
        assert_eq!(surplus(ORDERLY, &granted()), Some(Surplus::default()));
        assert_eq!(with("9 8 1:1 /x /usr/local ro - ext4 d rw"), Surplus::default());
        assert_eq!(with("9 8 1:1 /x /work/a\\040b/more rw - ext4 d rw"), Surplus::default());
    }

    #[test]
    fn what_nobody_granted_is_found() {
        for place in ["/run", "/var/run/docker.sock", "/home", "/dev/vda", "/etc/shadow"] {
            let found = with(&format!("9 8 1:1 /x {place} ro - tmpfs d rw"));
            assert_eq!(found.seen, [PathBuf::from(place)]);
            assert_eq!(found.to_string(), format!("; the container sees {place}, which nobody granted"));
        }
        for place in ["/usr/local", "/work/a\\040b/in", "/etc/hosts"] {
            let found = with(&format!("9 8 1:1 /x {place} rw - ext4 d rw"));
            assert_eq!((found.seen.len(), found.writable.len()), (0, 1), "{place}");
        }
        let unmasked = ORDERLY.replace("/sys /proc/sys ro", "/sys /proc/sys rw");
        assert_eq!(surplus(&unmasked, &granted()).unwrap().writable, [PathBuf::from("/proc/sys")]);
        let open_root = ORDERLY.replace("/ / ro", "/ / rw");
        assert_eq!(surplus(&open_root, &granted()).unwrap().writable, [PathBuf::from("/")]);
    }

    #[test]
    fn a_table_that_is_not_understood_says_nothing() {
        assert_eq!(surplus("rubbish", &granted()), None);
        // Nothing was read: even the settings of the kernel are not known to be safe.
        assert_eq!(surplus("", &granted()).unwrap().writable.len(), 1);
    }
}
