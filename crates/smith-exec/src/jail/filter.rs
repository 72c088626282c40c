//! The system calls that a job may not make.
//!
//! A list of what is denied, because numerical libraries need breadth. Denied is what reaches other
//! processes, the network, mounts, namespaces, kernel facilities that no data work needs, and what outlives
//! the job. Denied calls fail; they do not kill, so that libraries can fall back.

use std::collections::BTreeMap;

use seccompiler::sock_filter;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that always fail with `EPERM`.
const DENIED: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_sched_setattr,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // Mounts, roots and namespaces, by the old calls and the new.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    SYS_OPEN_TREE_ATTR,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    // Files by handle instead of by path, and special files.
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_mknodat,
    libc::SYS_fanotify_init,
    // Ways around this filter.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_openat2,
    libc::SYS_personality,
    // The kernel itself.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_vhangup,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    // Memory that no process shows, or that outlives its process.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semctl,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
];

/// Further ones of this architecture alone.
#[cfg(target_arch = "x86_64")]
const DENIED_HERE: &[i64] = &[
    libc::SYS_mknod,
    libc::SYS_kexec_file_load,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: &[i64] = &[];

/// Calls that have no name in libc yet; their numbers are the same everywhere.
const SYS_FCHMODAT2: i64 = 452;
const SYS_SETXATTRAT: i64 = 463;
const SYS_REMOVEXATTRAT: i64 = 466;
const SYS_OPEN_TREE_ATTR: i64 = 467;
const SYS_FILE_SETATTR: i64 = 469;

/// The newest call that was looked at for this list. What is newer does not exist for a job, and neither does the x32
/// ABI, whose calls have numbers above a thousand million.
const NEWEST: u32 = 469;

/// Requests that mark a file, also through a descriptor that may only read it: attributes of ext4 and its like, the
/// number of its version, and seals of its content.
const MARKING_REQUESTS: [u32; 4] = [0x4008_6602, 0x4008_7602, 0x401c_5820, 0x4080_6685];

/// Calls that change what is not the content of a file: Landlock does not see them.
const MARKINGS: &[i64] = &[libc::SYS_fchmod, libc::SYS_fchmodat, SYS_FCHMODAT2, libc::SYS_utimensat];

/// Further ones of this architecture alone.
#[cfg(target_arch = "x86_64")]
const MARKINGS_HERE: &[i64] = &[libc::SYS_chmod, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat];
#[cfg(not(target_arch = "x86_64"))]
const MARKINGS_HERE: &[i64] = &[];

/// Such calls that programs can do without.
const OWNERSHIP: &[i64] = &[
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    SYS_SETXATTRAT,
    SYS_REMOVEXATTRAT,
    SYS_FILE_SETATTR,
];

/// Further ones of this architecture alone.
#[cfg(target_arch = "x86_64")]
const OWNERSHIP_HERE: &[i64] = &[libc::SYS_chown, libc::SYS_lchown];
#[cfg(not(target_arch = "x86_64"))]
const OWNERSHIP_HERE: &[i64] = &[];

/// Flags of `clone` that make namespaces.
const NAMESPACES: [i32; 8] = [
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
    0x80, // CLONE_NEWTIME
];

/// The programs to install. `rooted` says that the job has a root of its own, in which it reaches neither
/// sockets nor files of the host; without one both are kept from it here.
pub(super) fn programs(rooted: bool) -> Result<Vec<BpfProgram>, String> {
    // glibc falls back to `clone`, whose flags a filter can see; those of `clone3` lie in memory.
    let absent = Rules::from([(libc::SYS_clone3, Vec::new())]);
    // It takes any room on a disk at once, before a watch can look; libraries write instead.
    let reserving = Rules::from([(libc::SYS_fallocate, Vec::new())]);
    let mut programs = vec![
        filter(absent, libc::ENOSYS)?,
        filter(reserving, libc::EOPNOTSUPP)?,
        filter(denied(rooted)?, libc::EPERM)?,
    ];
    if !rooted {
        // They do nothing and report success: copying and unpacking end in them, and would fail.
        let pretended = MARKINGS.iter().chain(MARKINGS_HERE).map(|call| (*call, Vec::new()));
        programs.push(filter(pretended.collect(), 0)?);
    }
    programs.push(without_newer());
    Ok(programs)
}

/// The calls that `rules` match give `errno`.
fn filter(rules: Rules, errno: i32) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let refuse = SeccompAction::Errno(errno.cast_unsigned());
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

/// Refuses every call above the newest that is known: a list of what is denied says nothing of them.
fn without_newer() -> BpfProgram {
    let instruction = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    vec![
        // The number of the call is the first word of what is looked at.
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K, 0, 1, NEWEST),
        instruction(
            libc::BPF_RET | libc::BPF_K,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned(),
        ),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

fn denied(rooted: bool) -> Result<Rules, String> {
    let mut rules: Rules = DENIED.iter().chain(DENIED_HERE).map(|call| (*call, Vec::new())).collect();
    let clone_flags = NAMESPACES.map(|flag| has(0, flag.cast_unsigned()));
    rules.insert(libc::SYS_clone, clone_flags.into_iter().collect::<Result<_, _>>()?);
    let not_local = one(SeccompCmpOp::Ne, 0, libc::AF_UNIX.cast_unsigned())?;
    rules.insert(libc::SYS_socket, if rooted { vec![not_local] } else { Vec::new() });
    if !rooted {
        // A pair of datagram sockets can be turned to any address; the low four bits are the type.
        let datagrams = one(SeccompCmpOp::MaskedEq(0xf), 1, libc::SOCK_DGRAM.cast_unsigned())?;
        rules.insert(libc::SYS_socketpair, vec![datagrams]);
        rules.extend(OWNERSHIP.iter().chain(OWNERSHIP_HERE).map(|call| (*call, Vec::new())));
    }
    rules.extend(of_others()?);
    rules.extend(owners_rights()?);
    // Typing into a terminal that others read.
    let mut requests: Vec<u32> = Vec::new();
    for request in [libc::TIOCSTI, libc::TIOCLINUX] {
        requests.push(u32::try_from(request).map_err(|error| error.to_string())?);
    }
    if !rooted {
        requests.extend(MARKING_REQUESTS);
    }
    let requests = requests.into_iter().map(|request| one(SeccompCmpOp::Eq, 1, request));
    rules.insert(libc::SYS_ioctl, requests.collect::<Result<_, _>>()?);
    // A process that hides its memory could not be measured.
    rules.insert(libc::SYS_prctl, vec![one(SeccompCmpOp::Eq, 0, libc::PR_SET_DUMPABLE.cast_unsigned())?]);
    Ok(rules)
}

/// Limits, priorities and processors of other processes; 0 stands for the calling one.
fn of_others() -> Result<Rules, String> {
    let other = |argument| one(SeccompCmpOp::Ne, argument, 0);
    let mut rules = Rules::new();
    for call in [
        libc::SYS_prlimit64,
        libc::SYS_sched_setaffinity,
        libc::SYS_sched_setparam,
        libc::SYS_sched_setscheduler,
    ] {
        rules.insert(call, vec![other(0)?]);
    }
    rules.insert(libc::SYS_setpriority, vec![other(0)?, other(1)?]);
    // Here a single process is 1.
    rules.insert(libc::SYS_ioprio_set, vec![one(SeccompCmpOp::Ne, 0, 1)?, other(1)?]);
    Ok(rules)
}

/// Files that run with their owner's rights: giving them to a file, and making such files.
fn owners_rights() -> Result<Rules, String> {
    let bits = [libc::S_ISUID, libc::S_ISGID];
    let mut rules = Rules::new();
    for (call, mode) in chmods() {
        rules.insert(call, bits.into_iter().map(|bit| has(mode, bit)).collect::<Result<_, _>>()?);
    }
    for (call, flags) in opens() {
        let made =
            |bit: u32, flag: i32| both(has_bits(flags + 1, bit)?, has_bits(flags, flag.cast_unsigned())?);
        // Without one of these flags the mode has no meaning and may be anything.
        let ways = [libc::O_CREAT, libc::O_TMPFILE & !libc::O_DIRECTORY];
        let pairs = bits.into_iter().flat_map(|bit| ways.map(|flag| made(bit, flag)));
        rules.insert(call, pairs.collect::<Result<_, _>>()?);
    }
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_creat, bits.into_iter().map(|bit| has(1, bit)).collect::<Result<_, _>>()?);
    Ok(rules)
}

/// The calls that open a file, and which argument holds the flags; the mode follows it.
fn opens() -> Vec<(i64, u8)> {
    #[cfg(target_arch = "x86_64")]
    let here = vec![(libc::SYS_open, 1)];
    #[cfg(not(target_arch = "x86_64"))]
    let here = Vec::new();
    [vec![(libc::SYS_openat, 2)], here].concat()
}

/// The calls that set a mode, and which argument is the mode.
fn chmods() -> Vec<(i64, u8)> {
    let everywhere = [(libc::SYS_fchmod, 1), (libc::SYS_fchmodat, 2), (SYS_FCHMODAT2, 2)];
    #[cfg(target_arch = "x86_64")]
    let here = [(libc::SYS_chmod, 1)];
    #[cfg(not(target_arch = "x86_64"))]
    let here = [];
    everywhere.into_iter().chain(here).collect()
}

/// Matches when all bits of `flag` are set in an argument.
fn has(argument: u8, flag: u32) -> Result<SeccompRule, String> {
    rule(vec![has_bits(argument, flag)?])
}

fn both(first: SeccompCondition, second: SeccompCondition) -> Result<SeccompRule, String> {
    rule(vec![first, second])
}

fn one(operator: SeccompCmpOp, argument: u8, value: u32) -> Result<SeccompRule, String> {
    rule(vec![condition(operator, argument, value)?])
}

fn has_bits(argument: u8, flag: u32) -> Result<SeccompCondition, String> {
    condition(SeccompCmpOp::MaskedEq(flag.into()), argument, flag)
}

fn condition(operator: SeccompCmpOp, argument: u8, value: u32) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value.into())
        .map_err(|error| error.to_string())
}

/// Matches when all conditions do.
fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, String> {
    SeccompRule::new(conditions).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_compile_and_fit() {
        for rooted in [true, false] {
            let programs = programs(rooted).unwrap();
            // The kernel takes at most 4096 instructions.
            assert!(programs.iter().all(|program| (4..4096).contains(&program.len())));
        }
    }
}
