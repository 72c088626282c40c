//! Limits of the control group of a process, read where the kernel keeps them.

use std::path::{Path, PathBuf};

/// Where control groups are found on nearly every machine.
const ROOT: &str = "/sys/fs/cgroup";

/// Largest memory in bytes; nothing when no group limits it.
pub(super) fn memory_bytes(pid: u32) -> Option<u64> {
    limit(pid, "memory", "memory.limit_in_bytes", "memory.max")
}

/// Most processes; nothing when no group limits them.
pub(super) fn processes(pid: u32) -> Option<u64> {
    limit(pid, "pids", "pids.max", "pids.max")
}

fn limit(pid: u32, controller: &str, first_version: &str, second_version: &str) -> Option<u64> {
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let (old, new) = places(&groups, controller, Path::new(ROOT));
    let read = |path: PathBuf| std::fs::read_to_string(path).ok()?.trim().parse().ok();
    let of_old = old.and_then(|place| read(place.join(first_version)));
    of_old.or_else(|| new.and_then(|place| read(place.join(second_version))))
}

/// The directories of a process's group: of the controller in the first version, and in the second. A line is
/// `number:controllers:path`, without controllers in the second version.
fn places(groups: &str, controller: &str, root: &Path) -> (Option<PathBuf>, Option<PathBuf>) {
    let (mut old, mut new) = (None, None);
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let path = path.trim_start_matches('/');
        if controllers.is_empty() {
            new = Some(root.join(path));
        } else if controllers.split(',').any(|name| name == controller) {
            old = Some(root.join(controllers).join(path));
        }
    }
    (old, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_found() {
        let groups = "9:name=systemd:/\n8:pids:/docker/b8\n4:cpu,memory:/docker/b8\n0::/docker/b8\n";
        let (old, new) = places(groups, "memory", Path::new("/c"));
        assert_eq!(old, Some(PathBuf::from("/c/cpu,memory/docker/b8")));
        assert_eq!(new, Some(PathBuf::from("/c/docker/b8")));
        assert_eq!(places("0::/a:b\n", "pids", Path::new("/c")), (None, Some(PathBuf::from("/c/a:b"))));
        assert_eq!(places("", "pids", Path::new("/c")), (None, None));
    }
}
