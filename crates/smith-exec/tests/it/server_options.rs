//! What a client may ask of a session, and what the server imposes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::environment_feedback::fixture;
use crate::environment_fixture::METRIC;
use crate::server_fixture::{Client, Reply, Served};

async fn open(client: &Client, wishes: Value) -> Reply {
    let mut body = json!({"task": "penguins"});
    body.as_object_mut().unwrap().extend(wishes.as_object().unwrap().clone());
    client.post("/v1/sessions", body).await
}

fn path(opened: &Value) -> String {
    format!("/v1/sessions/{}", opened["session"].as_str().unwrap())
}

#[tokio::test]
async fn options_are_honoured_and_told_back() {
    let mut served = Served::new().await;
    let client = &served.client;
    let plain = open(client, json!({"max_seconds": null, "feedback": null, "seed": null, "dialect": null}));
    let plain = plain.await.expect(201);
    let told = |opened: &Value| ["max_seconds", "feedback", "seed", "dialect"].map(|key| opened[key].clone());
    assert_eq!(told(&plain), [json!(null), json!("test"), json!(null), json!("smith")]);
    let wishes = json!({"max_seconds": 900, "feedback": "none", "seed": u64::MAX, "dialect": "smith"});
    let mut printed = Vec::new();
    for _ in 0..2 {
        let opened = open(client, wishes.clone()).await.expect(201);
        assert_eq!(told(&opened), [json!(900.0), json!("none"), json!(u64::MAX), json!("smith")]);
        let session = path(&opened);
        let drawn = client.execute(&session, "import random\nprint(random.random())").await.expect(200);
        let left = drawn["seconds_left"].as_f64().unwrap();
        assert!(left > 0.0 && left < 900.0, "{left}");
        printed.push(drawn["result"]["execution"]["output"].clone());
        let info = client.step(&session, "request_info", json!({"info_type": "metadata"})).await.expect(200);
        let metadata = &info["result"]["data"]["metadata"];
        assert_eq!((&metadata["feedback"], &metadata["seed"]), (&json!("none"), &json!(u64::MAX)));
        let history = client.get(&format!("{session}/history")).await.expect(200);
        assert_eq!(history["records"][0]["seed"], u64::MAX);
    }
    assert_eq!(printed[0], printed[1]);
    let short = path(&open(client, json!({"max_seconds": 0.001})).await.expect(201));
    // The first may come before the time is over.
    client.execute(&short, "import time\ntime.sleep(0.01)").await.expect(200);
    let refused = client.execute(&short, "pass").await.expect(200);
    assert_eq!(refused["result"]["error_type"], "TimeBudgetSpent");
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn wishes_that_do_not_fit_are_refused() {
    let mut served = Served::new().await;
    for (wishes, words) in [
        (json!({"max_seconds": 0}), "max_seconds is 0; this server gives 0.001 to 4294967295"),
        (json!({"max_seconds": -1}), "max_seconds is -1"),
        (json!({"max_seconds": 1e300}), "max_seconds"),
        (json!({"max_seconds": "9"}), "expected f64"),
        (json!({"feedback": "tset"}), "validation:SHARE or none, not \"tset\""),
        (json!({"feedback": "validation:1"}), "above 0 and below 1"),
        (json!({"feedback": 0.5}), "string"),
        (json!({"seed": -1}), "whole number"),
        (json!({"seed": 0.5}), "whole number"),
        (json!({"seed": 1e30}), "whole number"),
        (json!({"dialect": "gym"}), "`mle-dojo`"),
        // The task has four ids.
        (json!({"feedback": "validation"}), "its 4 ids cannot be divided"),
    ] {
        let message = open(&served.client, wishes.clone()).await.refused(400, "bad_request");
        assert!(message.contains(words), "{wishes}: {message}");
    }
    assert_eq!(served.sessions(), 0);
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn a_session_that_cannot_be_opened_leaves_its_place() {
    let mut served = Served::with(|options| options.max_sessions(1)).await;
    for _ in 0..2 {
        open(&served.client, json!({"feedback": "validation"})).await.refused(400, "bad_request");
    }
    served.client.open().await;
    assert_eq!(served.sessions(), 1);
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn nobody_sees_more_than_the_server_shows() {
    let mut served = Served::of(fixture(METRIC), |options| {
        options.feedback("validation:0.4".parse().unwrap()).max_time(Duration::from_secs(60))
    })
    .await;
    let client = &served.client;
    for (wishes, words) in [
        (json!({"feedback": "test"}), "feedback is test; this server shows no more than validation:0.4"),
        (json!({"feedback": "validation"}), "shows no more than validation:0.4"),
        (json!({"max_seconds": 60.1}), "max_seconds is 60.1; this server gives 0.001 to 60"),
    ] {
        let message = open(client, wishes).await.refused(400, "bad_request");
        assert!(message.contains(words), "{message}");
    }
    for (wishes, feedback, seconds) in [
        (json!({}), "validation:0.4", 60.0),
        (json!({"feedback": "validation:0.4", "max_seconds": 30}), "validation:0.4", 30.0),
        (json!({"feedback": "validation:0.3"}), "validation:0.3", 60.0),
        (json!({"feedback": "none", "max_seconds": 60}), "none", 60.0),
    ] {
        let opened = open(client, wishes).await.expect(201);
        assert_eq!((&opened["feedback"], &opened["max_seconds"]), (&json!(feedback), &json!(seconds)));
    }
    served.stop();
    served.ended().await;
}
