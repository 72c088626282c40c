//! A key is sent to its endpoint and appears nowhere else, whatever the endpoint and the model do with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::datasets;
use crate::endpoint::{Endpoint, Reply, Request};
use crate::program::{Place, run};
use crate::reference::pipeline;
use crate::tree;

pub(crate) const KEY: &str = "sk-test-4f1c9d20a7";

/// A model that looks for the key in the environment of its tools, behind an endpoint that then refuses the key
/// and repeats it.
pub(crate) fn prying() -> Endpoint {
    let asked = AtomicBool::new(false);
    Endpoint::start(Duration::ZERO, move |request: &Request| {
        assert_eq!(request.authorization.as_deref(), Some(format!("Bearer {KEY}").as_str()));
        if asked.swap(true, Ordering::SeqCst) {
            let body = json!({"error": {"message": format!("Incorrect API key provided: {KEY}")}});
            return Reply { status: 401, body };
        }
        let command = json!({"command": "env; cat /proc/self/environ"}).to_string();
        let call =
            json!({"id": "1", "type": "function", "function": {"name": "run_shell", "arguments": command}});
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        let choice = json!({"finish_reason": "tool_calls", "message": message});
        let usage = json!({"prompt_tokens": 700, "completion_tokens": 30});
        Reply { status: 200, body: json!({"model": "prying", "usage": usage, "choices": [choice]}) }
    })
}

#[test]
fn a_refused_key_is_the_callers_mistake_and_is_shown_nowhere() {
    let (place, endpoint) = (Place::new(), prying());
    let (dataset, out, recording) = (place.path("tea"), place.path("run"), place.path("recording.jsonl"));
    datasets::tea(&dataset);
    let mut command = pipeline(&place, &dataset, &endpoint.url(), &out);
    command.env("OPENAI_API_KEY", KEY).env("SMITH_LOG", "trace").arg("--record").arg(&recording);
    let ended = run(&mut command).expect(2);
    ended.says(&["refused the key", "401"]);
    assert_shown_nowhere(&place, &ended.stdout, &ended.stderr);
    assert!(recording.is_file() && tree::holds(&out, "run_shell"), "the prying call was not made");
}

#[test]
fn a_key_in_a_dotenv_file_is_used_and_shown_nowhere() {
    let (place, endpoint) = (Place::new(), prying());
    datasets::tea(&place.path("tea"));
    std::fs::write(place.path("home/.env"), format!("OPENAI_API_KEY={KEY}\n")).unwrap();
    let ended = run(place
        .smith()
        .arg("run-pipeline")
        .arg(place.path("tea"))
        .args(["--model", "openai:gpt-4o", "--base-url", &endpoint.url(), "--json", "--out"])
        .arg(place.path("run")))
    .expect(2);
    ended.says(&["refused the key", "OPENAI_API_KEY"]);
    std::fs::remove_file(place.path("home/.env")).unwrap();
    assert_shown_nowhere(&place, &ended.stdout, &ended.stderr);
}

fn assert_shown_nowhere(place: &Place, stdout: &str, stderr: &str) {
    for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
        assert!(!text.contains(KEY), "the key is in {name}: {text}");
    }
    let with_key: Vec<_> = tree::read(&place.path(""))
        .into_iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(KEY))
        .map(|(name, _)| name)
        .collect();
    assert!(with_key.is_empty(), "the key is in {with_key:?}");
}
