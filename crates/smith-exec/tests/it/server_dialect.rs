//! Agents made for MLE-Dojo, and what they read.

use serde_json::{Value, json};

use crate::environment_fixture::{HALF_RIGHT, MOSTLY_RIGHT, predicting};
use crate::server_fixture::{Client, Served};

/// Does what an agent made for MLE-Dojo does: it gives `params`, and takes a pair.
struct Dojo<'a> {
    client: &'a Client,
    session: String,
}

impl<'a> Dojo<'a> {
    async fn make(client: &'a Client) -> Self {
        let wish = json!({"task": "penguins", "dialect": "mle-dojo"});
        let opened = client.post("/v1/sessions", wish).await.expect(201);
        assert_eq!(opened["dialect"], "mle-dojo");
        Self { client, session: format!("/v1/sessions/{}", opened["session"].as_str().unwrap()) }
    }

    async fn step(&self, action: &str, params: Value) -> (Value, f64) {
        let body = json!({"action": action, "params": params});
        let pair = self.client.post(&format!("{}/step", self.session), body).await.expect(200);
        (pair["observation"].clone(), pair["reward"].as_f64().unwrap())
    }

    /// What such an agent shows its model of a step, and the reward.
    async fn turn(&self, action: &str, params: Value) -> (String, String, f64) {
        let (observation, reward) = self.step(action, params).await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{observation}")).to_owned();
        (text(&observation["action_status"]), text(&observation["feedback"]["base"]["feedback"]), reward)
    }
}

#[tokio::test]
async fn every_step_answers_observation_and_reward() {
    let mut served = Served::new().await;
    let client = &served.client;
    let dojo = Dojo::make(client).await;
    for (action, params, status, words, reward) in [
        ("request_info", json!({"info_type": "overview"}), "SUCCESS", "Predict the species", 0.0),
        ("request_info", json!({}), "SUCCESS", "data_structure:", 0.0),
        ("request_info", json!({"info_type": "x"}), "FAILED", "info_type is one of", 0.0),
        ("validate_code", json!({"code": "print(7)"}), "SUCCESS", "Syntax check successful", 0.0),
        ("validate_code", json!({"code": "print("}), "FAILED", "Syntax check failed", 0.0),
        ("execute_code", json!({"code": predicting(MOSTLY_RIGHT)}), "SUCCESS", "Raw Score: 0.75", 0.75),
        ("execute_code", json!({"code": predicting(HALF_RIGHT)}), "SUCCESS", "Best Raw Score: 0.75", 0.5),
        ("execute_code", json!({"code": "1 / 0"}), "FAILED", "ZeroDivisionError", 0.0),
        ("execute_code", json!({"code": ""}), "FAILED", "got no code", 0.0),
        ("submit", json!({}), "FAILED", "there is no action", 0.0),
        ("get_history", json!({}), "SUCCESS", "raw score 0.5", 0.0),
    ] {
        let turn = dojo.turn(action, params).await;
        assert_eq!((&*turn.0, turn.2), (status, reward), "{action}: {}", turn.1);
        assert!(turn.1.contains(words), "{action}: {}", turn.1);
    }
    let (observation, _) = dojo.step("execute_code", json!({"code": predicting(HALF_RIGHT)})).await;
    assert_eq!(
        (&observation["current_raw_score"], &observation["best_raw_score"]),
        (&json!(0.5), &json!(0.75))
    );
    let summary = observation["history_summary"].as_str().unwrap();
    assert!(summary.ends_with("\nstep 11: execute_code: SUCCESS, raw score 0.5\n"), "{summary}");
    let state = client.get(&dojo.session).await.expect(200);
    assert_eq!(state["last_observation"], json!({"observation": observation, "reward": 0.5}));
    assert_eq!((&state["steps_used"], &state["best_raw_score"]), (&json!(11), &json!(0.75)));
    client.ask("POST", &format!("{}/finish", dojo.session), None).await.expect(200);
    let (status, feedback, _) = dojo.turn("get_history", json!({})).await;
    assert!(status == "FAILED" && feedback.contains("SessionFinished"), "{feedback}");
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn other_sessions_answer_as_ever() {
    let mut served = Served::new().await;
    let client = &served.client;
    let session = client.open().await;
    let observation = client.execute(&session, &predicting(MOSTLY_RIGHT)).await.expect(200);
    let fields: Vec<_> = observation.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "action_status",
        "feedback",
        "result",
        "current_raw_score",
        "best_raw_score",
        "improvement",
        "steps_used",
        "steps_left",
        "seconds_left",
    ];
    expected.sort_unstable();
    let mut fields = fields;
    fields.sort_unstable();
    assert_eq!(fields, expected);
    served.stop();
    served.ended().await;
}
