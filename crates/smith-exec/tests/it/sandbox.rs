//! `ChildProcess`: limits, captured output, and nothing left behind. No Python needed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use smith_exec::{ChildProcess, ExecError, Job, JobResult, JobStatus, Limits, Sandbox};

pub(crate) fn seconds(wall: u64) -> Limits {
    Limits { wall: Duration::from_secs(wall), ..Limits::default() }
}

fn shell(cwd: &Path, script: &str, limits: Limits) -> Job {
    Job {
        argv: ["/bin/sh", "-c", script].map(OsString::from).to_vec(),
        cwd: cwd.to_path_buf(),
        env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        limits,
        readable: Vec::new(),
        writable: Vec::new(),
        replicas: Vec::new(),
    }
}

async fn run(cwd: &Path, script: &str, limits: Limits) -> JobResult {
    ChildProcess::new("smith-test-sandbox".into()).run(shell(cwd, script, limits)).await.unwrap()
}

/// Waits until the file at `path` holds a process id, and returns it.
async fn pid_in(path: &Path) -> u32 {
    for _ in 0..500 {
        if let Some(pid) = std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()) {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} was never written", path.display());
}

/// Whether the process lives; a zombie that nobody reaped yet does not.
fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").unwrap().1.starts_with(['Z', 'X']))
}

/// A killed process needs a moment to go.
async fn dies(pid: u32) -> bool {
    for _ in 0..500 {
        if !lives(pid) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn both_streams_and_the_exit_code_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let result = run(folder.path(), "echo out; echo err >&2; exit 3", seconds(20)).await;
    assert_eq!(result.status, JobStatus::Exit { code: 3 });
    assert_eq!((result.stdout.text.as_str(), result.stderr.text.as_str()), ("out\n", "err\n"));
    assert_eq!((result.stdout.total_bytes, result.stdout.cut), (4, false));
}

#[tokio::test]
async fn the_environment_is_the_jobs_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = shell(folder.path(), "", seconds(20));
    job.argv = vec!["/usr/bin/env".into()];
    let result = ChildProcess::new("smith-test".into()).run(job).await.unwrap();
    let mut names: Vec<&str> =
        result.stdout.text.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    // bash, where it plays /bin/sh, tells every program its own path.
    names.retain(|name| *name != "_");
    names.sort_unstable();
    assert_eq!(names, ["PATH", "SMITH_MARK"]);
}

#[tokio::test]
async fn standard_input_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), "cat", seconds(20)).await.status.is_ok());
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = shell(folder.path(), "", seconds(20));
    job.argv = ["/usr/bin/printf", "[%s]", "a b", "", "$HOME", "'\"", "-n"].map(OsString::from).to_vec();
    let result = ChildProcess::new("smith-test".into()).run(job).await.unwrap();
    assert_eq!(result.stdout.text, "[a b][][$HOME]['\"][-n]");
}

#[tokio::test]
async fn every_job_has_a_mark_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), "echo $SMITH_MARK", seconds(20)).await.stdout.text;
    let second = run(folder.path(), "echo $SMITH_MARK", seconds(20)).await.stdout.text;
    assert!(first.starts_with("smith-test-sandbox."));
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_missing_program_or_directory_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = ChildProcess::new("smith-test".into());
    let mut job = shell(folder.path(), "", seconds(5));
    job.argv[0] = "/no/such/program".into();
    let error = sandbox.run(job).await.unwrap_err();
    assert!(matches!(&error, ExecError::Spawn { program, .. } if program == "/no/such/program"), "{error}");
    let error = sandbox.run(shell(Path::new("/no/such/place"), "", seconds(5))).await.unwrap_err();
    assert!(error.to_string().starts_with("/no/such/place"), "{error}");
    for argv in [vec![], vec!["sh".into()]] {
        let mut job = shell(folder.path(), "", seconds(5));
        job.argv = argv;
        assert!(sandbox.run(job).await.unwrap_err().is_mistake());
    }
}

#[tokio::test]
async fn endless_output_is_stopped_and_its_ends_kept() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { output_bytes: 1 << 20, kept_bytes: 64, ..seconds(60) };
    let result = run(folder.path(), "echo start; while :; do echo yyyyyyyyyyyyyyyy; done", limits).await;
    assert_eq!(result.status, JobStatus::OutputLimit);
    assert!(result.stdout.text.starts_with("start\n"));
    assert!(result.stdout.text.contains(" bytes left out …]"));
    assert!(result.stdout.text.len() < 200);
    assert!(result.stdout.cut && result.stdout.total_bytes > 1 << 20);
}

#[tokio::test]
async fn errors_count_as_output_too() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { output_bytes: 1 << 16, ..seconds(60) };
    let result = run(folder.path(), "while :; do echo yyyyyyyyyyyyyyyy >&2; done", limits).await;
    assert_eq!(result.status, JobStatus::OutputLimit);
}

#[tokio::test]
async fn long_output_within_the_limit_loses_its_middle_only() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { kept_bytes: 20, ..seconds(20) };
    let result = run(folder.path(), "printf 'aaaaaaaaaa%02000d%s' 0 zzzzzzzzzz", limits).await;
    assert!(result.status.is_ok());
    assert_eq!(result.stdout.text, "aaaaaaaaaa\n[… 2000 bytes left out …]\nzzzzzzzzzz");
    assert_eq!(result.stdout.total_bytes, 2020);
}

