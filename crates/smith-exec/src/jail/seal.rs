//! Giving up rights for good: limits, capabilities, Landlock, system calls.
//!
//! The order is fixed. Landlock comes after the last mount, the filter after the last call that it denies.

use std::ffi::OsString;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags};

use super::filter;
use super::plan::{Ceilings, Plan};

/// A step that failed, in words for the supervisor.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) step: String,
    pub(super) error: String,
}

/// Names the step in which something failed.
pub(super) fn step<T, E: std::fmt::Display>(step: &str, done: Result<T, E>) -> Result<T, Failed> {
    done.map_err(|error| Failed { step: step.to_owned(), error: error.to_string() })
}

/// Directories of the system that programs need, with what may be executed.
pub(crate) const SYSTEM: [&str; 8] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/nix/store"];

/// Files of the system that programs read.
pub(crate) const SYSTEM_FILES: [&str; 3] = ["/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types"];

/// Devices that keep nothing.
pub(super) const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// Gives up everything that `plan` does not grant. Returns the ABI of Landlock that is in force, 0 for none.
pub(super) fn seal(plan: &Plan) -> Result<u32, Failed> {
    let programs = step("build the system call filter", filter::programs(plan.namespaces))?;
    step("set limits", limit(&plan.ceilings))?;
    step("forbid new privileges", rustix::thread::set_no_new_privs(true))?;
    let abi = step("restrict files by Landlock", restrict_files(plan))?;
    step("drop capabilities", drop_capabilities())?;
    for program in &programs {
        step("install the system call filter", seccompiler::apply_filter(program))?;
    }
    Ok(abi)
}

/// Has the kernel take this process and all that it starts when the machine runs out of memory, and not what
/// watches them.
pub(super) fn be_first_to_go() -> Result<(), Failed> {
    step("be the first to go", std::fs::write("/proc/self/oom_score_adj", "1000"))
}

/// Puts this process and all that it starts into a domain of their own, out of which none of them can send a
/// signal. Says whether that was done: older kernels do not know it.
pub(super) fn keep_signals_inside() -> Result<bool, Failed> {
    step("forbid new privileges", rustix::thread::set_no_new_privs(true))?;
    let restrict = || -> Result<_, Box<dyn std::error::Error>> {
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .scope(Scope::Signal)?
            // Moving files between directories is refused by every set of rules that does not grant it.
            .handle_access(AccessFs::Refer)?
            .create()?
            .add_rule(PathBeneath::new(PathFd::new("/")?, AccessFs::Refer))?;
        Ok(rules.restrict_self()?)
    };
    Ok(restrict().is_ok())
}

/// Makes this process unreadable for others of its user.
pub(super) fn hide() -> Result<(), Failed> {
    step("hide the launcher", rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable))
}

fn limit(ceilings: &Ceilings) -> rustix::io::Result<()> {
    for (resource, value) in [
        // Private writable memory. RLIMIT_AS would count address space, which numerical libraries reserve
        // far beyond what they use.
        (Resource::Data, ceilings.data_bytes),
        (Resource::Fsize, ceilings.file_bytes),
        (Resource::Cpu, ceilings.cpu_seconds),
        (Resource::Nofile, ceilings.open_files),
        (Resource::Nproc, ceilings.processes),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
    ] {
        // A lower limit that is in force already cannot be raised and does not need to be.
        let value = rustix::process::getrlimit(resource).maximum.map_or(value, |most| most.min(value));
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
    }
    Ok(())
}

/// Empties every set, so that no program that is run later gets any back.
fn drop_capabilities() -> rustix::io::Result<()> {
    empty_bounding_set()?;
    rustix::thread::clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    rustix::thread::set_capabilities(
        None,
        CapabilitySets { effective: none, permitted: none, inheritable: none },
    )
}

