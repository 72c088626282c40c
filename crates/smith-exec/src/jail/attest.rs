//! Reading back from `/proc` what is really in force for a sealed process, before it may run anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::cgroup::Bounds;
use super::plan::Plan;
use crate::confinement::Held;
use crate::{Guarantee, Guards};

/// Namespaces of a job of its own.
const NAMESPACES: [&str; 7] = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"];

/// What is in force for the process `pid`. The bounding set of capabilities is not asked for: an ordinary
/// user cannot empty it, and without new privileges nothing can be regained from it. `landlock_abi` is what the process reported: the kernel shows it
/// nowhere, so the report of our own launcher has to do; everything else is read. `bounds` is what its cgroup holds.
pub(super) fn attest(pid: u32, plan: &Plan, landlock_abi: u32, bounds: Bounds) -> Guards {
    let seen = Seen::read(pid);
    let mut guards = Guards::default();
    let landlock = landlock_abi > 0;
    let sealed = seen.no_new_privileges && seen.filtered && seen.no_capabilities;
    let apart = |name: &str| seen.own_namespace.get(name).copied().unwrap_or(false);
    let rooted = plan.namespaces && apart("mnt") && apart("user");
    let mut hold = |guarantee, holds: bool, by: &str| {
        guards.set(guarantee, if holds && sealed { Held::Enforced(by.to_owned()) } else { Held::Not });
    };
    let files = match (rooted, landlock) {
        (true, true) => format!("root+landlock{landlock_abi}"),
        (true, false) => "root".to_owned(),
        _ => format!("landlock{landlock_abi}"),
    };
    hold(Guarantee::Reads, rooted || landlock, &files);
    // Before ABI 3 Landlock does not see that a file is cut to nothing.
    hold(Guarantee::Writes, rooted || landlock_abi >= 3, &files);
    hold(Guarantee::Network, true, if apart("net") { "netns+seccomp" } else { "seccomp" });
    let others = if apart("pid") { "pidns+seccomp" } else { "landlock+seccomp" };
    let others = if seen.is_another_user() { format!("uid+{others}") } else { others.to_owned() };
    hold(Guarantee::Processes, apart("pid") || landlock_abi >= 6 || plan.heir().is_some(), &others);
    let leftovers = if apart("pid") { "pidns" } else { "subreaper" };
    let leftovers = if bounds.end { format!("{leftovers}+cgroup.kill") } else { leftovers.to_owned() };
    hold(Guarantee::Leftovers, true, &leftovers);
    let limited = |name: &str, value: u64| seen.limits.get(name).is_some_and(|limit| *limit <= value);
    let memory = limited("Max data size", plan.ceilings.data_bytes);
    hold(Guarantee::Memory, memory, if bounds.memory { "cgroup+rlimit+watchdog" } else { "rlimit+watchdog" });
    hold(Guarantee::Cpu, limited("Max cpu time", plan.ceilings.cpu_seconds), "rlimit+watchdog");
    hold(Guarantee::Disk, limited("Max file size", plan.ceilings.file_bytes), "rlimit+watchdog");
    // Root's own processes are not counted by the kernel, and those of a user who has others not for the job alone.
    let counted = seen.user != Some(0) && (rooted || seen.is_another_user());
    let counted = counted && limited("Max processes", plan.ceilings.processes);
    let counts = [(bounds.processes, "cgroup"), (counted, "rlimit"), (true, "watchdog")];
    let counts: Vec<_> = counts.into_iter().filter(|(holds, _)| *holds).map(|(_, by)| by).collect();
    hold(Guarantee::Pids, true, &counts.join("+"));
    hold(Guarantee::Output, true, "pipe");
    guards
}

/// What `/proc` says of one process.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) no_new_privileges: bool,
    pub(crate) filtered: bool,
    pub(crate) no_capabilities: bool,
    /// As this process knows it.
    pub(crate) user: Option<u32>,
    /// Whether each namespace is another one than ours.
    pub(crate) own_namespace: BTreeMap<&'static str, bool>,
    /// Hard limits by their names.
    pub(crate) limits: BTreeMap<String, u64>,
}

impl Seen {
    pub(crate) fn read(pid: u32) -> Self {
        let file = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let status = file("status");
        let value = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        let empty = |key: &str| u64::from_str_radix(&value(key), 16) == Ok(0);
        Self {
            no_new_privileges: value("NoNewPrivs") == "1",
            filtered: value("Seccomp") == "2",
            no_capabilities: ["CapInh", "CapPrm", "CapEff", "CapAmb"].iter().all(|set| empty(set)),
            user: value("Uid").split_whitespace().next().and_then(|user| user.parse().ok()),
            own_namespace: NAMESPACES.iter().map(|name| (*name, is_other_namespace(pid, name))).collect(),
            limits: limits(&file("limits")),
        }
    }

    fn is_another_user(&self) -> bool {
        self.user.is_some_and(|user| user != rustix::process::geteuid().as_raw())
    }
}

fn is_other_namespace(pid: u32, name: &str) -> bool {
    let of = |pid: &str| std::fs::read_link(PathBuf::from(format!("/proc/{pid}/ns/{name}")));
    match (of("self"), of(&pid.to_string())) {
        (Ok(own), Ok(theirs)) => own != theirs,
        _ => false,
    }
}

/// Hard limits by their names.
fn limits(text: &str) -> BTreeMap<String, u64> {
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let name = line.get(..26)?.trim().to_owned();
            let hard = line.get(26..)?.split_whitespace().nth(1)?;
            Some((name, hard.parse().unwrap_or(u64::MAX)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_by_name() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max cpu time              5                    6                    seconds   \n\
                    Max file size             unlimited            unlimited            bytes     \n";
        let limits = limits(text);
        assert_eq!(limits["Max cpu time"], 6);
        assert_eq!(limits["Max file size"], u64::MAX);
    }

    #[test]
    fn an_ordinary_process_is_not_sealed() {
        let seen = Seen::read(std::process::id());
        assert!(seen.user.is_some() && !seen.is_another_user());
        assert!(!seen.filtered && seen.own_namespace.values().all(|other| !other));
        assert!(seen.limits.contains_key("Max data size"));
    }
}
