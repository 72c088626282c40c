//! Containers: against an engine that a script plays, and against those of this machine where there are any.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use smith_exec::{
    Container, ContainerOptions, ExecError, Guarantee, JobResult, JobStatus, Limits, Policy, Runtime,
    Sandbox, Tier,
};

use crate::jail::{becomes, script, text};

const LAUNCHER: &str = env!("CARGO_BIN_EXE_smith-jail");

fn options() -> ContainerOptions {
    let mut options = ContainerOptions::default();
    options.launcher = Some(LAUNCHER.into());
    options.search_path = std::env::var_os("PATH");
    let wanted = ["HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"];
    options.env = std::env::vars().filter(|(name, _)| wanted.contains(&name.as_str())).collect();
    options
}

/// An engine that a shell script plays. It writes down what it is asked, and answers as `answers` says: the
/// branches of a `case` over the verb.
struct Played {
    folder: tempfile::TempDir,
}

impl Played {
    fn new(answers: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("docker");
        let asked = folder.path().join("asked");
        let script = format!(
            "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\" >> {asked}; done\nenv > {asked}.env\n\
             case $1 in\n{answers}\ninfo) echo '{{\"SecurityOptions\": []}}' ;;\n*) ;;\nesac\n",
            asked = asked.display()
        );
        // Written by another process: a file that is open for writing somewhere cannot be executed.
        let mut file = std::fs::File::create(&program).unwrap();
        file.write_all(script.as_bytes()).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn options(&self) -> ContainerOptions {
        let mut options = options();
        options.engine = Some(self.folder.path().join("docker"));
        options.env = [("DOCKER_HOST".to_owned(), "unix:///played".to_owned())].into();
        options
    }

    async fn run(&self, policy: Policy, job: smith_exec::Job) -> JobResult {
        Container::open(&self.options(), policy).await.unwrap().run(job).await.unwrap()
    }

    fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("asked")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn the_command_line_grants_what_the_job_was_granted_and_nothing_else() {
    let engine = Played::new("create) exit 1 ;;");
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("with:colon");
    std::fs::write(&input, "").unwrap();
    let mut job = script(folder.path(), "true");
    job.readable.push(input.clone());
    job.env.insert("SECRET".to_owned(), "of the job".to_owned());
    job.limits = Limits {
        memory_bytes: 1 << 30,
        processes: 62,
        disk_bytes: 1 << 20,
        cpu: Duration::from_secs(7),
        ..job.limits
    };
    engine.run(Policy::Strict, job).await;
    let asked = engine.asked();
    let work = folder.path().display();
    for word in [
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--pull=never",
        "--ipc=private",
        "--log-driver=none",
        "--memory=1073741824b",
        "--memory-swap=1073741824b",
        "--pids-limit=64",
        "--ulimit=core=0:0",
        "--ulimit=cpu=9:9",
        "--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=1048576,mode=1777",
        "--volume=/usr:/usr:ro",
        &format!("--volume={work}:{work}"),
        &format!("--workdir={work}"),
        &format!("--mount=type=bind,source={0},destination={0},readonly", input.display()),
        "__smith-jail",
    ] {
        assert!(asked.iter().any(|asked| asked == word), "{word} is not in {asked:#?}");
    }
    // Neither as an argument, which others see, nor as a mount.
    assert!(asked.iter().all(|word| !word.contains("of the job") && !word.contains("docker.sock")));
    let environment = std::fs::read_to_string(engine.folder.path().join("asked.env")).unwrap();
    assert!(
        environment.contains("DOCKER_HOST=unix:///played") && !environment.contains("CARGO"),
        "{environment}"
    );
}

#[tokio::test]
async fn what_the_engine_refuses_is_said_and_nothing_is_run() {
    for (answers, said) in [
        ("create) echo 'no such option' >&2; exit 125 ;;", "make the container: no such option"),
        ("start) echo 'crun: no cgroup' >&2; exit 126 ;;", "start the container: crun: no cgroup"),
        // It says that it runs, at a place where nobody can look.
        (
            "start) echo smith-ready 3; read -r never ;;\n\
             inspect) echo '[{\"State\": {\"Running\": true, \"Pid\": 4194305}}]' ;;",
            "not to be seen here",
        ),
        ("start) echo smith-ready 3; read -r never ;;\ninspect) echo rubbish ;;", "inspect the container:"),
    ] {
        for policy in [Policy::Strict, Policy::BestEffort] {
            let engine = Played::new(answers);
            let folder = tempfile::tempdir().unwrap();
            let result = engine.run(policy, script(folder.path(), "touch ran")).await;
            assert_eq!(result.status, JobStatus::SandboxError, "{}", text(&result));
            assert!(result.stderr.text.contains(said), "{}", text(&result));
            assert!(!folder.path().join("ran").exists());
            // Whatever happened, the container is removed.
            let asked = engine.asked();
            assert_eq!(asked.iter().rev().nth(3).map(String::as_str), Some("rm"), "{asked:?}");
        }
    }
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_is_named_with_what_to_do() {
    for (said, remedy) in [
        ("Cannot connect to the Docker daemon at unix:///played", "start the daemon"),
        ("permission denied while trying to connect to the Docker daemon socket", "group `docker`"),
    ] {
        let engine = Played::new(&format!("info) echo '{said}' >&2; exit 1 ;;"));
        let report = Container::probe(&engine.options()).await.unwrap();
        assert!(!report.holds && report.tier == Tier::Container);
        assert!(report.problem.contains(said) && report.remedy.contains(remedy), "{report:?}");
        assert_eq!(report.missing(), Guarantee::ALL);
        let error = Container::open(&engine.options(), Policy::Strict).await.unwrap_err();
        assert!(matches!(error, ExecError::NoSandbox { .. }), "{error}");
    }
    let mut nowhere = options();
    nowhere.search_path = Some("/no/such/place".into());
    let report = Container::probe(&nowhere).await.unwrap();
    assert!(report.remedy.contains("install podman"), "{report:?}");
}

#[tokio::test]
async fn leftovers_of_supervisors_that_are_gone_are_removed_when_one_begins() {
    let namespace: String = std::fs::read_link("/proc/self/ns/pid").unwrap().to_string_lossy().into();
    let namespace: String = namespace.chars().filter(char::is_ascii_digit).collect();
    let gone = format!("smith-{namespace}-4194305-1-0");
    let engine = Played::new(&format!("ps) echo {gone}; echo smith-1-4194305-1-0; echo database ;;"));
    drop(Container::open(&engine.options(), Policy::Strict).await.unwrap());
    let asked = engine.asked();
    let removed: Vec<_> = asked.windows(4).filter(|words| words[0] == "rm").map(|words| &words[3]).collect();
    assert_eq!(removed, [&gone]);
}

/// The engines of this machine that hold. Where there are none it is said, past the capture of the tests.
async fn engines() -> Vec<(String, ContainerOptions)> {
    let mut given = Vec::new();
    for (engine, runtime) in [("podman", None), ("podman", Some("runc")), ("docker", None)] {
        let mut options = options();
        options.engine = Some(PathBuf::from(engine));
        options.runtime = runtime.map(str::to_owned);
        let report = Container::probe(&options).await.unwrap();
        if report.holds {
            given.push((format!("{engine} {runtime:?}"), options));
        } else {
            let skipped = format!("not tested: containers of {engine} {runtime:?}: {}\n", report.problem);
            std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        }
    }
    given
}

#[tokio::test]
async fn each_engine_runs_programs_and_holds_every_guarantee() {
    for (name, options) in engines().await {
        let container = Container::open(&options, Policy::Strict).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let words = "echo hello; env; echo words > file; mkdir -p a; cat /proc/self/status | grep Seccomp_";
        let result = container.run(script(folder.path(), words)).await.unwrap();
        let guards = &result.confinement.guards;
        assert_eq!(result.status, JobStatus::Ok, "{name}: {}", text(&result));
        assert_eq!(guards.missing(), [] as [Guarantee; 0], "{name}");
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "words\n");
        assert!(!result.stdout.text.contains("container=") && !result.stdout.text.contains("HOSTNAME"));
        // What it wrote is ours to remove.
        std::fs::remove_dir(folder.path().join("a")).unwrap();
        for (words, status) in [
            ("exit 3", JobStatus::Exit { code: 3 }),
            ("exit 125", JobStatus::Exit { code: 125 }),
            ("kill -TERM $$", JobStatus::Signal { signal: 15 }),
            ("sleep 600", JobStatus::TimeoutWall),
            ("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", JobStatus::OutputLimit),
            ("exec head -c 1000000 /dev/zero > big", JobStatus::DiskLimit),
            ("while :; do :; done", JobStatus::TimeoutCpu),
        ] {
            let mut job = script(folder.path(), words);
            job.limits.file_bytes = 1 << 16;
            job.limits.output_bytes = 1 << 20;
            match status {
                JobStatus::TimeoutWall => job.limits.wall = Duration::from_secs(1),
                JobStatus::TimeoutCpu => job.limits.cpu = Duration::from_secs(1),
                _ => {}
            }
            let result = container.run(job).await.unwrap();
            assert_eq!(result.status, status, "{name}: {words}: {}", text(&result));
        }
    }
}

#[tokio::test]
async fn a_container_of_a_dropped_run_ends_with_all_of_its_processes() {
    for ((name, options), seconds) in engines().await.into_iter().zip(["86394.5", "86395.5", "86396.5"]) {
        let container = Container::open(&options, Policy::Strict).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let words = format!("(setsid sleep {seconds}; true) & sleep 600");
        let job = script(folder.path(), &words);
        tokio::select! {
            done = container.run(job) => panic!("{name}: {done:?}"),
            begun = becomes(true, seconds) => assert!(begun, "{name} does not begin"),
        }
        assert!(becomes(false, seconds).await, "{name} goes on");
    }
}

/// Which sleep the next test looks for.
const OF_KILLED: [&str; 3] = ["86397.5", "86398.5", "86399.5"];

/// By itself it does nothing: it is the process that the test below kills.
#[tokio::test]
async fn supervises_until_it_is_killed() {
    let Some((_, wanted)) = std::env::vars().find(|(name, _)| name == "SMITH_TEST_SLEEP") else { return };
    let given = engines().await.into_iter().zip(OF_KILLED);
    let ((_, options), seconds) = given.into_iter().find(|(_, seconds)| *seconds == wanted).unwrap();
    let container = Container::open(&options, Policy::Strict).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut job = script(folder.path(), &format!("setsid sleep {seconds} & wait"));
    job.limits.wall = Duration::from_secs(600);
    panic!("{:?}", container.run(job).await);
}

#[tokio::test]
async fn a_container_ends_when_its_supervisor_is_killed() {
    for ((name, _), seconds) in engines().await.into_iter().zip(OF_KILLED) {
        let mut supervisor = supervisor(seconds);
        assert!(becomes(true, seconds).await, "{name} does not begin");
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        assert!(becomes(false, seconds).await, "{name} goes on");
    }
}

#[expect(clippy::disallowed_methods, reason = "a supervisor that can be killed is another process")]
fn supervisor(seconds: &str) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "container::supervises_until_it_is_killed"])
        .env("SMITH_TEST_SLEEP", seconds)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn python_runs_in_containers() {
    let python = smith_exec::testing::runtime().await.python().clone();
    for (name, options) in engines().await {
        let container = Container::open(&options, Policy::Strict).await.unwrap();
        let runtime = Runtime::new(python.clone(), Arc::new(container));
        let folder = tempfile::tempdir().unwrap();
        let code = "import numpy, pandas; print('fine')";
        match runtime.run_code(folder.path(), code, Limits::default()).await {
            Ok(ended) => assert_eq!(ended.stdout.text, "fine\n", "{name}: {}", text(&ended)),
            // As another user a Python in somebody's home cannot be reached.
            Err(error) => assert!(error.to_string().contains("ermi"), "{name}: {error}"),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_granted_is_a_mistake() {
    let engine = Played::new("");
    let folder = tempfile::tempdir().unwrap();
    let container = Container::open(&engine.options(), Policy::Strict).await.unwrap();
    std::fs::create_dir(folder.path().join("a:b,c")).unwrap();
    for awkward in ["a:b,c", "a:b,c/.."] {
        let mut job = script(folder.path(), "true");
        job.readable.push(folder.path().join(awkward));
        assert!(container.run(job).await.unwrap_err().is_mistake(), "{awkward}");
    }
    let mut job = script(Path::new("/tmp"), "true");
    job.argv[0] = "sh".into();
    assert!(container.run(job).await.unwrap_err().is_mistake());
}
