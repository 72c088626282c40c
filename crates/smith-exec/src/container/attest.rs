//! Reading back what confines a container, from its engine and from `/proc`, before its job begins.

use super::cgroup;
use super::gate::{self, Binds};
use super::inspect::Inspected;
use super::mounts::{self, Surplus};
use crate::confinement::Held;
use crate::jail::Seen;
use crate::{Guarantee, Guards, Limits};

/// What is in force for the launcher, and so for all that it will start. An error says why nothing could be read.
/// `landlock_abi` is what the launcher reported: the kernel shows it nowhere.
pub(super) fn attest(
    inspected: &Inspected,
    landlock_abi: u32,
    granted: &Binds,
    limits: &Limits,
) -> Result<Attested, String> {
    let pid = inspected.state.pid;
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let status = read("status");
    if !is_first_of_its_namespace(&status) {
        return Err(format!(
            "the container's process {pid} is not to be seen here: the engine must run on this machine, neither \
             behind a network nor in a virtual machine"
        ));
    }
    let facts = Facts {
        network: inspected.host_config.network_mode.clone(),
        read_only: inspected.host_config.readonly_rootfs,
        ordinary: !inspected.host_config.privileged && is_ordinary(&status),
        surplus: mounts::surplus(&read("mountinfo"), granted),
        memory: cgroup::memory_bytes(pid),
        processes: cgroup::processes(pid),
        landlock_abi,
        seen: Seen::read(pid),
    };
    let guards = facts.guards(limits);
    Ok(Attested { guards, surplus: facts.surplus.unwrap_or_default() })
}

/// What was read back.
#[derive(Debug)]
pub(super) struct Attested {
    pub(super) guards: Guards,
    /// Why files do not hold, if they do not.
    pub(super) surplus: Surplus,
}

struct Facts {
    /// As the engine names it.
    network: String,
    /// Whether the engine says that the root is.
    read_only: bool,
    /// Whether the job is an ordinary user of this machine without a capability within reach.
    ordinary: bool,
    /// What is visible or writable without a grant; nothing when that is not known.
    surplus: Option<Surplus>,
    /// Limits of the control group.
    memory: Option<u64>,
    processes: Option<u64>,
    landlock_abi: u32,
    seen: Seen,
}

impl Facts {
    fn guards(&self, limits: &Limits) -> Guards {
        let Seen { no_new_privileges, filtered, no_capabilities, limits: of_process, .. } = &self.seen;
        let sealed = *no_new_privileges && *filtered && *no_capabilities && self.ordinary;
        let apart = |name: &str| self.seen.own_namespace.get(name).copied().unwrap_or(false);
        let (seen, written) = self
            .surplus
            .as_ref()
            .map_or((false, false), |surplus| (surplus.seen.is_empty(), surplus.writable.is_empty()));
        let ceilings = gate::ceilings(limits);
        let limited = |file: &str, name: &str| {
            of_process.get(file).zip(ceilings.get(name)).is_some_and(|(limit, most)| limit <= most)
        };
        let grouped = |limit: Option<u64>, most: u64| limit.is_some_and(|limit| limit <= most);
        let in_group = |grouped: bool, by: &str| if grouped { format!("cgroup+{by}") } else { by.to_owned() };
        let memory = in_group(grouped(self.memory, limits.memory_bytes), "rlimit+watchdog");
        let pids = in_group(grouped(self.processes, u64::from(limits.processes) + 2), "watchdog");

        let mut guards = Guards::default();
        let mut hold = |guarantee, holds: bool, by: &str| {
            guards.set(guarantee, if holds && sealed { Held::Enforced(by.to_owned()) } else { Held::Not });
        };
        let files = match self.landlock_abi {
            0 => "root".to_owned(),
            abi => format!("root+landlock{abi}"),
        };
        hold(Guarantee::Reads, apart("mnt") && seen, &files);
        hold(Guarantee::Writes, apart("mnt") && seen && written && self.read_only, &files);
        hold(Guarantee::Network, apart("net") && self.network == "none", "netns+seccomp");
        hold(Guarantee::Processes, apart("pid") && apart("ipc"), "pidns+seccomp");
        hold(Guarantee::Leftovers, apart("pid"), "pidns");
        hold(Guarantee::Pids, true, &pids);
        hold(Guarantee::Memory, limited("Max data size", "data"), &memory);
        hold(Guarantee::Cpu, limited("Max cpu time", "cpu"), "rlimit+watchdog");
        hold(Guarantee::Disk, limited("Max file size", "fsize") && written, "rlimit+tmpfs+watchdog");
        hold(Guarantee::Output, true, "pipe");
        guards
    }
}

fn field<'a>(status: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_default().split_whitespace()
}

