//! The part of cgroup v2's tree that this program may divide among its jobs, where it was given one.
//!
//! A cgroup that has cgroups with controllers below it may hold no process itself. To divide its own one a
//! program must first move down, and nobody who is not of its making may be in it: a shell that was moved along
//! would start everything that it ever starts in our leaf.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use super::cgroup;
use crate::proc_stat;

/// Where the processes of this program itself are moved.
const OWN: &str = "smith-own";

/// Rounds until processes that go on starting others count as not movable.
const ROUNDS: usize = 100;

/// Controllers without which there is no point in it.
const NEEDED: [&str; 2] = ["memory", "pids"];

/// How systemd marks what it leaves to others; only its manager of the system can set the first.
const MARKS: [&str; 2] = ["trusted.delegate", "user.delegate"];

/// Ends of the names of what systemd divides by itself unless it is marked.
const UNITS: [&str; 3] = [".service", ".scope", ".slice"];

const SCOPE: &str = "start it in a scope of its own: systemd-run --user --scope -p Delegate=yes smith …";
const WRITABLE: &str = "start it in a scope of its own: systemd-run --user --scope -p Delegate=yes smith …; in a \
                        container: docker run --security-opt writable-cgroups=true, podman run --security-opt \
                        unmask=/sys/fs/cgroup";
const UNIFIED: &str = "boot with cgroup v2 alone: systemd.unified_cgroup_hierarchy=1";

/// The own cgroup of this program, divided: each job of a [`Jail`](crate::Jail) that has it gets a cgroup of its
/// own, with limits that the kernel keeps for all of its processes together. Everything is as before when the
/// last clone is dropped.
#[derive(Debug, Clone)]
pub struct Cgroups(Arc<Divided>);

/// Why jobs get no cgroups of their own. They run all the same: the watch keeps their limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{problem}")]
#[non_exhaustive]
pub struct NotDelegated {
    /// What is in the way.
    pub problem: String,
    /// What usually helps.
    pub remedy: String,
}

impl NotDelegated {
    fn new(problem: impl Into<String>, remedy: &str) -> Self {
        Self { problem: problem.into(), remedy: remedy.to_owned() }
    }
}

impl Cgroups {
    /// Takes over the cgroup that this process is in: moves this process and those that it started one level
    /// down, and passes the controllers of memory and processes on. To be called by programs, at their start:
    /// everything in the cgroup changes its place. Nothing is changed when anybody else is in it, when it is not
    /// ours to divide, or when there are no controllers.
    ///
    /// # Errors
    /// Why it was not taken over.
    pub fn take_over() -> Result<Self, NotDelegated> {
        let text = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        let folder = own_folder(&text("cgroup"), &text("mountinfo"))?;
        require_controllers(&folder, &text("cgroup"))?;
        require_mark(&folder)?;
        let own = std::process::id();
        let tree: BTreeSet<u32> = proc_stat::descendants(own).into_iter().chain([own]).collect();
        require_no_strangers(&folder, &tree)?;
        Divided::new(&folder).map(Arc::new).map(Self)
    }

    /// A place for a new cgroup.
    pub(super) fn next_folder(&self) -> PathBuf {
        self.0.remove_left();
        let number = self.0.jobs.fetch_add(1, Ordering::Relaxed);
        self.0.folder.join(format!("smith-{}-{number}", std::process::id()))
    }

    /// Removes the cgroup of a job, later if somebody is still ending in it.
    pub(super) fn remove(&self, folder: PathBuf) {
        if let Ok(mut left) = self.0.left.lock() {
            left.push(folder);
        }
        self.0.remove_left();
    }
}

#[derive(Debug)]
struct Divided {
    folder: PathBuf,
    jobs: AtomicU64,
    /// Cgroups of jobs that have ended.
    left: Mutex<Vec<PathBuf>>,
}

impl Divided {
    fn new(folder: &Path) -> Result<Self, NotDelegated> {
        let refused = |what: &str, error: &io::Error| {
            NotDelegated::new(format!("{what} {}: {error}", folder.display()), WRITABLE)
        };
        let own = folder.join(OWN);
        match fs::create_dir(&own) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(refused("no cgroup can be made in", &error));
            }
            _ => {}
        }
        if !cgroup::processes(&own).is_empty() {
            return Err(NotDelegated::new(format!("somebody else divides {}", folder.display()), SCOPE));
        }
        // From here on dropping it puts everything back.
        let divided = Self { folder: folder.to_path_buf(), jobs: AtomicU64::new(0), left: Mutex::default() };
        divided.remove_jobs();
        move_all(folder, &own).map_err(|error| refused("processes cannot be moved down from", &error))?;
        divided.pass_on('+').map_err(|error| refused("controllers cannot be passed on by", &error))?;
        Ok(divided)
    }

    /// Has the cgroups below keep limits, or no longer.
    fn pass_on(&self, sign: char) -> io::Result<()> {
        NEEDED.iter().try_for_each(|name| {
            cgroup::write(&self.folder.join("cgroup.subtree_control"), &format!("{sign}{name}"))
        })
    }

    fn remove_left(&self) {
        if let Ok(mut left) = self.left.lock() {
            left.retain(|folder| fs::remove_dir(folder).is_err() && folder.exists());
        }
    }

    /// Removes the cgroups of jobs, and whatever is still in them. Those of a program that was killed may be there.
    fn remove_jobs(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(is_of_a_job) {
                cgroup::kill(&entry.path());
                cgroup::remove(&entry.path());
            }
        }
    }
}

