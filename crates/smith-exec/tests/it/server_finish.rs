//! The end of a session, and that what it says is told nowhere before.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::environment_feedback::{ROWS, code, fixture, has_number, rows};
use crate::environment_fixture::{METRIC, MOSTLY_RIGHT, predicting};
use crate::server_fixture::{Client, Served};
use crate::server_life::{begin, until};

/// Which rows the submissions have right; the second is the best.
const PREDICTIONS: [fn(usize) -> bool; 3] = [|row| row % 4 != 0, |row| row % 7 != 0, |row| row % 2 != 0];

fn share(right: fn(usize) -> bool) -> f64 {
    (0..ROWS).filter(|row| right(*row)).count() as f64 / ROWS as f64
}

async fn open(client: &Client, feedback: &str) -> String {
    let wish = json!({"task": "penguins", "feedback": feedback, "seed": 5});
    let opened = client.post("/v1/sessions", wish).await.expect(201);
    format!("/v1/sessions/{}", opened["session"].as_str().unwrap())
}

async fn finish(client: &Client, session: &str) -> Value {
    client.ask("POST", &format!("{session}/finish"), None).await.expect(200)
}

/// Everything that the routes answer while an agent submits.
async fn play(client: &Client, session: &str) -> String {
    let mut seen = String::new();
    for right in PREDICTIONS {
        let observation = client.execute(session, &code(right)).await.expect(200);
        assert_eq!(observation["action_status"], "SUCCESS", "{observation}");
        seen += &observation.to_string();
    }
    for (action, arguments) in [
        ("request_info", json!({})),
        ("get_history", json!({})),
        ("execute_code", json!({"code": "raise ValueError"})),
        ("execute_code", json!({"code": "open('submission.csv', 'w').write('id,species\\np0,a\\n')"})),
        ("nonsense", json!({})),
    ] {
        seen += &client.step(session, action, arguments).await.expect(200).to_string();
    }
    for path in [session.to_owned(), format!("{session}/history"), "/v1/tasks".to_owned()] {
        seen += &client.get(&path).await.expect(200).to_string();
    }
    seen
}

#[tokio::test]
async fn in_each_mode_the_end_tells_what_was_hidden() {
    let mut served = Served::of(fixture(METRIC), |options| options).await;
    let client = &served.client;
    for (mode, counts) in [("test", 2), ("validation", 2), ("none", 3)] {
        let session = open(client, mode).await;
        let seen = play(client, &session).await;
        assert!(!seen.contains(&rows(|_| true)) && seen.contains("\"final_score\":null"), "{seen}");
        let score = finish(client, &session).await;
        assert_eq!((&score["feedback"], &score["seed"]), (&json!(mode), &json!(5)));
        let (submission, last) = (&score["submission"], &score["last"]);
        assert_eq!((&submission["step"], &last["step"]), (&json!(counts), &json!(3)), "{mode}");
        let number = |value: &Value| value.as_f64().unwrap();
        let hidden = match mode {
            "test" => {
                assert_eq!(number(&submission["score"]), share(PREDICTIONS[1]));
                assert!(has_number(&seen, share(PREDICTIONS[1])), "the scan finds nothing");
                Vec::new()
            }
            "validation" => {
                assert!(has_number(&seen, number(&submission["validation_score"])));
                vec![
                    number(&submission["score"]),
                    number(&last["score"]),
                    share(PREDICTIONS[1]),
                    share(PREDICTIONS[2]),
                ]
            }
            _ => {
                assert_eq!(number(&submission["score"]), share(PREDICTIONS[2]));
                PREDICTIONS.map(share).to_vec()
            }
        };
        for number in hidden {
            assert!(!has_number(&seen, number), "{mode}: {number} in {seen}");
        }
        is_finished(client, &session, &score).await;
    }
    served.stop();
    served.ended().await;
}

/// Holds a session to its end.
async fn is_finished(client: &Client, session: &str, score: &Value) {
    for action in ["request_info", "execute_code", "get_history", "reset", "nonsense"] {
        let refused = client.step(session, action, json!({"code": "pass"})).await.expect(200);
        assert_eq!(refused["action_status"], "FAILED");
        assert_eq!(refused["result"]["error_type"], "SessionFinished");
        assert_eq!(refused["steps_used"], 7);
    }
    assert_eq!(&finish(client, session).await, score);
    let state = client.get(session).await.expect(200);
    assert_eq!((&state["state"], &state["final_score"]), (&json!("finished"), score));
    assert_eq!(client.get(&format!("{session}/history")).await.expect(200)["records"][2]["step"], 3);
    let last = client.delete(session).await.expect(200);
    assert_eq!((&last["state"], &last["final_score"]), (&json!("closed"), score));
    client.ask("POST", &format!("{session}/finish"), None).await.refused(410, "closed");
}

#[tokio::test]
async fn it_waits_for_no_step_and_for_no_client() {
    let mut served = Served::of(fixture(METRIC), |options| options).await;
    let client = &served.client;
    let busy = client.open().await;
    let step = begin(client, &busy, "86383.5").await;
    client.ask("POST", &format!("{busy}/finish"), None).await.refused(409, "busy");
    client.delete(&busy).await.expect(200);
    step.await.unwrap().refused(410, "closed");

    let session = open(client, "validation").await;
    client.execute(&session, &code(PREDICTIONS[0])).await.expect(200);
    let mut stream = TcpStream::connect(client.address).await.unwrap();
    let request = client.text("POST", &format!("{session}/finish"), None);
    stream.write_all(request.as_bytes()).await.unwrap();
    until(async || client.get(&session).await.expect(200)["state"] != "idle").await;
    drop(stream);
    until(async || client.get(&session).await.expect(200)["state"] == "finished").await;
    let state = client.get(&session).await.expect(200);
    assert_eq!(state["final_score"]["submission"]["step"], 1);
    assert_eq!(state["last_observation"]["steps_used"], 1);
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn a_session_with_spent_bytes_or_without_submissions_has_an_end_too() {
    let mut served = Served::with(|options| options.bytes(10_000, 1_000)).await;
    let client = &served.client;
    let session = client.open().await;
    let body = predicting(MOSTLY_RIGHT) + &"#".repeat(2_000);
    client.execute(&session, &body).await.refused(413, "session_too_large");
    let score = finish(client, &session).await;
    assert_eq!((&score["submission"], &score["last"]), (&Value::Null, &Value::Null));
    client.ask("POST", "/v1/sessions/x/finish", None).await.refused(404, "no_such_session");
    client.get(&format!("{session}/finish")).await.refused(405, "method_not_allowed");
    served.stop();
    served.ended().await;
}
