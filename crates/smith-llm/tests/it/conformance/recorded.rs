//! The list recorded from servers that answer by what they are asked, and played again from the recordings.

use std::path::Path;

use serde_json::Value;
use smith_llm::conformance::{Report, Verdict, record, replay, scenarios};
use smith_llm::{ConnectOptions, LlmError, ModelSpec, RetryPolicy, Secret, Usage};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use super::{Piece, Reply, Wire, wires};
use crate::support::PLANTED_KEY;

/// A model that does what it is asked, behind one wire.
struct Obedient(Box<dyn Wire>);

const USAGE: Usage = Usage {
    input_tokens: 40,
    cached_tokens: 7,
    cache_write_tokens: 0,
    output_tokens: 5,
    reasoning_tokens: 0,
};

impl Respond for Obedient {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (header, key) = self.0.key();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if request.headers.get(header).and_then(|value| value.to_str().ok()) != Some(&key) {
            return self.0.answer(&Reply::Key);
        }
        let in_path = request.url.path().contains("no-such-model");
        if in_path || body["model"].as_str().is_some_and(|model| model.starts_with("no-such-model")) {
            return self.0.answer(&Reply::UnknownModel);
        }
        self.0.answer(&reply(&self.0.read(&body)))
    }
}

fn reply(lines: &[String]) -> Reply {
    let has = |words: &str| lines.iter().any(|line| line.contains(words));
    let call = |path| Piece::Call("ls", path);
    let (pieces, cut) = if has("forty lines") {
        (vec![Piece::Text("Rivers")], true)
    } else if has("schema: n") {
        (vec![Piece::Text(r#"{"n":8}"#)], false)
    } else if has("17 times 23") {
        (vec![Piece::Thought, Piece::Text("391")], false)
    } else if !has("tool: ls") || has("result: ") {
        (vec![Piece::Text("Hello.")], false)
    } else if has("say in one sentence") {
        (vec![Piece::Thought, call(r#"{"path":"."}"#)], false)
    } else if has("both calls") {
        (vec![call(r#"{"path":"a"}"#), call(r#"{"path":"b"}"#)], false)
    } else {
        (vec![call(r#"{"path":"."}"#)], false)
    };
    Reply::Says { pieces, cut, usage: USAGE }
}

async fn serving(wire: Box<dyn Wire>) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(matchers::method("POST")).respond_with(Obedient(wire)).mount(&server).await;
    server
}

fn options(server: &MockServer) -> ConnectOptions {
    ConnectOptions {
        base_url: Some(server.uri()),
        api_key: Some(Secret::new(PLANTED_KEY)),
        retry: RetryPolicy { max_attempts: 1, ..RetryPolicy::default() },
        ..ConnectOptions::default()
    }
}

fn verdicts(reports: &[Report]) -> Vec<(&'static str, &Verdict)> {
    reports.iter().map(|report| (report.scenario, &report.verdict)).collect()
}

#[tokio::test]
async fn every_dialect_is_recorded_and_played_again_without_a_server() {
    for wire in wires() {
        let (spec, place): (ModelSpec, _) = (wire.spec().parse().unwrap(), wire.spec());
        let folder = tempfile::tempdir().unwrap();
        let server = serving(wire).await;
        let reports = record(&spec, &options(&server), folder.path(), &[]).await.unwrap();
        assert_eq!(reports.len(), scenarios().len(), "{place}");
        let skipped: Vec<_> =
            reports.iter().filter(|report| matches!(report.verdict, Verdict::Skipped(_))).collect();
        let names: Vec<_> = skipped.iter().map(|report| report.scenario).collect();
        assert_eq!(
            names,
            [
                "refusal",
                "empty answer",
                "malformed arguments",
                "the conversation is too long",
                "the quota is used up",
                "a rate limit says when it ends",
                "the endpoint is overloaded"
            ],
            "{place}: {skipped:?}"
        );
        for report in &reports {
            assert!(!matches!(report.verdict, Verdict::Differs(_)), "{place}: {report:?}");
            assert_eq!(report.file.is_some(), report.verdict == Verdict::AsExpected, "{place}: {report:?}");
        }
        assert_eq!(reports[0].usage, USAGE, "{place}");
        drop(server);
        let again = replay(folder.path()).await.unwrap();
        let live: Vec<_> =
            verdicts(&reports).into_iter().filter(|(_, verdict)| **verdict == Verdict::AsExpected).collect();
        assert_eq!(verdicts(&again), live, "{place}");
        scrubbed(folder.path(), place);
    }
}

/// Neither the key nor the address nor what names a request is in any recording.
fn scrubbed(folder: &Path, place: &str) {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for secret in [PLANTED_KEY, "127.0.0.1", "chatcmpl-1", "resp_1", "msg_1", "req_1"] {
            assert!(!text.contains(secret), "{place}: {secret} is in {}", path.display());
        }
        assert_eq!(path.extension().unwrap(), "jsonl", "{place}");
        files += 1;
    }
    assert_eq!(files, scenarios().len() - 7, "{place}");
}

#[tokio::test]
async fn one_scenario_is_chosen_by_its_name_and_takes_the_place_of_its_recording() {
    let (folder, server) = (tempfile::tempdir().unwrap(), serving(Box::new(super::gemini::Gemini)).await);
    let spec: ModelSpec = "gemini:m".parse().unwrap();
    let names = vec!["cut by length".to_owned()];
    for _ in 0..2 {
        let reports = record(&spec, &options(&server), folder.path(), &names).await.unwrap();
        assert_eq!(verdicts(&reports), [("cut by length", &Verdict::AsExpected)]);
    }
    let all: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(all, ["cut-by-length.jsonl"]);
    let unknown = record(&spec, &options(&server), folder.path(), &["no such".to_owned()]).await;
    assert!(
        matches!(unknown, Err(LlmError::Mistake(text)) if text.contains("the scenarios are: plain answer; "))
    );
}

#[tokio::test]
async fn an_endpoint_that_does_otherwise_differs_or_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let server = MockServer::start().await;
    let silent = Reply::Says { pieces: Vec::new(), cut: false, usage: USAGE };
    let wire = super::anthropic::Anthropic;
    Mock::given(matchers::any()).respond_with(wire.answer(&silent)).mount(&server).await;
    let spec: ModelSpec = wire.spec().parse().unwrap();
    let reports = record(&spec, &options(&server), folder.path(), &[]).await.unwrap();
    let of = |name: &str| &reports.iter().find(|report| report.scenario == name).unwrap().verdict;
    assert!(
        matches!(of("plain answer"), Verdict::Differs(why) if why.contains("no text")),
        "{:?}",
        of("plain answer")
    );
    assert!(matches!(of("one tool call"), Verdict::Skipped(_)));
    assert_eq!(*of("the key is refused"), Verdict::Skipped("the endpoint takes any key".into()));
    let again = replay(folder.path()).await.unwrap();
    assert!(
        again
            .iter()
            .any(|report| report.scenario == "plain answer" && matches!(report.verdict, Verdict::Differs(_)))
    );

    // Dropped early, it would leave its port to another test's server.
    let strict = serving(Box::new(wire)).await;
    let wrong = ConnectOptions { api_key: Some(Secret::new("another")), ..options(&strict) };
    let refused = record(&spec, &wrong, folder.path(), &[]).await;
    assert!(
        matches!(&refused, Err(LlmError::Mistake(text)) if text.contains("refused the key")),
        "{refused:?}"
    );
}

/// Recordings that somebody with keys made: one folder a dialect and model. There may be none.
#[tokio::test]
async fn what_was_recorded_from_live_endpoints_is_still_understood() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire/recorded");
    let Ok(folders) = std::fs::read_dir(&all) else { return };
    for folder in folders {
        let folder = folder.unwrap().path();
        for report in replay(&folder).await.unwrap() {
            assert_eq!(report.verdict, Verdict::AsExpected, "{}: {}", folder.display(), report.scenario);
        }
    }
}
