//! Finding and killing processes that left their group, by the mark in their environment.

use std::collections::HashSet;
use std::path::Path;

use rustix::process::{Pid, Signal};

use super::running::MARK;

/// Rounds until we give up on a family that forks faster than we kill.
const ROUNDS: usize = 100;

/// Kills every process whose mark is `mark` or begins with `mark` and a dot; returns how many.
pub(super) fn sweep(mark: &str) -> usize {
    let mut killed = HashSet::new();
    for _ in 0..ROUNDS {
        // A killed process may stay visible for a moment, and a living one may have forked before it died.
        let fresh: Vec<Pid> = marked(mark).into_iter().filter(|pid| killed.insert(*pid)).collect();
        if fresh.is_empty() {
            break;
        }
        for pid in fresh {
            // Fails only when it is gone, or another user's.
            let _gone = rustix::process::kill_process(pid, Signal::KILL);
        }
    }
    killed.len()
}

/// The marked processes of this machine, without our own.
fn marked(mark: &str) -> Vec<Pid> {
    let own = std::process::id().cast_signed();
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|&pid| pid != own && carries(&Path::new("/proc").join(pid.to_string()), mark))
        .filter_map(Pid::from_raw)
        .collect()
}

fn carries(process: &Path, mark: &str) -> bool {
    std::fs::read(process.join("environ")).is_ok_and(|environment| has_mark(&environment, mark))
}

/// Looks for the mark in a block of `NAME=value` entries that end with NUL.
fn has_mark(environment: &[u8], mark: &str) -> bool {
    environment.split(|&byte| byte == 0).any(|entry| {
        entry
            .strip_prefix(MARK.as_bytes())
            .and_then(|rest| rest.strip_prefix(b"="))
            .and_then(|value| value.strip_prefix(mark.as_bytes()))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    })
}

#[cfg(test)]
mod tests {
    use super::has_mark;

    #[test]
    fn a_mark_stands_for_itself_and_its_parts_only() {
        let environment = b"PATH=/bin\0SMITH_MARK=run.1.23\0";
        assert!(has_mark(environment, "run.1.23"));
        assert!(has_mark(environment, "run.1"));
        assert!(!has_mark(environment, "run.1.2"));
        assert!(!has_mark(environment, "un.1.23"));
        assert!(!has_mark(b"X=SMITH_MARK=run\0", "run"));
        assert!(!has_mark(b"", "run"));
    }
}
