//! What each tier of this machine runs and holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smith_exec::{Guarantee, Jail, Job, JobResult, JobStatus, Limits, Policy, Tier};

pub(crate) fn jail(tier: Tier) -> Jail {
    Jail::with_launcher(PathBuf::from(env!("CARGO_BIN_EXE_smith-jail")), tier, Policy::Strict)
}

/// A shell script in `work`, which it may write.
pub(crate) fn script(work: &Path, text: &str) -> Job {
    Job {
        argv: ["/bin/sh", "-c", text].map(Into::into).to_vec(),
        cwd: work.to_path_buf(),
        env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        limits: Limits { wall: Duration::from_secs(20), ..Limits::default() },
        readable: Vec::new(),
        writable: vec![work.to_path_buf()],
    }
}

fn text(result: &JobResult) -> String {
    format!("{} out: {} err: {}", result.status, result.stdout.text, result.stderr.text)
}

#[tokio::test]
async fn each_tier_runs_a_program_and_holds_every_guarantee() {
    for tier in Tier::ALL {
        let folder = tempfile::tempdir().unwrap();
        let job =
            script(folder.path(), "echo hello; echo words > file; id -u; cat /proc/self/status | grep Cap");
        let (result, guards) = jail(tier).run_guarded(&job).await.unwrap();
        println!("{tier:?} {:?} {}\n{guards}", result.usage, text(&result));
        assert_eq!(result.status, JobStatus::Ok, "{tier:?}: {}", text(&result));
        assert_eq!(guards.missing(), [] as [Guarantee; 0]);
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "words\n");
    }
}

/// Whether a process has `argument` in its command line.
fn is_running(argument: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes()))
}

async fn becomes(wanted: bool, argument: &str) -> bool {
    for _ in 0..500 {
        if is_running(argument) == wanted {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_run_that_is_dropped_ends_with_all_of_its_processes() {
    for (tier, seconds) in Tier::ALL.into_iter().zip(["86391.5", "86392.5", "86393.5"]) {
        let folder = tempfile::tempdir().unwrap();
        // The first has another session and another parent, and is no longer below the second.
        let text = format!("(setsid sleep {seconds}; true) & sleep 600");
        let (jail, job) = (jail(tier), script(folder.path(), &text));
        tokio::select! {
            done = jail.run_guarded(&job) => panic!("{tier:?}: {done:?}"),
            begun = becomes(true, seconds) => assert!(begun, "{tier:?} does not begin"),
        }
        assert!(becomes(false, seconds).await, "{tier:?} goes on");
    }
}
