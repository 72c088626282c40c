//! What each tier of this machine runs and holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use smith_exec::{
    ChildProcess, Guarantee, Jail, Job, JobResult, JobStatus, Limits, Policy, PrepareHow, Replica, Runtime,
    Sandbox, Tier, testing,
};

pub(crate) const LAUNCHER: &str = env!("CARGO_BIN_EXE_smith-jail");

pub(crate) fn jail(tier: Tier) -> Jail {
    Jail::with_launcher(PathBuf::from(LAUNCHER), tier, Policy::Strict)
}

/// What this machine gives, the strongest first. A container may forbid namespaces, an ordinary user cannot become
/// another one.
pub(crate) async fn tiers() -> Vec<Tier> {
    let reports = Jail::survey_with(Path::new(LAUNCHER), None).await.unwrap();
    let tiers: Vec<_> = reports.iter().filter(|report| report.holds).map(|report| report.tier).collect();
    assert!(!tiers.is_empty(), "{reports:#?}");
    tiers
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
        replicas: Vec::new(),
    }
}

pub(crate) fn text(result: &JobResult) -> String {
    format!("{} out: {} err: {}", result.status, result.stdout.text, result.stderr.text)
}

#[tokio::test]
async fn each_tier_runs_a_program_and_holds_every_guarantee() {
    for tier in tiers().await {
        let folder = tempfile::tempdir().unwrap();
        let job =
            script(folder.path(), "echo hello; echo words > file; id -u; cat /proc/self/status | grep Cap");
        let result = jail(tier).run(job).await.unwrap();
        assert_eq!(result.status, JobStatus::Ok, "{tier:?}: {}", text(&result));
        assert_eq!(result.confinement.tier, tier);
        assert_eq!(result.confinement.guards.missing(), [] as [Guarantee; 0]);
        assert_eq!(result.usage.output_bytes, result.stdout.total_bytes);
        assert!(result.usage.disk_bytes.unwrap() >= 4096);
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "words\n");
    }
}

/// Whether a process has `argument` in its command line.
fn is_running(argument: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes()))
}

pub(crate) async fn becomes(wanted: bool, argument: &str) -> bool {
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
    for (tier, seconds) in tiers().await.into_iter().zip(["86391.5", "86392.5", "86393.5"]) {
        let folder = tempfile::tempdir().unwrap();
        // The first has another session and another parent, and is no longer below the second.
        let text = format!("(setsid sleep {seconds}; true) & sleep 600");
        let (jail, job) = (jail(tier), script(folder.path(), &text));
        tokio::select! {
            done = jail.run(job) => panic!("{tier:?}: {done:?}"),
            begun = becomes(true, seconds) => assert!(begun, "{tier:?} does not begin"),
        }
        assert!(becomes(false, seconds).await, "{tier:?} goes on");
    }
}

/// As another user a Python in somebody's home cannot be reached; the error says so, and nothing is held against a
/// program.
#[tokio::test]
async fn python_runs_in_each_tier_or_is_said_to_be_out_of_reach() {
    let python = smith_exec::testing::runtime().await.python().clone();
    for tier in tiers().await {
        let runtime = smith_exec::Runtime::new(python.clone(), std::sync::Arc::new(jail(tier)));
        let folder = tempfile::tempdir().unwrap();
        match runtime.run_code(folder.path(), "print('fine')", Limits::default()).await {
            Ok(ended) => assert_eq!(ended.stdout.text, "fine\n", "{tier:?}: {}", text(&ended)),
            Err(error) => {
                assert_eq!(tier, Tier::User, "{error}");
                assert!(error.to_string().contains("ermi"), "{error}");
            }
        }
    }
}

/// Everything that scripts are known to do to the data that they have read.
const SPOILS: &str = "set -e; cat raw/a.csv raw/deep/b.csv; echo more >> raw/a.csv; echo new > raw/deep/c.csv
    rm raw/deep/b.csv; ls raw/deep; cat raw/a.csv; rm -r raw/deep raw/a.csv; mkdir raw/deep; ls raw/deep; ls raw";

#[tokio::test]
async fn a_replica_may_be_spoilt_and_its_source_stays() {
    let tiers = tiers().await;
    let sandboxes = tiers.iter().map(|tier| Box::new(jail(*tier)) as Box<dyn Sandbox>);
    let child = Box::new(ChildProcess::new("smith-test".into())) as Box<dyn Sandbox>;
    for (index, sandbox) in sandboxes.chain([child]).enumerate() {
        for with_link in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let [source, work, at] = ["source", "work", "work/raw"].map(|name| folder.path().join(name));
            std::fs::create_dir_all(source.join("deep")).unwrap();
            std::fs::create_dir_all(&at).unwrap();
            std::fs::write(source.join("a.csv"), "a\n").unwrap();
            std::fs::write(source.join("deep/b.csv"), "b\n").unwrap();
            if with_link {
                // Which takes a copy, in which it is not.
                std::os::unix::fs::symlink("/etc/passwd", source.join("link")).unwrap();
            }
            let before = smith_task_schema::hash::tree(&source).unwrap();
            let job = Job { replicas: vec![Replica { source: source.clone(), at }], ..script(&work, SPOILS) };
            let result = sandbox.run(job).await.unwrap();
            assert_eq!(result.status, JobStatus::Ok, "{index}: {}", text(&result));
            assert_eq!(result.stdout.text, "a\nb\nc.csv\na\nmore\ndeep\n", "{index}");
            assert_eq!(smith_task_schema::hash::tree(&source).unwrap(), before, "{index}");
            let path = folder.path().to_path_buf();
            folder.close().unwrap();
            assert!(!path.exists());
        }
    }
}

/// The last line of most scripts that people have written for this format. Namespaces show raw as a mount of its own;
/// other tiers have a copy.
#[tokio::test]
async fn prepare_may_remove_raw_in_the_end() {
    let python = testing::runtime().await.python().clone();
    for tier in tiers().await.into_iter().filter(|tier| *tier == Tier::Namespaces) {
        let task = tempfile::tempdir().unwrap();
        let [raw, public, private, script] =
            ["raw", "public", "private", "prepare.py"].map(|name| task.path().join(name));
        for folder in [&raw, &public, &private] {
            std::fs::create_dir(folder).unwrap();
        }
        std::fs::write(raw.join("a.csv"), "a\n").unwrap();
        let source = "import shutil\ndef prepare(raw, public, private):\n    shutil.rmtree(raw)\n    print('done')\n    \
                      shutil.rmtree(public / 'none')\n";
        std::fs::write(&script, source).unwrap();
        let runtime = Runtime::new(python.clone(), Arc::new(jail(tier)));
        let result = runtime.prepare(&script, &raw, &public, &private, &PrepareHow::default()).await.unwrap();
        assert_eq!(result.stdout.text, "done\n", "{tier:?}: {}", text(&result));
        // What is not there is missed as ever.
        assert_eq!(result.status, JobStatus::Exit { code: 1 }, "{tier:?}");
        assert_eq!(std::fs::read_to_string(raw.join("a.csv")).unwrap(), "a\n");
    }
}
