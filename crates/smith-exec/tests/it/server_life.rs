//! Sessions that are used by several at once, given up, forgotten, or cut short.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::environment_fixture::{HALF_RIGHT, MOSTLY_RIGHT, predicting};
use crate::jail::becomes;
use crate::server_fixture::{Client, Reply, Served};

/// A script that leaves a process of its own beside it, which can be told by `seconds`, and does not end.
fn endless(seconds: &str) -> String {
    format!(
        "import subprocess, time\nsubprocess.Popen(['sleep', '{seconds}'], start_new_session=True)\ntime.sleep(600)"
    )
}

pub(crate) async fn begin(client: &Client, session: &str, seconds: &str) -> tokio::task::JoinHandle<Reply> {
    let (client, session, code) = (client.clone(), session.to_owned(), endless(seconds));
    let step = tokio::spawn(async move { client.execute(&session, &code).await });
    assert!(becomes(true, seconds).await, "the script does not begin");
    step
}

#[tokio::test]
async fn a_session_takes_one_step_after_the_other_and_is_closed_in_the_middle_of_one() {
    let mut served = Served::new().await;
    let client = &served.client;
    let (session, other) = (client.open().await, client.open().await);
    let step = begin(client, &session, "86381.5").await;
    client.execute(&session, "pass").await.refused(409, "busy");
    client.step(&session, "get_history", json!({})).await.refused(409, "busy");
    client.get(&format!("{session}/history")).await.refused(409, "busy");
    let state = client.get(&session).await.expect(200);
    assert_eq!((&state["state"], &state["steps_used"]), (&json!("running"), &json!(0)));
    // Another session is not concerned.
    let scored = client.execute(&other, &predicting(MOSTLY_RIGHT)).await.expect(200);
    assert_eq!(scored["current_raw_score"], 0.75);
    assert_eq!(client.delete(&session).await.expect(200)["state"], "closed");
    step.await.unwrap().refused(410, "closed");
    assert!(becomes(false, "86381.5").await, "the script goes on");
    assert_eq!(served.sessions(), 1);
    client.execute(&other, &predicting(HALF_RIGHT)).await.expect(200);
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn a_step_whose_client_hangs_up_comes_to_its_end() {
    let mut served = Served::new().await;
    let client = &served.client;
    let session = client.open().await;
    let code = "import time\ntime.sleep(1)\n".to_owned() + &predicting(MOSTLY_RIGHT);
    let body = json!({"action": "execute_code", "arguments": {"code": code}}).to_string();
    let mut stream = TcpStream::connect(client.address).await.unwrap();
    stream.write_all(client.text("POST", &format!("{session}/step"), Some(&body)).as_bytes()).await.unwrap();
    until(async || client.get(&session).await.expect(200)["state"] == "running").await;
    drop(stream);
    until(async || client.get(&session).await.expect(200)["state"] == "idle").await;
    let state = client.get(&session).await.expect(200);
    assert_eq!((&state["steps_used"], &state["best_raw_score"]), (&json!(1), &json!(0.75)));
    assert_eq!(state["last_observation"]["current_raw_score"], 0.75);
    let next = client.execute(&session, &predicting(HALF_RIGHT)).await.expect(200);
    assert_eq!((&next["steps_used"], &next["best_raw_score"]), (&json!(2), &json!(0.75)));
    served.stop();
    served.ended().await;
}

pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come so far");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn idle_sessions_are_closed_and_busy_ones_are_not() {
    let mut served = Served::with(|options| options.idle_timeout(Duration::from_millis(1500))).await;
    let client = &served.client;
    let (idle, busy) = (client.open().await, client.open().await);
    let sleeping = "import time\ntime.sleep(4)\n".to_owned() + &predicting(MOSTLY_RIGHT);
    let scored = client.execute(&busy, &sleeping).await.expect(200);
    assert_eq!(scored["current_raw_score"], 0.75);
    client.get(&busy).await.expect(200);
    client.get(&idle).await.refused(410, "expired");
    client.execute(&idle, "pass").await.refused(410, "expired");
    // Being looked at is no activity.
    until(async || client.get(&busy).await.status == 410).await;
    until(async || served.sessions() == 0).await;
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn there_is_room_for_so_many_sessions() {
    let mut served = Served::with(|options| options.max_sessions(2)).await;
    let client = &served.client;
    let (first, _second) = (client.open().await, client.open().await);
    let full = client.post("/v1/sessions", json!({"task": "penguins"})).await;
    assert!(full.head.contains("\nretry-after: 60\r"), "{}", full.head);
    assert!(full.refused(429, "too_many_sessions").contains("all 2 sessions"));
    client.delete(&first).await.expect(200);
    client.open().await;
    client.post("/v1/sessions", json!({"task": "penguins"})).await.refused(429, "too_many_sessions");
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn a_server_that_ends_kills_what_runs_and_tells_who_waits() {
    let mut served = Served::new().await;
    let session = served.client.open().await;
    let step = begin(&served.client, &session, "86382.5").await;
    served.client.open().await;
    served.stop();
    step.await.unwrap().refused(503, "shutting_down");
    assert!(becomes(false, "86382.5").await, "the script goes on");
    let address = served.client.address;
    served.ended().await;
    assert!(TcpStream::connect(address).await.is_err(), "somebody still listens");
}

#[tokio::test]
async fn what_scripts_leave_behind_is_removed_with_the_session() {
    let mut served = Served::new().await;
    let client = &served.client;
    let session = client.open().await;
    let vandal = "import os\nfor level in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\n    open('f', 'w')\n    \
                  if level % 10 == 0:\n        os.chmod('.', 0o300)";
    client.execute(&session, vandal).await.expect(200);
    client.delete(&session).await.expect(200);
    assert_eq!(served.sessions(), 0);
    served.stop();
    served.ended().await;
}
