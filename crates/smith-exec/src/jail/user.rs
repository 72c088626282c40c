//! A user for one job alone, so that jobs that run at once are strangers to each other.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::proc_stat;

/// Users of jobs begin here: above those of systems, containers and directory services.
const FIRST: u32 = 0x7000_0000;

/// How many there are.
const COUNT: u32 = 2048;

/// A user of whom no process runs.
pub(crate) fn free() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = first(&std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default());
    loop {
        // Other supervisors begin elsewhere.
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(31));
        let user = first + number % COUNT;
        if proc_stat::of_user(user).is_empty() {
            return user;
        }
    }
}

/// The first user of jobs. `uid_map` has lines of three numbers: first inside, first outside, how many. Where
/// a container has fewer users, those at the end of the largest range are taken.
fn first(uid_map: &str) -> u32 {
    let ranges = uid_map.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map_while(|number| number.parse::<u32>().ok());
        let (inside, _, count) = (numbers.next()?, numbers.next()?, numbers.next()?);
        Some((count, inside.saturating_add(count)))
    });
    let (_, end) = ranges.max().unwrap_or((u32::MAX, u32::MAX));
    // The very last of a range is often `nobody`, which keeps its meaning. Never root.
    FIRST.min(end.saturating_sub(2 * COUNT)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_exist_where_they_are_used() {
        assert_eq!(first("         0          0 4294967295\n"), FIRST);
        assert_eq!(first("0 100000 65536\n"), 65536 - 2 * COUNT);
        assert_eq!(first("0 1000 1\n1 100000 65535\n"), 65536 - 2 * COUNT);
        assert_eq!(first("0 1000 1\n"), 1);
        assert_eq!(first(""), FIRST);
    }

    #[test]
    fn jobs_at_once_have_different_users() {
        assert_ne!(free(), free());
    }
}
