//! What `/proc` says of processes. Everything is a snapshot: a process may be gone when it is read.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The kernel's unit of time towards programs, on every architecture that Rust supports.
const TICKS_PER_SECOND: f64 = 100.0;

/// One process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// Whether it has ended and was not collected yet.
    pub(crate) ended: bool,
    /// A living thread, whose entry shows the memory and the files of the process: its own first thread may
    /// have ended before the others.
    pub(crate) thread: u32,
    /// Its own processor time in seconds.
    pub(crate) seconds: f64,
    /// Processor time in seconds of the children that it collected.
    pub(crate) collected_seconds: f64,
    pub(crate) threads: u32,
    /// When it started, in ticks since the machine did; tells processes of the same number apart.
    pub(crate) started: u64,
}

impl Process {
    /// Reads `/proc/PID/stat`.
    pub(crate) fn read(pid: u32) -> Option<Self> {
        let mut process = Self::parse(pid, &stat_of(pid)?)?;
        if process.ended && process.threads > 1 {
            process.ended = false;
            process.thread =
                numbers_in(&format!("/proc/{pid}/task")).into_iter().find(|thread| *thread != pid)?;
        }
        Some(process)
    }

    /// The second field is the program's name in parentheses and may hold anything. The others are counted
    /// from the third on, which is the state.
    fn parse(pid: u32, stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let seconds = |at: usize| Some((number(at)? + number(at + 1)?) as f64 / TICKS_PER_SECOND);
        Some(Self {
            pid,
            parent: number(1)?.try_into().ok()?,
            ended: matches!(*fields.first()?, "Z" | "X"),
            thread: pid,
            seconds: seconds(11)?,
            collected_seconds: seconds(13)?,
            threads: number(17)?.try_into().ok()?,
            started: number(19)?,
        })
    }

    /// Processor time in seconds, with that of the children that it collected.
    pub(crate) fn all_seconds(&self) -> f64 {
        self.seconds + self.collected_seconds
    }
}

/// Processor time in seconds of a process and of the children that it waited for.
pub(crate) fn cpu_seconds(pid: u32) -> Option<f64> {
    Process::read(pid).map(|process| process.all_seconds())
}

/// What stands in `/proc/PID/stat`: one line, which the kernel gives at once. Its longest field is a name of 64 bytes.
fn stat_of(pid: u32) -> Option<String> {
    let mut line = [0_u8; 2048];
    let bytes = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut line).ok()?;
    Some(String::from_utf8_lossy(line.get(..bytes)?).into_owned())
}

/// Every process, by its parent.
type Children = HashMap<u32, Vec<Process>>;

fn children() -> Children {
    let mut children = Children::new();
    for process in numbers_in("/proc").into_iter().filter_map(Process::read) {
        children.entry(process.parent).or_default().push(process);
    }
    children
}

/// Every process below `ancestor`, which is not among them; with those that have ended and were not collected.
pub(crate) fn below(ancestor: u32) -> Vec<Process> {
    of_family(&children(), ancestor)
}

/// How long what was seen of all processes is new enough for those who look again and again.
const LATELY: Duration = Duration::from_millis(8);

/// Like [`below`] some milliseconds ago at most. Several jobs have several watches each, and every look is one at all
/// processes of the machine: those that come at the same time share one.
pub(crate) fn below_lately(ancestor: u32) -> Vec<Process> {
    static LATEST: Mutex<Option<(Instant, Children)>> = Mutex::new(None);
    let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    if latest.as_ref().is_none_or(|(seen, _)| seen.elapsed() > LATELY) {
        *latest = Some((Instant::now(), children()));
    }
    latest.as_ref().map(|(_, children)| of_family(children, ancestor)).unwrap_or_default()
}

fn of_family(children: &Children, ancestor: u32) -> Vec<Process> {
    let (mut found, mut at, mut seen) = (Vec::new(), vec![ancestor], HashSet::new());
    while let Some(parent) = at.pop() {
        // They were read one after the other, and numbers are given again: who is above whom may go round.
        if !seen.insert(parent) {
            continue;
        }
        let below = children.get(&parent).map_or(&[][..], Vec::as_slice);
        at.extend(below.iter().map(|process| process.pid));
        found.extend(below);
    }
    found
}

/// Every living process below `ancestor`, which is not among them.
pub(crate) fn descendants(ancestor: u32) -> Vec<u32> {
    below(ancestor).into_iter().filter(|process| !process.ended).map(|process| process.pid).collect()
}

/// Every living process of a user.
pub(crate) fn of_user(user: u32) -> Vec<u32> {
    let owner = |pid: &u32| std::fs::metadata(format!("/proc/{pid}")).ok().map(|data| data.uid());
    let living = |pid: &u32| Process::read(*pid).is_some_and(|process| !process.ended);
    numbers_in("/proc").into_iter().filter(|pid| owner(pid) == Some(user) && living(pid)).collect()
}

