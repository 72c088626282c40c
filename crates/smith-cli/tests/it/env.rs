//! `smith env`: a server is started, used, ended and killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::program::{Place, run};

const METRIC: &str = "\
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class TeaMetrics(CompetitionMetrics):
    def __init__(self, value: str = 'tea', higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true, y_pred):
        return float((y_true[self.value] == y_pred[self.value]).mean())

    def validate_submission(self, submission, ground_truth):
        if list(submission.columns) != list(ground_truth.columns):
            raise InvalidSubmissionError('other columns')
        return 'Submission is valid.'
";

/// How long a process may take to come so far.
const PATIENCE: Duration = Duration::from_secs(120);

/// A small task in `home/NAME`.
fn task(place: &Place, name: &str) -> PathBuf {
    let root = place.path("home").join(name);
    for folder in ["data/public", "data/private", "data/raw"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
    write("metric.py", METRIC);
    write("prepare.py", "def prepare(raw, public, private):\n    pass\n");
    write("description.txt", "Tell the tea.\n");
    write("data/public/description.txt", "Tell the tea.\n");
    write("data/public/sample_submission.csv", "id,tea\n1,green\n2,green\n");
    write("data/private/test_answer.csv", "id,tea\n1,green\n2,black\n");
    root
}

/// A server that is killed when it is dropped.
struct Serving {
    process: Child,
    said: Value,
}

impl Serving {
    fn start(command: &mut Command) -> Self {
        let mut process = command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { process, said }
    }

    fn url(&self) -> &str {
        self.said["url"].as_str().unwrap()
    }

    /// Sends a request and comes back with the stream, on which the answer will be.
    fn send(&self, method: &str, path: &str, body: &Value) -> TcpStream {
        let address = self.url().strip_prefix("http://").unwrap();
        let body = body.to_string();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer \
             correct-horse-battery\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream
    }

    /// The body of the answer, whatever its code.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        answer(self.send(method, path, body))
    }

    /// The path of a new session.
    fn open(&self) -> String {
        let opened = self.ask("POST", "/v1/sessions", &json!({"task": "tea"}));
        format!("/v1/sessions/{}", opened["session"].as_str().unwrap_or_else(|| panic!("{opened}")))
    }

    fn execute(&self, session: &str, code: &str) -> TcpStream {
        let step = json!({"action": "execute_code", "arguments": {"code": code}});
        self.send("POST", &format!("{session}/step"), &step)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn answer(mut stream: TcpStream) -> Value {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn serve(place: &Place, tasks: &[&Path]) -> Command {
    let mut command = place.smith();
    command.arg("env").args(tasks).args(["--port", "0", "--workdir"]).arg(place.path("work"));
    command
}

/// Directories of servers.
fn homes(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path("work")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Whether a process has `word` in its command line. A grader, which lives longer, has none of a script.
fn is_running(word: &str) -> bool {
    let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.any(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|it| it == word.as_bytes())
    })
}

/// Processes that have `word` in their command line, or a file of `place` as their directory or program.
fn processes(place: &Place, word: &str) -> Vec<String> {
    let inside = |path: PathBuf| std::fs::read_link(path).is_ok_and(|to| to.starts_with(place.path("work")));
    let lines = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let process = entry.path();
        let line = std::fs::read(process.join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let work = place.path("work");
        let is_ours = line.split(' ').any(|it| it == word)
            || line.contains(&*work.to_string_lossy()) && !line.contains(" env ")
            || inside(process.join("cwd"));
        is_ours.then(|| format!("{} {line}", process.display()))
    });
    lines.collect()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it does not come to this: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Leaves processes of its own, one of them in a session of its own, and does not end.
fn endless(seconds: &str) -> String {
    format!(
        "import os, subprocess, time\n\
         subprocess.Popen(['sleep', '{seconds}'], start_new_session=True)\n\
         for _ in range(3):\n    os.fork()\n\
         time.sleep(600)\n"
    )
}

const GREEN: &str = "open('submission.csv', 'w').write('id,tea\\n1,green\\n2,black\\n')";

#[test]
fn a_kill_in_the_middle_of_an_episode_leaves_nothing_behind() {
    const SECONDS: &str = "86371.5";
    let place = Place::new();
    let task = task(&place, "tea");
    let mut killed = Serving::start(&mut serve(&place, &[&task]));
    let (session, other) = (killed.open(), killed.open());
    // So that there is a grader, where the sandbox has them.
    assert_eq!(answer(killed.execute(&other, GREEN))["current_raw_score"], 1.0);
    let _step = killed.execute(&session, &endless(SECONDS));
    until("the script runs", || is_running(SECONDS));
    let left = homes(&place);
    assert_eq!(left.len(), 1);
    killed.signal(Signal::KILL);
    killed.process.wait().unwrap();
    let began = Instant::now();
    while !processes(&place, SECONDS).is_empty() {
        let seconds = began.elapsed().as_secs();
        assert!(seconds < 20, "these are left: {:#?}", processes(&place, SECONDS));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(homes(&place), left, "files cannot remove themselves");

    let living = Serving::start(&mut serve(&place, &[&task]));
    assert!(!left[0].exists(), "the files of the killed server are left");
    let session = living.open();
    let beside = Serving::start(&mut serve(&place, &[&task]));
    assert_eq!(homes(&place).len(), 2);
    assert_eq!(
        answer(living.execute(&session, GREEN))["current_raw_score"],
        1.0,
        "a living server was disturbed"
    );
    drop(beside);
    assert_eq!(std::fs::read_dir(place.path("tmp")).unwrap().count(), 0, "temporary files are left");
}

#[test]
fn both_signals_end_it_in_order() {
    for (signal, seconds) in [(Signal::INT, "86372.5"), (Signal::TERM, "86373.5")] {
        let place = Place::new();
        let task = task(&place, "tea");
        let mut serving = Serving::start(&mut serve(&place, &[&task]));
        let session = serving.open();
        let step = serving.execute(&session, &endless(seconds));
        until("the script runs", || is_running(seconds));
        serving.signal(signal);
        assert_eq!(answer(step)["error"]["kind"], "shutting_down");
        assert_eq!(serving.process.wait().unwrap().code(), Some(0));
        assert_eq!(homes(&place), Vec::<PathBuf>::new());
        until("its processes end", || processes(&place, seconds).is_empty());
    }
}

#[test]
fn it_says_where_it_serves_what_and_to_whom() {
    let place = Place::new();
    let (one, other) = (task(&place, "tea"), task(&place, "more/tea"));
    std::fs::write(place.path("home/token"), "correct-horse-battery\n").unwrap();
    let mut command = serve(&place, &[&one, &other]);
    command.args(["--token-file", "token", "--host", "0.0.0.0", "--max-steps", "5"]);
    let serving = Serving::start(command.args(["--max-seconds", "900", "--feedback", "none"]));
    assert!(serving.url().starts_with("http://0.0.0.0:"), "{}", serving.said);
    let tasks = json!([
        {"id": "tea", "name": "tea", "higher_is_better": true},
        {"id": "tea-2", "name": "tea", "higher_is_better": true},
    ]);
    assert_eq!((&serving.said["tasks"], &serving.said["token_required"]), (&tasks, &json!(true)));
    assert_eq!(serving.ask("GET", "/v1/tasks", &Value::Null)["tasks"], tasks);
    let opened = serving.ask("POST", "/v1/sessions", &json!({"task": "tea-2"}));
    assert_eq!((&opened["max_steps"], &opened["max_seconds"]), (&json!(5), &json!(900.0)));
    assert_eq!(opened["feedback"], "none");
    let more = serving.ask("POST", "/v1/sessions", &json!({"task": "tea-2", "feedback": "test"}));
    assert_eq!(more["error"]["kind"], "bad_request");
    drop(serving);

    let mut plain = serve(&place, &[&one]);
    let mut process = plain.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    kill_process(Pid::from_child(&process), Signal::TERM).unwrap();
    assert!(process.wait().unwrap().success());
    let port = line.strip_prefix("http://127.0.0.1:").and_then(|port| port.strip_suffix('\n'));
    assert!(port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)), "{line:?}");
}

#[test]
fn mistakes_are_said_at_the_start() {
    let place = Place::new();
    let task = task(&place, "tea");
    std::fs::create_dir(place.path("home/thesis")).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused: &[(&[&str], &[&str])] = &[
        (&["nowhere"], &["nowhere"]),
        (&["tea", "thesis"], &["thesis is not a task"]),
        (&["tea", "--port", &port], &["taken by another program", &port]),
        (&["tea", "--host", "0.0.0.0"], &["token", "127.0.0.1"]),
        (&["tea", "--token-env", "NO_SUCH_TOKEN"], &["--token-env NO_SUCH_TOKEN", "not set"]),
        (&["tea", "--token-file", "none"], &["--token-file none"]),
        (&["tea", "--token-file", "tea/description.txt"], &["16", "characters"]),
        (&["tea", "--max-sessions", "0"], &["sessions", "at least 1"]),
        (&["tea", "--max-steps", "0"], &["steps", "at least 1"]),
        (&["tea", "--max-seconds", "0"], &["seconds for a session", "at least 1"]),
        (&["tea", "--max-seconds=-1"], &["--max-seconds"]),
        (&["tea", "--feedback", "tset"], &["--feedback", "validation:SHARE", "tset"]),
        (&["tea", "--feedback", "validation:1"], &["above 0 and below 1"]),
        (&["tea", "--idle-minutes=-1"], &["--idle-minutes"]),
        (&["tea", "--time-limit", "0"], &["script", "at least 1"]),
    ];
    for (arguments, parts) in refused {
        let ended = run(place.smith().arg("env").args(*arguments)).expect(2);
        ended.says(parts);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
    std::fs::write(task.join("metric.py"), "raise RuntimeError('cold')\n").unwrap();
    run(&mut serve(&place, &[&task])).expect(2).says(&["tea cannot be served", "cold"]);
    assert_eq!(homes(&place), Vec::<PathBuf>::new());
    let ended = run(place.smith().arg("env")).expect(2);
    assert!(ended.stderr.contains("TASK"), "{}", ended.stderr);
}
