//! What `/proc` says of processes. Everything is a snapshot: a process may be gone when it is read.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;

/// Processor time in seconds of a process and of the children that it waited for. `pid` is a number or
/// `self`.
pub(crate) fn cpu_seconds(pid: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    cpu_seconds_in(&stat)
}

/// Adds up utime, stime, cutime and cstime, the 14th to 17th field of `/proc/PID/stat`.
fn cpu_seconds_in(stat: &str) -> Option<f64> {
    /// The kernel's unit towards programs, on every architecture that Rust supports.
    const TICKS_PER_SECOND: f64 = 100.0;
    let ticks: Vec<u32> = fields(stat)?.skip(11).take(4).map_while(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| ticks.into_iter().map(f64::from).sum::<f64>() / TICKS_PER_SECOND)
}

/// The fields of a `stat` file from the third on. The second is the program's name in parentheses and may
/// hold anything.
fn fields(stat: &str) -> Option<impl Iterator<Item = &str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace())
}

/// Every living process below `ancestor`, which is not among them.
pub(crate) fn descendants(ancestor: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for pid in processes() {
        if let Some(parent) = living_parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut found, mut at) = (Vec::new(), vec![ancestor]);
    while let Some(parent) = at.pop() {
        let below = children.remove(&parent).unwrap_or_default();
        found.extend(&below);
        at.extend(below);
    }
    found
}

/// Like [`descendants`], by the kernel's lists of children where it keeps them: many times faster, but a process
/// that is being adopted while it is looked for may be missed.
pub(crate) fn descendants_at_a_glance(ancestor: u32) -> Vec<u32> {
    let (mut found, mut at) = (Vec::new(), vec![ancestor]);
    while let Some(parent) = at.pop() {
        let Some(below) = children(parent) else { return descendants(ancestor) };
        found.extend(&below);
        at.extend(below);
    }
    found
}

/// The living children of all threads of a process; none for a process that is gone. Absent when the kernel keeps no
/// lists.
fn children(pid: u32) -> Option<Vec<u32>> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Some(Vec::new()) };
    let mut all = Vec::new();
    for thread in threads.flatten() {
        match std::fs::read_to_string(thread.path().join("children")) {
            Ok(list) => all.extend(list.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok())),
            Err(_) if thread.path().exists() => return None,
            Err(_) => {}
        }
    }
    Some(all)
}

/// Every process of a user.
pub(crate) fn of_user(user: u32) -> Vec<u32> {
    let owner = |pid: &u32| std::fs::metadata(format!("/proc/{pid}")).ok().map(|data| data.uid());
    processes().into_iter().filter(|pid| owner(pid) == Some(user) && living_parent(*pid).is_some()).collect()
}

fn processes() -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The parent of a process that has not ended yet.
fn living_parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = fields(&stat)?;
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(parent)
}

/// Upper bound of the memory of a process in bytes: pages that it shares are counted in full.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let pages = || -> Option<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
        statm.split_whitespace().nth(1)?.parse().ok()
    };
    pages().unwrap_or(0) * rustix::param::page_size() as u64
}

/// Memory of a process in bytes, each page divided by the number of processes that share it. Slower than
/// [`resident_bytes`] by two orders of magnitude.
pub(crate) fn proportional_bytes(pid: u32) -> u64 {
    let kilobytes = || -> Option<u64> {
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_whitespace().next()?.parse().ok()
    };
    kilobytes().unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_added_whatever_the_name() {
        let stat = "42 (a ) b) Z 1 42 42 0 -1 4 5 6 7 8 150 25 10 15 20 0 1 0 99";
        assert_eq!(cpu_seconds_in(stat), Some(2.0));
        assert_eq!(cpu_seconds_in("42 (x) Z 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_a_parent() {
        let own = std::process::id();
        assert!(resident_bytes(own) > 1 << 20);
        assert!(living_parent(own).is_some());
        assert!(cpu_seconds("self").is_some());
        let above = living_parent(own).unwrap();
        assert!(descendants(above).contains(&own));
        assert!(!descendants(own).contains(&own));
        assert!(descendants_at_a_glance(above).contains(&own));
    }
}
