//! What the harness does to itself before it runs anything: another user, less rights, a key to look for.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt;

use rustix::process::{Gid, Uid};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// Variable with a secret that no program may find.
pub(super) const KEY: &str = "SMITH_BATTERY_API_KEY";

/// Becomes an ordinary user for good. To be called before any thread is started.
pub(super) fn become_user(user: u32) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    if rustix::process::getuid() == uid {
        return Ok(());
    }
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

/// Starts this program anew with a key in its environment, unless it has one: what is set later can be found
/// by nobody. It also makes a process that changed its user readable again, as ordinary ones are.
#[expect(clippy::disallowed_methods, reason = "a program of tests, which starts itself")]
pub(super) fn carry_key() -> io::Result<()> {
    if std::env::var_os(KEY).is_some() {
        return Ok(());
    }
    let mut again = std::process::Command::new("/proc/self/exe");
    Err(again.args(std::env::args_os().skip(1)).env(KEY, "sk-battery").exec())
}

/// Takes the right to make namespaces and mounts from this process, as container engines do by default.
pub(super) fn forbid_namespaces() -> Result<(), String> {
    let flags = [libc::CLONE_NEWUSER, libc::CLONE_NEWNS, libc::CLONE_NEWPID, libc::CLONE_NEWNET];
    let clone =
        flags.map(|flag| flagged(flag.cast_unsigned().into())).into_iter().collect::<Result<_, _>>()?;
    let refused = [libc::SYS_unshare, libc::SYS_mount, libc::SYS_setns, libc::SYS_pivot_root];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = refused.map(|call| (call, Vec::new())).into();
    rules.insert(libc::SYS_clone, clone);
    install(rules, libc::EPERM)?;
    install(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)
}

/// Takes Landlock from this process, as a kernel without it does.
pub(super) fn forbid_landlock() -> Result<(), String> {
    let calls =
        [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule, libc::SYS_landlock_restrict_self];
    install(calls.map(|call| (call, Vec::new())).into(), libc::ENOSYS)
}

fn flagged(flag: u64) -> Result<SeccompRule, String> {
    SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(flag), flag)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())
}

fn install(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: i32) -> Result<(), String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let refuse = SeccompAction::Errno(errno.cast_unsigned());
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|error| error.to_string())?;
    let program: seccompiler::BpfProgram =
        filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())?;
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())
}
