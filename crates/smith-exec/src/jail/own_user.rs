//! A user of its own for a job in namespaces, which only root can give: one that the job shares neither with its
//! supervisor nor with another job, and whose processes the kernel counts.
//!
//! The first process of the launcher makes a user namespace and waits in it. From outside the supervisor maps every
//! user there to itself, but for root and the job's, which change places, and uses that map for mounts of everything
//! that the plan grants: what is root's on disk is the job's there and the other way round, so that nothing is handed
//! over on disk. Where that cannot be done, the job is run as the supervisor's user.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::process::{DumpableBehavior, Gid, Uid};
use rustix::thread::CapabilitySet;

use super::passing::{MOST, Receiver};
use super::plan::{self, OWN, Plan, Word};
use super::seal::{self, Failed, step};
use super::{idmapped, user};

/// What a launcher gets along with the user, whose rights are not enough to open it.
#[derive(Debug)]
pub(super) struct Gift {
    /// The launcher's program.
    pub(super) program: OwnedFd,
    /// What the plan grants, in its order.
    pub(super) mounts: Vec<OwnedFd>,
}

/// A user to give away, if this process may do so.
pub(super) fn free() -> Option<u32> {
    let needed =
        CapabilitySet::SYS_ADMIN | CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::SETFCAP;
    let has = rustix::thread::capabilities(None).is_ok_and(|sets| sets.effective.contains(needed));
    (has && rustix::process::geteuid().is_root()).then(user::free)
}

/// Gives `user` to the process `pid`, which waits in a user namespace of its own.
///
/// # Errors
/// When this machine, or a file system that the plan grants, does not allow it.
pub(super) fn give(pid: u32, user: u32, plan: &Plan) -> io::Result<Gift> {
    for map in ["gid_map", "uid_map"] {
        let own = fs::read_to_string(format!("/proc/self/{map}"))?;
        fs::write(format!("/proc/{pid}/{map}"), swapped(&own, user))?;
    }
    let users = File::open(format!("/proc/{pid}/ns/user"))?;
    let see = |path: &Path, writable| {
        let view = idmapped::view(path, users.as_fd(), writable);
        view.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    let mounts = plan.granted().map(|(path, writable)| see(path.as_ref(), writable));
    let mounts = mounts.collect::<io::Result<Vec<_>>>()?;
    if mounts.len() > MOST {
        return Err(io::Error::other(format!("{} paths are granted, {MOST} at most can be", mounts.len())));
    }
    Ok(Gift { program: see(format!("/proc/{pid}/exe").as_ref(), false)?, mounts })
}

/// The launcher's side: waits for a user and becomes it. Returns the launcher's program, or nothing when this process
/// has to stay who it is.
pub(super) fn take(control: &UnixStream) -> Result<Option<OwnedFd>, Failed> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    seal::leave_user_namespace()?;
    step("ask for a user", plan::say(control, &Word::Apart))?;
    let mut receiver = Receiver::new(control);
    let mut answer = [0];
    step("wait for a user", receiver.read_exact(&mut answer))?;
    if answer != [OWN] {
        if fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.is_empty()) {
            map(user, group)?;
        }
        return Ok(None);
    }
    become_root_inside()?;
    step("open the launcher", receiver.descriptors.pop().ok_or("it was not passed")).map(Some)
}

/// Maps root of a new user namespace to a user and a group outside, as everybody may for their own.
pub(super) fn map(user: Uid, group: Gid) -> Result<(), Failed> {
    step("deny group changes", fs::write("/proc/self/setgroups", "deny"))?;
    step("map the user", fs::write("/proc/self/uid_map", format!("0 {} 1", user.as_raw())))?;
    step("map the group", fs::write("/proc/self/gid_map", format!("0 {} 1", group.as_raw())))
}

fn become_root_inside() -> Result<(), Failed> {
    let (user, group) = (Uid::ROOT, Gid::ROOT);
    step("leave groups", rustix::thread::set_thread_groups(&[]))?;
    step("change the group", rustix::thread::set_thread_res_gid(group, group, group))?;
    step("change the user", rustix::thread::set_thread_res_uid(user, user, user))?;
    // Who changed the user may not write about itself in /proc until this is set again.
    step("stay readable", rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable))
}

/// A map of every user in `own`, the map of this process, to itself, except that root and `user` change places.
fn swapped(own: &str, user: u32) -> String {
    let ranges = own.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map_while(|number| number.parse::<u32>().ok());
        let (inside, _, count) = (numbers.next()?, numbers.next()?, numbers.next()?);
        Some((inside, inside.saturating_add(count)))
    });
    let mut lines = String::new();
    for (first, end) in ranges {
        let cuts = [first, 0, 1, user, user.saturating_add(1), end];
        let mut cuts: Vec<u32> = cuts.into_iter().filter(|cut| (first..=end).contains(cut)).collect();
        cuts.sort_unstable();
        for (from, to) in cuts.iter().zip(cuts.iter().skip(1)).filter(|(from, to)| from < to) {
            let outside = match *from {
                0 => user,
                at if at == user => 0,
                at => at,
            };
            lines.push_str(&format!("{from} {outside} {}\n", to - from));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_user_change_places() {
        let all = "         0          0 4294967295\n";
        assert_eq!(swapped(all, 7), "0 7 1\n1 1 6\n7 0 1\n8 8 4294967287\n");
        assert_eq!(swapped(all, 1), "0 1 1\n1 0 1\n2 2 4294967293\n");
        // A container's: where its users are outside is not its concern.
        assert_eq!(swapped("0 100000 65536\n", 65535), "0 65535 1\n1 1 65534\n65535 0 1\n");
        assert_eq!(swapped("0 1000 1\n1 100000 10\n", 5), "0 5 1\n1 1 4\n5 0 1\n6 6 5\n");
        assert_eq!(swapped("", 5), "");
    }
}