impl Drop for Divided {
    /// Each step matters only to whoever uses this cgroup after us, and cannot be done better than to try.
    fn drop(&mut self) {
        self.remove_jobs();
        let _still_divided = self.pass_on('-');
        let own = self.folder.join(OWN);
        let _moved = move_all(&own, &self.folder);
        cgroup::remove(&own);
    }
}

/// `smith-PID-NUMBER`.
fn is_of_a_job(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = name.strip_prefix("smith-").and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(pid, job)| number(pid) && number(job))
}

/// Moves every process; those that start meanwhile too.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    let target = to.join("cgroup.procs");
    for _ in 0..ROUNDS {
        let inside = cgroup::processes(from);
        if inside.is_empty() {
            return Ok(());
        }
        for pid in inside {
            match cgroup::write(&target, &pid.to_string()) {
                Err(error) if error.raw_os_error() != Some(rustix::io::Errno::SRCH.raw_os_error()) => {
                    return Err(error);
                }
                _ => {}
            }
        }
    }
    Err(io::Error::other("they do not stop starting others"))
}

fn require_controllers(folder: &Path, cgroups: &str) -> Result<(), NotDelegated> {
    let given = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
    let given: BTreeSet<&str> = given.split_whitespace().collect();
    let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !given.contains(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (list, held) = (missing.join(", "), of_version_1(cgroups));
    if missing.iter().any(|name| held.contains(name)) {
        return Err(NotDelegated::new(format!("cgroup v1 holds the controllers {list}"), UNIFIED));
    }
    Err(NotDelegated::new(format!("{} has no controllers {list}", folder.display()), SCOPE))
}

/// The controllers of version 1 that a process is under.
fn of_version_1(cgroups: &str) -> BTreeSet<&str> {
    cgroups.lines().filter_map(|line| line.split(':').nth(1)).flat_map(|names| names.split(',')).collect()
}

/// systemd takes controllers away from what it did not mark, whenever it likes.
fn require_mark(folder: &Path) -> Result<(), NotDelegated> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !UNITS.iter().any(|end| name.ends_with(end)) || MARKS.iter().any(|mark| is_marked(folder, mark)) {
        return Ok(());
    }
    Err(NotDelegated::new(format!("systemd has not delegated {name}"), SCOPE))
}

fn is_marked(folder: &Path, mark: &str) -> bool {
    let mut value = [0; 8];
    let length = rustix::fs::getxattr(folder, mark, &mut value);
    length.is_ok_and(|length| value.get(..length) == Some(b"1".as_slice()))
}

fn require_no_strangers(folder: &Path, tree: &BTreeSet<u32>) -> Result<(), NotDelegated> {
    // Those of other process namespaces have the number 0.
    let strangers = cgroup::processes(folder).into_iter().filter(|pid| !tree.contains(pid)).count();
    if strangers == 0 {
        return Ok(());
    }
    let others = if strangers == 1 { "process is" } else { "processes are" };
    Err(NotDelegated::new(format!("{strangers} other {others} in {}", folder.display()), SCOPE))
}

/// The directory of the cgroup of version 2 that a process is in, from its `cgroup` and `mountinfo`.
fn own_folder(cgroups: &str, mounts: &str) -> Result<PathBuf, NotDelegated> {
    let Some(path) = cgroups.lines().find_map(|line| line.strip_prefix("0::")) else {
        return Err(NotDelegated::new("this system has no cgroup v2", UNIFIED));
    };
    let found = mounts.lines().filter_map(mount_of_version_2).find_map(|(root, at)| {
        let below = Path::new(path).strip_prefix(&root).ok()?;
        // Outside of the own namespace paths begin with `..`.
        (!below.starts_with("..")).then(|| if below == Path::new("") { at.clone() } else { at.join(below) })
    });
    found.ok_or_else(|| NotDelegated::new(format!("the cgroup {path} is not mounted here"), WRITABLE))
}