/// Takes what a privileged program could give back. Without the right to do so there is nothing to take: no
/// new privileges means that no program can.
fn empty_bounding_set() -> rustix::io::Result<()> {
    if !rustix::thread::capabilities(None)?.effective.contains(CapabilitySet::SETPCAP) {
        return Ok(());
    }
    for capability in CapabilitySet::all().iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // One that this kernel does not know.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Becomes another user for good.
pub(super) fn become_user(user: u32) -> Result<(), Failed> {
    let (uid, gid) = (rustix::process::Uid::from_raw(user), rustix::process::Gid::from_raw(user));
    // The right to do it goes with the user.
    step("drop the bounding set", empty_bounding_set())?;
    step("leave groups", rustix::thread::set_thread_groups(&[]))?;
    step("change the group", rustix::thread::set_thread_res_gid(gid, gid, gid))?;
    step("change the user", rustix::thread::set_thread_res_uid(uid, uid, uid))
}

fn restrict_files(plan: &Plan) -> Result<u32, String> {
    let abi = ABI::V7;
    let level = if plan.landlock { CompatLevel::HardRequirement } else { CompatLevel::BestEffort };
    let rules = || -> Result<_, landlock::RulesetError> {
        // Reading and writing of files must hold; what newer kernels add is taken when it is there.
        let mut rules = Ruleset::default()
            .set_compatibility(level)
            .handle_access(AccessFs::from_all(ABI::V1))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?;
        for (path, access) in grants(plan, abi) {
            // What is not there needs no rule.
            if let Ok(fd) = PathFd::new(&path) {
                let access =
                    if Path::new(&path).is_dir() { access } else { access & AccessFs::from_file(abi) };
                rules = rules.add_rule(PathBeneath::new(fd, access))?;
            }
        }
        rules.restrict_self()
    };
    let status = rules().map_err(|error| error.to_string())?;
    match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => Ok(effective_abi as u32),
        _ if plan.landlock => Err("this kernel has no Landlock, or it is switched off".to_owned()),
        _ => Ok(0),
    }
}

/// What may be done below which path.
fn grants(plan: &Plan, abi: ABI) -> Vec<(OsString, BitFlags<AccessFs>)> {
    let look = AccessFs::ReadFile | AccessFs::ReadDir;
    let run = look | AccessFs::Execute;
    let no_devices = AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::Execute;
    let write = AccessFs::from_all(abi) & !no_devices;
    let mut grants: Vec<(OsString, BitFlags<AccessFs>)> = Vec::new();
    grants.extend(SYSTEM.map(|path| (path.into(), run)));
    grants.extend(SYSTEM_FILES.map(|path| (path.into(), look)));
    grants.extend(["/etc/passwd", "/etc/group", "/proc"].map(|path| (path.into(), look)));
    grants.extend(DEVICES.map(|name| (format!("/dev/{name}").into(), look | AccessFs::WriteFile)));
    if plan.namespaces {
        grants.extend(["/tmp", "/dev/shm"].map(|path| (path.into(), write)));
        // There is nothing in this root but what the job may know of.
        grants.push(("/".into(), AccessFs::ReadDir.into()));
    }
    grants.extend(plan.readable.iter().map(|path| (path.clone(), run)));
    let layers = plan.layers.iter().map(|layer| &layer.at);
    grants.extend(plan.writable.iter().chain(layers).map(|path| (path.clone(), write)));
    grants
}

/// Leaves the user namespace, with every right in the new one, but nobody is mapped in it yet.
pub(super) fn leave_user_namespace() -> Result<(), Failed> {
    unshare(UnshareFlags::NEWUSER)
}

/// Leaves every namespace that a process can leave by itself, but that of cgroups.
pub(super) fn leave_namespaces() -> Result<(), Failed> {
    let flags = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS;
    unshare(flags)
}

/// Makes the cgroup that this process is in by now the first that the job sees.
pub(super) fn leave_cgroups() -> Result<(), Failed> {
    unshare(UnshareFlags::NEWCGROUP)
}

#[expect(unsafe_code, reason = "rustix marks the call unsafe for one flag, which is not used here")]
fn unshare(flags: UnshareFlags) -> Result<(), Failed> {
    // SAFETY: only FILES would let threads lose sight of each other's descriptors, and it is not set;
    // this process has one thread besides.
    step("make namespaces", unsafe { rustix::thread::unshare_unsafe(flags) })
}
