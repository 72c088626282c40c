//! The part of the machine that no program may reach, and whether one did.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::Tier;

/// Places of the machine where programs like to leave files.
const PLACES: [&str; 6] = ["/tmp", "/var/tmp", "/dev/shm", "/dev", "/run/lock", "/"];

/// A secret, a folder, inputs and listeners, all open to every user: only the sandbox keeps them.
pub(super) struct Host {
    root: tempfile::TempDir,
    nonce: String,
    listeners: Listeners,
    before: State,
}

/// What must be the same after every program.
#[derive(Debug, PartialEq)]
struct State {
    /// Inode, change time, mode and size of files. The change time moves with every change, of the owner too.
    files: BTreeMap<PathBuf, (u64, i64, i64, u32, u64)>,
    devices: Vec<u32>,
    /// Shared memory, semaphores and queues of System V.
    segments: BTreeSet<String>,
}

struct Listeners {
    tcp: TcpListener,
    udp: UdpSocket,
    abstract_stream: UnixListener,
    abstract_datagram: UnixDatagram,
    stream: UnixListener,
    datagram: UnixDatagram,
}

impl Host {
    /// Makes it, with the programs of `folder` among the inputs.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("smith-battery-").tempdir()?;
        let nonce = format!("left-{}", root.path().file_name().unwrap_or_default().to_string_lossy());
        open_to(root.path(), 0o755)?;
        for (name, mode) in [("inputs", 0o755), ("canary", 0o777), ("sockets", 0o777)] {
            fs::create_dir(root.path().join(name))?;
            open_to(&root.path().join(name), mode)?;
        }
        for (name, text, mode) in [
            ("secret.txt", secret(&nonce).as_str(), 0o644),
            ("canary/kept.txt", "kept", 0o666),
            ("inputs/data.csv", "id,x\n1,2\n", 0o644),
            ("inputs/fine.py", "print('fine')\n", 0o644),
        ] {
            fs::write(root.path().join(name), text)?;
            open_to(&root.path().join(name), mode)?;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "py") {
                fs::copy(&path, root.path().join("inputs").join(path.file_name().unwrap_or_default()))?;
            }
        }
        let listeners = Listeners::open(&root.path().join("sockets"), &nonce)?;
        let before = State::read(root.path());
        Ok(Self { root, nonce, listeners, before })
    }

    /// Where programs and their data are.
    pub(super) fn inputs(&self) -> PathBuf {
        self.root.path().join("inputs")
    }

    /// A new folder for one program.
    pub(super) fn work(&self, name: &str) -> io::Result<PathBuf> {
        let work = self.root.path().join(name);
        fs::create_dir(&work)?;
        Ok(work)
    }

    /// What a program is told, so that it need not guess.
    pub(super) fn facts(&self, tier: Tier) -> String {
        let path = |name: &str| self.root.path().join(name);
        let port = |address: io::Result<std::net::SocketAddr>| address.map_or(0, |address| address.port());
        json!({
            "tier": tier.as_str(),
            "supervisor": std::process::id(),
            "nonce": self.nonce,
            "secret": path("secret.txt"),
            "canary": path("canary"),
            "inputs": path("inputs"),
            "tcp": port(self.listeners.tcp.local_addr()),
            "udp": port(self.listeners.udp.local_addr()),
            "abstract": abstract_name(&self.nonce, "stream"),
            "abstract_datagram": abstract_name(&self.nonce, "datagram"),
            "socket": path("sockets/stream"),
            "socket_datagram": path("sockets/datagram"),
        })
        .to_string()
    }

    /// Everything that is not as it was.
    pub(super) fn disturbed(&self) -> Vec<String> {
        let mut found = self.listeners.heard();
        let now = State::read(self.root.path());
        for (path, file) in &self.before.files {
            if now.files.get(path) != Some(file) {
                found.push(format!("{} was changed", path.display()));
            }
        }
        let new = now.files.keys().filter(|path| !self.before.files.contains_key(*path));
        found.extend(new.map(|path| format!("{} was made", path.display())));
        if now.devices != self.before.devices {
            found.push("a device was changed".to_owned());
        }
        let segments = now.segments.difference(&self.before.segments);
        found.extend(segments.map(|segment| format!("{segment} is left")));
        found.extend(PLACES.iter().flat_map(|place| self.left_in(Path::new(place))));
        found
    }

    fn left_in(&self, place: &Path) -> Option<String> {
        let path = place.join(&self.nonce);
        fs::symlink_metadata(&path).is_ok().then(|| format!("{} is left", path.display()))
    }

    /// Whether a text holds the secret.
    pub(super) fn is_told(&self, text: &str) -> bool {
        text.contains(&secret(&self.nonce))
    }
}

