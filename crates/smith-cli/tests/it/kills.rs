//! A run that is killed again and again comes to the same end as one that is left alone.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;
use crate::journals;
use crate::program::{Draw, Place, marked, run};
use crate::reference::{Reference, pipeline, reference};
use crate::tree;

const KILLS: usize = 20;
/// The model takes its time, so that kills also fall between a question and its answer.
const ANSWER: Duration = Duration::from_millis(60);
/// How long a process may take to come as far as it is to be killed.
const PATIENCE: Duration = Duration::from_secs(120);

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// So long after the run has come so far.
    Reached(usize, Duration),
}

/// Moments over the whole run; half of them wherever a process happens to be within its first 1.5 seconds,
/// the others where the run has come a step further.
fn moments(progress: usize) -> Vec<Moment> {
    let mut draw = Draw::new(2026);
    let mut millis = |bound| Duration::from_millis(u64::from(draw.below(bound)));
    // Not beyond nine tenths, so that the run does not end before the last kill.
    let last = progress * 9 / 10;
    (0..KILLS)
        .map(|number| match number % 2 {
            0 => Moment::After(millis(1500)),
            _ => Moment::Reached((number + 1) * last / KILLS, millis(150)),
        })
        .collect()
}

fn wait_for(moment: Moment, run: &Path, process: &mut Child) {
    let started = Instant::now();
    let wait = match moment {
        Moment::After(wait) => wait,
        Moment::Reached(progress, wait) => {
            while journals::progress(run) < progress {
                assert!(started.elapsed() < PATIENCE, "the run does not come to {moment:?}");
                assert!(process.try_wait().unwrap().is_none(), "the run ended before {moment:?}");
                std::thread::sleep(Duration::from_millis(5));
            }
            wait
        }
    };
    std::thread::sleep(wait);
}

fn resumed(mut command: Command, run: &Path) -> Command {
    // A run that was killed before it began is started, not resumed.
    if run.join("run.toml").exists() {
        command.arg("--resume");
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn twenty_kills_change_nothing() {
    let reference = reference();
    let (place, endpoint) = (Place::new(), Endpoint::of_model(ANSWER));
    let out = place.path("run");
    let command = || pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
    for moment in moments(reference.progress) {
        let mut process = resumed(command(), &out).spawn().unwrap();
        wait_for(moment, &out, &mut process);
        assert!(process.try_wait().unwrap().is_none(), "the run ended before {moment:?}");
        process.kill().unwrap();
        process.wait().unwrap();
    }
    let ended = run(command().arg("--resume")).expect(0);
    tree::assert_same(&reference.packages, &tree::read(&out.join("tasks")));
    assert_same_account(reference, &ended.json(), &endpoint);
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
    assert!(marked(&journals::mark(&out)).is_empty(), "processes of the run are left");
}

/// No question is asked in two forms, and the same is paid for as in the unbroken run. What programs printed
/// holds durations, so the questions of two runs cannot be compared by their bytes.
fn assert_same_account(reference: &Reference, summary: &serde_json::Value, endpoint: &Endpoint) {
    assert_eq!(endpoint.answered().len(), reference.answered.len(), "a question was asked in two forms");
    for field in ["model_calls", "cost_usd", "input_tokens", "output_tokens", "verified"] {
        assert_eq!(summary[field], reference.json[field], "{field}");
    }
}
