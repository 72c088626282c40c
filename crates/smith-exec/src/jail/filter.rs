//! The system calls that a job may not make.
//!
//! A list of what is denied, because numerical libraries need breadth. Denied is what reaches other
//! processes, the network, mounts, namespaces, kernel facilities that no data work needs, and bits that
//! outlive the job. Denied calls fail; they do not kill, so that libraries can fall back.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that always fail with `EPERM`.
const DENIED: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
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
    // Memory that outlives its process.
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

/// `fchmodat2` has no name in libc yet; its number is the same everywhere.
const SYS_FCHMODAT2: i64 = 452;

/// Marks calls of the x32 ABI, which go through the same filter under other numbers.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

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

/// The programs to install, in this order. With `local_sockets`, sockets of the family `AF_UNIX` may be made.
pub(super) fn programs(local_sockets: bool) -> Result<Vec<BpfProgram>, String> {
    // glibc falls back to `clone`, whose flags a filter can see; those of `clone3` lie in memory.
    let absent = Rules::from([(libc::SYS_clone3, Vec::new())]);
    [
        filter(absent, libc::ENOSYS.cast_unsigned()),
        filter(denied(local_sockets)?, libc::EPERM.cast_unsigned()),
    ]
    .into_iter()
    .collect()
}

fn filter(mut rules: Rules, errno: u32) -> Result<BpfProgram, String> {
    #[cfg(target_arch = "x86_64")]
    {
        let twins: Rules = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
        rules.extend(twins);
    }
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)
        .map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

fn denied(local_sockets: bool) -> Result<Rules, String> {
    let mut rules: Rules = DENIED.iter().chain(DENIED_HERE).map(|call| (*call, Vec::new())).collect();
    let clone_flags = NAMESPACES.map(|flag| has(0, flag.cast_unsigned()));
    rules.insert(libc::SYS_clone, clone_flags.into_iter().collect::<Result<_, _>>()?);
    let socket = if local_sockets {
        vec![one(SeccompCmpOp::Ne, 0, libc::AF_UNIX.cast_unsigned())?]
    } else {
        Vec::new()
    };
    rules.insert(libc::SYS_socket, socket);
    // Files that run with their owner's rights.
    for (call, argument) in chmods() {
        rules.insert(call, vec![has(argument, libc::S_ISUID)?, has(argument, libc::S_ISGID)?]);
    }
    // Typing into a terminal that others read.
    let requests = [libc::TIOCSTI, libc::TIOCLINUX]
        .map(|request| one(SeccompCmpOp::Eq, 1, u32::try_from(request).map_err(|error| error.to_string())?));
    rules.insert(libc::SYS_ioctl, requests.into_iter().collect::<Result<_, _>>()?);
    Ok(rules)
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
    one(SeccompCmpOp::MaskedEq(flag.into()), argument, flag)
}

fn one(operator: SeccompCmpOp, argument: u8, value: u32) -> Result<SeccompRule, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value.into())
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_compile_and_fit() {
        for local_sockets in [true, false] {
            let programs = programs(local_sockets).unwrap();
            assert_eq!(programs.len(), 2);
            // The kernel takes at most 4096 instructions.
            assert!(programs.iter().all(|program| (10..4096).contains(&program.len())));
        }
    }
}