/// What is mounted, and where, if a line of `mountinfo` is about cgroup v2.
fn mount_of_version_2(line: &str) -> Option<(PathBuf, PathBuf)> {
    let (mount, kind) = line.split_once(" - ")?;
    if kind.split(' ').next() != Some("cgroup2") {
        return None;
    }
    let mut fields = mount.split(' ').skip(3).map(|field| PathBuf::from(field.replace("\\040", " ")));
    Some((fields.next()?, fields.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: &str = "24 28 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw\n\
        34 24 0:29 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 \
        rw,nsdelegate,memory_recursiveprot\n";
    const HYBRID: &str = "31 23 0:28 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n\
        32 31 0:29 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n\
        35 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:14 - cgroup cgroup rw,memory\n";
    const VERSION_1: &str =
        "35 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:14 - cgroup cgroup rw,memory\n";
    const PRIVATE: &str =
        "1031 1030 0:29 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n";
    const SHARED: &str =
        "1031 1030 0:29 /docker/0f1e /sys/fs/cgroup ro,nosuid,relatime - cgroup2 cgroup rw\n";
    const SPACED: &str = "34 24 0:29 / /mnt/c\\040groups rw - cgroup2 none rw\n";

    #[test]
    fn the_own_directory_is_found() {
        let scope = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope";
        for (cgroups, mounts, folder) in [
            (format!("0::{scope}\n"), PURE, Some(format!("/sys/fs/cgroup{scope}"))),
            (
                "9:name=systemd:/\n4:memory:/a\n0::/\n".to_owned(),
                HYBRID,
                Some("/sys/fs/cgroup/unified".into()),
            ),
            ("9:name=systemd:/\n0::/b\n".to_owned(), HYBRID, Some("/sys/fs/cgroup/unified/b".into())),
            ("0::/\n".to_owned(), PRIVATE, Some("/sys/fs/cgroup".into())),
            ("0::/docker/0f1e\n".to_owned(), SHARED, Some("/sys/fs/cgroup".into())),
            ("0::/x\n".to_owned(), SPACED, Some("/mnt/c groups/x".into())),
            // Entered from outside: `docker exec` with another cgroup, `nsenter`.
            ("0::/../other\n".to_owned(), PRIVATE, None),
            ("0::/system.slice\n".to_owned(), SHARED, None),
            ("9:name=systemd:/\n4:memory:/a\n".to_owned(), VERSION_1, None),
            ("0::/\n".to_owned(), VERSION_1, None),
            (String::new(), "", None),
        ] {
            let found = own_folder(&cgroups, mounts).ok();
            assert_eq!(found, folder.map(PathBuf::from), "{cgroups}{mounts}");
        }
    }

    /// A directory with the text of these files.
    fn folder(name: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        (root, folder)
    }

    #[test]
    fn controllers_are_needed_and_who_has_them_is_said() {
        for (given, cgroups, problem) in [
            ("cpuset cpu io memory hugetlb pids\n", "0::/\n", None),
            (
                "hugetlb\n",
                "8:pids:/\n4:cpu,memory:/a\n0::/\n",
                Some("cgroup v1 holds the controllers memory, pids"),
            ),
            ("memory\n", "0::/a\n", Some("has no controllers pids")),
            ("", "0::/a\n", Some("has no controllers memory, pids")),
        ] {
            let (_root, folder) = folder("group", &[("cgroup.controllers", given)]);
            let said = require_controllers(&folder, cgroups).err();
            match (said, problem) {
                (None, None) => {}
                (Some(said), Some(problem)) => assert!(said.problem.contains(problem), "{said}"),
                (said, problem) => panic!("{said:?}, not {problem:?}"),
            }
        }
    }

    #[test]
    fn what_systemd_keeps_or_others_are_in_is_left_alone() {
        let (_root, unit) = folder("session-3.scope", &[("cgroup.procs", "7\n8\n")]);
        assert_eq!(require_mark(&unit).unwrap_err().problem, "systemd has not delegated session-3.scope");
        let (_root, plain) = folder("group", &[("cgroup.procs", "7\n8\n")]);
        assert_eq!(require_mark(&plain), Ok(()));
        assert_eq!(require_no_strangers(&plain, &BTreeSet::from([7, 8, 9])), Ok(()));
        let said = require_no_strangers(&plain, &BTreeSet::from([7])).unwrap_err();
        assert!(said.problem.starts_with("1 other process is in "), "{said}");
    }

    #[test]
    fn only_names_of_jobs_are_names_of_jobs() {
        assert!(is_of_a_job("smith-12-0"));
        for name in ["smith-own", "smith-12", "smith-12-", "smith--1", "smith-1-2-3", "smith-1-a", "x-1-2"] {
            assert!(!is_of_a_job(name), "{name}");
        }
    }

    #[test]
    fn a_directory_that_is_no_cgroup_is_left_as_it_was() {
        let (_root, folder) =
            folder("group", &[("cgroup.procs", "7\n"), ("cgroup.controllers", "memory pids")]);
        let said = Divided::new(&folder).unwrap_err();
        assert!(said.problem.contains("processes cannot be moved down"), "{said}");
        assert!(!folder.join(OWN).exists());
        assert_eq!(fs::read_to_string(folder.join("cgroup.procs")).unwrap(), "7\n");
    }
}
