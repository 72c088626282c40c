//! Whose processes and files those of a job are.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use smith_exec::{Guarantee, Jail, Job, JobResult, JobStatus, Limits, Policy, Sandbox, Tier};

use crate::jail::{LAUNCHER, jail, script, tiers};

/// Whether jobs in namespaces can be other users here.
async fn is_root_with_namespaces() -> bool {
    rustix::process::geteuid().is_root() && tiers().await.contains(&Tier::Namespaces)
}

fn text(result: &JobResult) -> String {
    format!("{} out: {} err: {}", result.status, result.stdout.text, result.stderr.text)
}

/// Users of the processes that have `argument` in their command lines, but for the launchers.
fn users_of(argument: &str) -> BTreeSet<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let matching = processes.filter(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes())
    });
    matching.filter_map(|process| Some(process.metadata().ok()?.uid())).collect()
}

/// A group that the work folder has, and a user that owns an input: any numbers serve.
const GROUP: u32 = 2345;
const OWNER: u32 = 3456;

/// Reads what is root's alone and what is another user's, leaves files, and waits for a word from outside.
fn waiting(folder: &Path, seconds: &str) -> Job {
    let [work, input, other] = ["work", "input", "other"].map(|name| folder.join(name));
    std::fs::create_dir(&work).unwrap();
    std::fs::write(&input, "for root alone\n").unwrap();
    std::fs::write(&other, "for all\n").unwrap();
    std::os::unix::fs::chown(&work, None, Some(GROUP)).unwrap();
    std::os::unix::fs::chown(&other, Some(OWNER), Some(OWNER)).unwrap();
    for (path, mode) in [(&work, 0o2770), (&input, 0o600), (&other, 0o604)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let text = format!(
        "set -e; cat {} {}; id -u; echo words > made; chmod 600 made; mkdir -m 700 deep; echo deep > deep/made
        echo by name > /dev/stdout; sleep {seconds} & while [ ! -s go ]; do sleep 0.02; done; cat go",
        input.display(),
        other.display()
    );
    Job { readable: vec![input, other], ..script(&work, &text) }
}

#[tokio::test]
async fn jobs_of_root_are_strangers_and_their_files_are_roots() {
    if !is_root_with_namespaces().await {
        return;
    }
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let names = ["86394.5", "86395.5"];
    // A launcher that nobody but root can reach or start.
    let hidden = tempfile::tempdir().unwrap();
    let launcher = hidden.path().join("launcher");
    std::fs::copy(LAUNCHER, &launcher).unwrap();
    std::fs::set_permissions(&launcher, std::fs::Permissions::from_mode(0o700)).unwrap();
    let jail = Jail::with_launcher(launcher, Tier::Namespaces, Policy::Strict);
    let look = async {
        for _ in 0..500 {
            let seen = names.map(users_of);
            if seen.iter().all(|users| !users.is_empty()) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the jobs do not begin");
    };
    let look = async {
        let seen = look.await;
        for folder in &folders {
            std::fs::write(folder.path().join("work/go"), "gone\n").unwrap();
        }
        seen
    };
    let [one, other] = [0, 1].map(|index| jail.run(waiting(folders[index].path(), names[index])));
    let (one, other, [users, others]) = tokio::join!(one, other, look);
    assert_eq!((users.len(), others.len()), (1, 1));
    assert!(users.is_disjoint(&others), "{users:?} {others:?}");
    assert!(!users.contains(&0) && !others.contains(&0));
    for (folder, result) in folders.into_iter().zip([one.unwrap(), other.unwrap()]) {
        assert_eq!(result.status, JobStatus::Ok, "{}", text(&result));
        assert_eq!(result.stdout.text, "for root alone\nfor all\n0\nby name\ngone\n");
        let guards = &result.confinement.guards;
        assert_eq!(guards.get(Guarantee::Processes), Some("uid+pidns+seccomp"));
        assert_eq!(guards.get(Guarantee::Pids), Some("rlimit+watchdog"));
        let work = folder.path().join("work");
        for (name, mode, words) in [("made", 0o600, "words\n"), ("deep/made", 0o644, "deep\n")] {
            let data = std::fs::metadata(work.join(name)).unwrap();
            assert_eq!((data.uid(), data.gid(), data.mode() & 0o777), (0, GROUP, mode), "{name}");
            assert_eq!(std::fs::read_to_string(work.join(name)).unwrap(), words);
        }
        let path = folder.path().to_path_buf();
        folder.close().unwrap();
        assert!(!path.exists());
    }
}

/// A file system of the kernel's own knows no other owners.
#[tokio::test]
async fn where_owners_cannot_be_changed_the_job_runs_as_its_supervisor_and_the_result_says_so() {
    if !is_root_with_namespaces().await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let job = script(folder.path(), "cat /sys/kernel/mm/transparent_hugepage/enabled; echo words > made");
    let result = jail(Tier::Namespaces).run(Job { readable: vec!["/sys/kernel/mm".into()], ..job }).await;
    let result = result.unwrap();
    assert_eq!(result.status, JobStatus::Ok, "{}", text(&result));
    let guards = &result.confinement.guards;
    assert_eq!(guards.get(Guarantee::Processes), Some("pidns+seccomp"));
    assert_eq!(guards.get(Guarantee::Pids), Some("watchdog"));
    assert_eq!(std::fs::metadata(folder.path().join("made")).unwrap().uid(), 0);
}

#[tokio::test]
async fn in_namespaces_the_kernel_refuses_the_process_too_many() {
    if !tiers().await.contains(&Tier::Namespaces) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let job = script(folder.path(), "i=1; while sleep 30 & do i=$((i+1)); echo $i; done");
    let limits = Limits { processes: 20, ..job.limits };
    let result = jail(Tier::Namespaces).run(Job { limits, ..job }).await.unwrap();
    assert_eq!(result.confinement.guards.get(Guarantee::Pids), Some("rlimit+watchdog"));
    // The shell gives up, and was one of them.
    assert_eq!(result.status, JobStatus::Exit { code: 2 }, "{}", text(&result));
    assert_eq!(result.stdout.text.lines().last(), Some("20"));
    assert!(result.stderr.text.contains("fork"), "{}", text(&result));
}