/// The entries of a directory that are numbers.
fn numbers_in(directory: &str) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Upper bound of the memory of a process in bytes: pages that it shares are counted in full.
pub(crate) fn resident_bytes(process: &Process) -> u64 {
    let pages = || -> Option<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", process.thread)).ok()?;
        statm.split_whitespace().nth(1)?.parse().ok()
    };
    pages().unwrap_or(0) * rustix::param::page_size() as u64
}

/// Memory of a process in bytes, each page divided by the number of processes that share it; nothing when it
/// may not be read. Slower than [`resident_bytes`] by two orders of magnitude.
pub(crate) fn proportional_bytes(process: &Process) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", process.thread)).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What the kernel keeps for a process to find its pages, in bytes.
pub(crate) fn page_table_bytes(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.thread)).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPTE:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The sockets of a process, by their names.
pub(crate) fn sockets(process: &Process) -> Vec<String> {
    let descriptors =
        std::fs::read_dir(format!("/proc/{}/fd", process.thread)).into_iter().flatten().flatten();
    descriptors
        .filter_map(|descriptor| {
            std::fs::read_link(descriptor.path()).ok()?.into_os_string().into_string().ok()
        })
        .filter(|name| name.starts_with("socket:"))
        .collect()
}

/// Bytes that may wait in one socket: the kernel takes twice what a program may ask for.
pub(crate) fn largest_socket_buffer() -> u64 {
    let most = std::fs::read_to_string("/proc/sys/net/core/wmem_max").ok();
    2 * most.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(212_992)
}

/// What lies in the scratch places of a process that has a root of its own, where they are memory.
pub(crate) fn scratch_bytes(process: &Process) -> u64 {
    ["/tmp", "/dev/shm"].map(|place| own_bytes(process, place)).into_iter().sum()
}

fn own_bytes(process: &Process, place: &str) -> u64 {
    let inside = format!("/proc/{}/root{place}", process.thread);
    let device = |path: &str| std::fs::metadata(path).ok().map(|data| data.dev());
    let own = device(&inside).filter(|inside| Some(*inside) != device(place));
    let status = own.and_then(|_| rustix::fs::statvfs(inside.as_str()).ok());
    status.map_or(0, |status| (status.f_blocks - status.f_bfree) * status.f_frsize)
}

/// Memory without a file that a process shares: an identifier and a size in bytes for each mapping. Pages of
/// it may be in use although no process shows them as resident.
pub(crate) fn shared_mappings(process: &Process) -> Vec<(String, u64)> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.thread)).unwrap_or_default();
    maps.lines().filter_map(shared_mapping).collect()
}

/// Reads `from-to rw-s offset device inode /dev/zero (deleted)`.
fn shared_mapping(line: &str) -> Option<(String, u64)> {
    let mut fields = line.split_whitespace();
    let (from, to) = fields.next()?.split_once('-')?;
    let shared = fields.next()?.ends_with('s');
    let inode = fields.nth(2)?.to_owned();
    let anonymous = fields.next() == Some("/dev/zero");
    let address = |text| u64::from_str_radix(text, 16).ok();
    (shared && anonymous).then_some((inode, address(to)?.saturating_sub(address(from)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_whatever_the_name() {
        let stat = "42 (a ) b) Z 1 42 42 0 -1 4 5 6 7 8 150 25 10 15 20 0 3 0 99";
        let process = Process::parse(42, stat).unwrap();
        assert_eq!((process.pid, process.parent, process.ended), (42, 1, true));
        assert_eq!((process.seconds, process.collected_seconds, process.all_seconds()), (1.75, 0.25, 2.0));
        assert_eq!((process.threads, process.started), (3, 99));
        assert_eq!(Process::parse(42, "42 (x) Z 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_a_parent() {
        let own = std::process::id();
        let process = Process::read(own).unwrap();
        assert!(resident_bytes(&process) > 1 << 20);
        assert!(proportional_bytes(&process).unwrap() <= resident_bytes(&process));
        assert!(cpu_seconds(own).is_some());
        let above = process.parent;
        assert!(descendants(above).contains(&own));
        assert!(!descendants(own).contains(&own));
    }

    #[test]
    fn a_look_that_is_shared_sees_new_processes_soon() {
        let above = Process::read(std::process::id()).unwrap().parent;
        let own = |family: Vec<Process>| family.iter().any(|process| process.pid == std::process::id());
        assert!(own(below_lately(above)) && own(below_lately(above)));
        assert_eq!(below_lately(u32::MAX), []);
    }

    #[test]
    fn only_shared_memory_without_a_file_counts() {
        let line = "7f00-7f10 rw-s 00000000 00:01 1036                       /dev/zero (deleted)";
        assert_eq!(shared_mapping(line), Some(("1036".to_owned(), 16)));
        assert_eq!(shared_mapping("7f00-7f10 rw-p 00000000 00:00 0"), None);
        assert_eq!(shared_mapping("7f00-7f10 r--s 00000000 08:01 77 /usr/lib/locale"), None);
    }
}