/// Its last number is the one that it has itself.
fn is_first_of_its_namespace(status: &str) -> bool {
    let mut numbers = field(status, "NSpid");
    numbers.next().is_some() && numbers.last() == Some("1")
}

fn is_ordinary(status: &str) -> bool {
    let mut users = field(status, "Uid").peekable();
    users.peek().is_some()
        && users.all(|user| user != "0")
        && field(status, "CapBnd").next().is_some_and(|set| set.bytes().all(|digit| digit == b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Uid:\t1001\t1001\t1001\t1001\nNSpid:\t4956\t1\nCapBnd:\t0000000000000000\n";

    fn sealed() -> Facts {
        let namespaces = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"];
        let limits = Limits::default();
        let of_process = [
            ("Max data size", limits.memory_bytes),
            ("Max cpu time", limits.cpu.as_secs() + 2),
            ("Max file size", limits.file_bytes),
        ];
        Facts {
            network: "none".to_owned(),
            read_only: true,
            ordinary: true,
            surplus: Some(Surplus::default()),
            memory: Some(limits.memory_bytes),
            processes: Some(258),
            landlock_abi: 0,
            seen: Seen {
                user: None,
                no_new_privileges: true,
                filtered: true,
                no_capabilities: true,
                own_namespace: namespaces.map(|name| (name, true)).into(),
                limits: of_process.map(|(name, most)| (name.to_owned(), most)).into(),
            },
        }
    }

    fn missing(change: impl FnOnce(&mut Facts)) -> Vec<Guarantee> {
        let mut facts = sealed();
        change(&mut facts);
        facts.guards(&Limits::default()).missing()
    }

    #[test]
    fn each_fact_holds_its_guarantees() {
        use Guarantee::{Cpu, Disk, Leftovers, Memory, Network, Processes, Reads, Writes};
        assert_eq!(missing(|_| ()), []);
        for all in [
            missing(|facts| facts.seen.no_new_privileges = false),
            missing(|facts| facts.seen.filtered = false),
            missing(|facts| facts.seen.no_capabilities = false),
            missing(|facts| facts.ordinary = false),
        ] {
            assert_eq!(all, Guarantee::ALL);
        }
        assert_eq!(missing(|facts| facts.network = "bridge".to_owned()), [Network]);
        assert_eq!(missing(|facts| facts.read_only = false), [Writes]);
        assert_eq!(missing(|facts| facts.surplus = None), [Reads, Writes, Disk]);
        let seen = Surplus { seen: vec!["/run".into()], ..Surplus::default() };
        assert_eq!(missing(|facts| facts.surplus = Some(seen)), [Reads, Writes]);
        let written = Surplus { writable: vec!["/usr".into()], ..Surplus::default() };
        assert_eq!(missing(|facts| facts.surplus = Some(written)), [Writes, Disk]);
        for (name, lost) in [
            ("pid", vec![Processes, Leftovers]),
            ("net", vec![Network]),
            ("mnt", vec![Reads, Writes]),
            ("ipc", vec![Processes]),
        ] {
            let shared = missing(|facts| facts.seen.own_namespace.extend([(name, false)]));
            assert_eq!(shared, lost, "{name}");
        }
        assert_eq!(missing(|facts| facts.seen.limits.clear()), [Memory, Cpu, Disk]);
    }

    #[test]
    fn a_control_group_is_named_only_when_it_limits() {
        let by = |facts: &Facts| {
            let guards = facts.guards(&Limits::default());
            [Guarantee::Memory, Guarantee::Pids].map(|guarantee| guards.get(guarantee).unwrap().to_owned())
        };
        assert_eq!(by(&sealed()), ["cgroup+rlimit+watchdog", "cgroup+watchdog"]);
        let mut facts = sealed();
        (facts.memory, facts.processes) = (Some(u64::MAX), None);
        assert_eq!(by(&facts), ["rlimit+watchdog", "watchdog"]);
    }

    #[test]
    fn who_runs_is_read_from_the_status() {
        assert!(is_first_of_its_namespace(STATUS) && is_ordinary(STATUS));
        for wrong in [
            "",
            "NSpid:\t4956\nUid:\t1\t1\t0\t1\n",
            &STATUS.replace("0000\n", "0001\n").replace("\t1\n", "\t7\n"),
        ] {
            assert!(!is_first_of_its_namespace(wrong) && !is_ordinary(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_process_that_is_not_here_is_not_attested() {
        let mut inspected = Inspected::default();
        inspected.state.pid = u32::MAX;
        let why = attest(&inspected, 0, &Binds::new(), &Limits::default()).unwrap_err();
        assert!(why.contains("not to be seen here"), "{why}");
    }
}