impl State {
    fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        for folder in ["inputs", "canary", "sockets"].map(|name| root.join(name)) {
            let inner = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            for path in inner.chain([folder]).chain([root.join("secret.txt")]) {
                let Ok(data) = fs::symlink_metadata(&path) else { continue };
                files.insert(path, (data.ino(), data.ctime(), data.ctime_nsec(), data.mode(), data.size()));
            }
        }
        let mode = |name: &str| fs::metadata(format!("/dev/{name}")).map_or(0, |data| data.mode());
        let table = |name: &str| fs::read_to_string(format!("/proc/sysvipc/{name}")).unwrap_or_default();
        let segments =
            ["shm", "sem", "msg"].iter().flat_map(|kind| identifiers(kind, &table(kind))).collect();
        Self { files, devices: ["null", "zero", "full", "random", "urandom"].map(mode).to_vec(), segments }
    }
}

/// The second column of a table below `/proc/sysvipc` identifies what a line is about.
fn identifiers(kind: &str, table: &str) -> Vec<String> {
    let lines = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1));
    lines.map(|identifier| format!("{kind} {identifier} of System V")).collect()
}

impl Listeners {
    fn open(folder: &Path, nonce: &str) -> io::Result<Self> {
        let abstract_address = |kind: &str| SocketAddr::from_abstract_name(abstract_name(nonce, kind));
        let listeners = Self {
            tcp: TcpListener::bind("127.0.0.1:0")?,
            udp: UdpSocket::bind("127.0.0.1:0")?,
            abstract_stream: UnixListener::bind_addr(&abstract_address("stream")?)?,
            abstract_datagram: UnixDatagram::bind_addr(&abstract_address("datagram")?)?,
            stream: UnixListener::bind(folder.join("stream"))?,
            datagram: UnixDatagram::bind(folder.join("datagram"))?,
        };
        for name in ["stream", "datagram"] {
            open_to(&folder.join(name), 0o777)?;
        }
        listeners.tcp.set_nonblocking(true)?;
        listeners.udp.set_nonblocking(true)?;
        listeners.abstract_stream.set_nonblocking(true)?;
        listeners.abstract_datagram.set_nonblocking(true)?;
        listeners.stream.set_nonblocking(true)?;
        listeners.datagram.set_nonblocking(true)?;
        Ok(listeners)
    }

    /// Which of them somebody reached since the last time.
    fn heard(&self) -> Vec<String> {
        let mut byte = [0];
        let reached = [
            ("TCP", self.tcp.accept().is_ok()),
            ("UDP", self.udp.recv(&mut byte).is_ok()),
            ("an abstract stream", self.abstract_stream.accept().is_ok()),
            ("an abstract datagram", self.abstract_datagram.recv(&mut byte).is_ok()),
            ("a stream in a folder", self.stream.accept().is_ok()),
            ("a datagram in a folder", self.datagram.recv(&mut byte).is_ok()),
        ];
        reached
            .iter()
            .filter(|(_, reached)| *reached)
            .map(|(what, _)| format!("{what} reached the host"))
            .collect()
    }
}

fn abstract_name(nonce: &str, kind: &str) -> String {
    format!("{nonce}-{kind}")
}

/// Not the nonce itself, which programs are told.
fn secret(nonce: &str) -> String {
    blake3::hash(nonce.as_bytes()).to_hex().to_string()
}

fn open_to(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_touch_is_seen() {
        let programs = tempfile::tempdir().unwrap();
        let host = Host::new(programs.path()).unwrap();
        assert_eq!(host.disturbed(), [] as [String; 0]);
        let root = host.root.path();
        std::net::TcpStream::connect(host.listeners.tcp.local_addr().unwrap()).unwrap();
        UnixDatagram::unbound().unwrap().send_to(b"x", root.join("sockets/datagram")).unwrap();
        open_to(&root.join("canary/kept.txt"), 0o600).unwrap();
        fs::write(root.join("canary/new"), "").unwrap();
        fs::write(Path::new("/tmp").join(&host.nonce), "").unwrap();
        let found = host.disturbed().join("\n");
        fs::remove_file(Path::new("/tmp").join(&host.nonce)).unwrap();
        for what in ["TCP", "datagram in a folder", "kept.txt was changed", "new was made", "/tmp/left-"] {
            assert!(found.contains(what), "{what} is missing in {found}");
        }
        assert!(host.is_told(&fs::read_to_string(root.join("secret.txt")).unwrap()));
        assert!(!host.is_told(&host.facts(Tier::User)));
    }

    #[test]
    fn segments_are_told_apart_by_kind_and_number() {
        let table = "       key      shmid perms\n         0          7  1600\n";
        assert_eq!(identifiers("shm", table), ["shm 7 of System V"]);
    }
}