#[tokio::test]
async fn a_file_beyond_the_limit_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { file_bytes: 1 << 16, ..seconds(20) };
    let result = run(folder.path(), "exec head -c 1000000 /dev/zero > big", limits).await;
    assert_eq!(result.status, JobStatus::DiskLimit);
    assert_eq!(std::fs::metadata(folder.path().join("big")).unwrap().len(), 1 << 16);
}

#[tokio::test]
async fn a_program_that_ends_by_a_signal_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let result = run(folder.path(), "kill -TERM $$", seconds(20)).await;
    assert_eq!(result.status, JobStatus::Signal { signal: 15 });
}

#[tokio::test]
async fn processor_time_is_measured_where_the_system_tells() {
    let folder = tempfile::tempdir().unwrap();
    let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    let usage = run(folder.path(), busy, seconds(60)).await.usage;
    assert!(usage.wall_seconds > 0.0);
    if cfg!(target_os = "linux") {
        assert!(usage.cpu_seconds.unwrap() > 0.0);
    }
}

#[cfg(target_os = "linux")]
mod leftovers {
    use super::*;

    /// Starts `sleep` in a session of its own, as a daemon does, and writes its id to `daemon`.
    const DAEMON: &str = "setsid sh -c 'echo $$ > daemon; exec sleep 1000' >/dev/null 2>&1 &";

    #[tokio::test]
    async fn at_the_limit_of_time_the_whole_family_dies() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("{DAEMON}\n sh -c 'echo $$ > grandchild; exec sleep 1000' & sleep 1000");
        let result = run(folder.path(), &script, seconds(1)).await;
        assert_eq!(result.status, JobStatus::TimeoutWall);
        for name in ["daemon", "grandchild"] {
            assert!(dies(pid_in(&folder.path().join(name)).await).await, "{name} outlived the job");
        }
    }

    #[tokio::test]
    async fn a_daemon_does_not_outlive_a_program_that_ended_well() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("{DAEMON} while [ ! -s daemon ]; do sleep 0.01; done");
        assert!(run(folder.path(), &script, seconds(20)).await.status.is_ok());
        assert!(dies(pid_in(&folder.path().join("daemon")).await).await);
    }

    #[tokio::test]
    async fn a_pipe_that_a_child_holds_open_does_not_hold_us() {
        let folder = tempfile::tempdir().unwrap();
        let result = run(folder.path(), "echo said; sleep 1000 &", seconds(500)).await;
        assert_eq!((result.status, result.stdout.text.as_str()), (JobStatus::Ok, "said\n"));
    }

    #[tokio::test]
    async fn a_pipe_held_by_a_process_that_hides_does_not_hold_us_either() {
        let folder = tempfile::tempdir().unwrap();
        let script = "setsid env -i sh -c 'echo $$ > hidden; exec sleep 1000' & \
                      while [ ! -s hidden ]; do sleep 0.01; done; echo said";
        let result = run(folder.path(), script, seconds(500)).await;
        assert_eq!((result.status, result.stdout.text.as_str()), (JobStatus::Ok, "said\n"));
        let hidden = rustix_pid(pid_in(&folder.path().join("hidden")).await);
        rustix::process::kill_process(hidden, rustix::process::Signal::KILL).unwrap();
    }

    fn rustix_pid(pid: u32) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(pid.cast_signed()).unwrap()
    }

    #[tokio::test]
    async fn a_dropped_run_takes_everything_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("{DAEMON} echo $$ > leader; exec sleep 1000");
        let cwd = folder.path().to_path_buf();
        let task = tokio::spawn(async move { run(&cwd, &script, seconds(500)).await });
        let pids = [pid_in(&folder.path().join("leader")).await, pid_in(&folder.path().join("daemon")).await];
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        for pid in pids {
            assert!(dies(pid).await, "{pid} outlived the run");
        }
    }

    #[tokio::test]
    async fn one_job_does_not_end_another() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("{DAEMON} while [ ! -e stop ]; do sleep 0.01; done");
        let cwd = folder.path().to_path_buf();
        let long = tokio::spawn(async move { run(&cwd, &script, seconds(60)).await });
        let daemon = pid_in(&folder.path().join("daemon")).await;
        assert!(run(folder.path(), "true", seconds(20)).await.status.is_ok());
        assert!(lives(daemon));
        std::fs::write(folder.path().join("stop"), "").unwrap();
        assert!(long.await.unwrap().status.is_ok());
    }

    #[tokio::test]
    async fn sweeping_a_marker_kills_all_of_its_jobs() {
        let folder = tempfile::tempdir().unwrap();
        // Another run of these tests on this machine must not be swept.
        let marker = format!("smith-test-swept-{}", std::process::id());
        let sandbox = ChildProcess::new(marker.clone());
        let job = shell(folder.path(), "echo $$ > leader; exec sleep 1000", seconds(500));
        let task = tokio::spawn(async move { sandbox.run(job).await });
        let leader = pid_in(&folder.path().join("leader")).await;
        assert_eq!(ChildProcess::sweep("smith-test-swept"), 0);
        assert!(lives(leader));
        assert!(ChildProcess::sweep(&marker) >= 1);
        assert_eq!(task.await.unwrap().unwrap().status, JobStatus::Signal { signal: 9 });
    }
}
