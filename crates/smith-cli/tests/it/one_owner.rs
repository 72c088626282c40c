//! One directory, one run, one process at a time.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::endpoint::Endpoint;
use crate::journals;
use crate::program::{Ended, Place, marked, run};
use crate::reference::{pipeline, reference};
use crate::tree;

/// Decisive events after which the run is well under way and far from its end.
const UNDER_WAY: usize = 6;

#[test]
fn an_interrupted_run_belongs_to_nobody_else_and_goes_on_with_its_own_settings() {
    let reference = reference();
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::from_millis(60)));
    let out = place.path("run");
    let command = || {
        let mut command = pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
        command.args(["--candidates", "1"]);
        command
    };

    let mut first = command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_under_way(&out, &mut first);
    run(command().arg("--resume")).expect(2).says(&["another process", "another --out"]);
    run(&mut command()).expect(2).says(&["already holds a run", "--resume"]);

    interrupt(&first);
    let interrupted = Ended::from(first.wait_with_output().unwrap()).expect(3);
    interrupted.says(&["interrupted", "--resume"]);
    assert_eq!(interrupted.json()["candidates"], json!(1));
    assert!(marked(&journals::mark(&out)).is_empty(), "processes of the run are left");
    let kept = tree::read(&out);

    run(&mut command()).expect(2).says(&["already holds a run", "--resume"]);
    run(command().args(["--resume", "--max-steps", "7", "--temperature", "0.5", "--seed", "5"]))
        .expect(2)
        .says(&[
            "other settings",
            "max_steps (run: 30, now: 7)",
            "temperature (run: nothing, now: 0.5)",
            "seed (run: nothing, now: 5)",
        ]);
    tree::assert_same(&kept, &tree::read(&out));

    let finished = run(command().arg("--resume")).expect(0).json();
    assert_eq!(finished["verified"], json!(1), "{finished:#}");
    let asked = endpoint.answered().values().sum::<u32>();
    let again = run(command().arg("--resume")).expect(0).json();
    assert_eq!(again["model_calls"], finished["model_calls"]);
    assert_eq!(endpoint.answered().values().sum::<u32>(), asked, "a finished run asked again");
}

fn wait_until_under_way(run: &Path, process: &mut Child) {
    let started = Instant::now();
    while journals::progress(run) < UNDER_WAY {
        assert!(started.elapsed() < Duration::from_secs(120), "the run does not get under way");
        assert!(process.try_wait().unwrap().is_none(), "the run ended");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What Ctrl-C does.
fn interrupt(process: &Child) {
    kill_process(Pid::from_child(process), Signal::INT).unwrap();
}
