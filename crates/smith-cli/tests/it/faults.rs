//! Faults of the machine and the network: exit code 3, a line that says what to do, and a run that goes on.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::endpoint::{Endpoint, url_of_nobody};
use crate::journals;
use crate::program::{Place, run};
use crate::reference::{pipeline, reference};
use crate::tree;

#[test]
fn an_endpoint_that_is_down_is_named() {
    let (place, url) = (Place::new(), url_of_nobody());
    let ended = run(&mut pipeline(&place, &reference().dataset(), &url, &place.path("run"))).expect(3);
    assert!(ended.stderr.contains(&url) && ended.stderr.contains("is the endpoint up?"), "{}", ended.stderr);
    assert_eq!(ended.json()["model_calls"], json!(0));
}

/// Stands for a full disk: no file of the process may become larger than some blocks of 512 bytes.
fn with_full_disk(place: &Place, blocks: u32, command: &Command) -> Command {
    let mut shell = place.command("sh");
    // Ignored, the signal becomes the error that a full disk is.
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_run_and_is_whole_afterwards() {
    let reference = reference();
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::ZERO));
    let out = place.path("run");
    let mut command = pipeline(&place, &reference.dataset(), &endpoint.url(), &out);
    command.args(["--candidates", "1"]);
    let ended = run(&mut with_full_disk(&place, blocks_before_the_end(&reference.run()), &command)).expect(3);
    ended.says(&["journal.jsonl", "cannot be written", "resume"]);
    // Reading them fails where one is torn.
    let decided = journals::events(&out).values().flatten().any(|event| event["type"] == "candidate_closed");
    assert!(!decided && tree::read(&out.join("tasks")).is_empty());

    let finished = run(command.arg("--resume")).expect(0).json();
    assert_eq!(finished["verified"], json!(1), "{finished:#}");
    assert_eq!(journals::paid_twice(&out), Vec::<String>::new());
}

/// Less than the first candidate's journal needs, and more than every other file: those of scored submissions too.
fn blocks_before_the_end(run: &Path) -> u32 {
    let bytes = std::fs::metadata(run.join("candidates/tea/1/journal.jsonl")).unwrap().len();
    u32::try_from(bytes / 512 * 9 / 10).unwrap()
}
