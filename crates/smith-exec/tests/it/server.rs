//! What clients of the server get, route by route.

use std::time::Duration;

use serde_json::{Value, json};
use smith_exec::server::{Server, ServerOptions, Token};
use smith_exec::{ExecError, Limits};

use crate::environment_fixture::{Fixture, MOSTLY_RIGHT, predicting};
use crate::server_fixture::{Served, copy_of, jailed};

#[tokio::test]
async fn an_episode_from_the_list_of_tasks_to_the_last_state() {
    let served = Served::new().await;
    let client = &served.client;
    client.get("/health").await.expect(200);
    assert_eq!(client.get("/openapi.json").await.expect(200)["openapi"], "3.1.0");
    let tasks = client.get("/v1/tasks").await.expect(200);
    assert_eq!(tasks, json!({"tasks": [{"id": "penguins", "name": "penguins", "higher_is_better": true}]}));

    let reply = client.post("/v1/sessions", json!({"task": "penguins", "max_steps": 3})).await;
    let path = format!("/v1/sessions/{}", reply.body["session"].as_str().unwrap());
    assert!(reply.head.contains(&format!("\nlocation: {path}\r")), "{}", reply.head);
    let opened = reply.expect(201);
    assert_eq!(opened["actions"][2], "execute_code");
    assert_eq!(opened["script_limits"]["wall_seconds"], 600.0);

    let info = client.step(&path, "request_info", json!({"info_type": "overview"})).await.expect(200);
    assert_eq!((&info["action_status"], &info["steps_left"]), (&json!("SUCCESS"), &json!(2)));
    let wrong = client.step(&path, "submit", json!({})).await.expect(200);
    assert_eq!(wrong["result"]["error_type"], "MLEDojoError");
    // As agents made for MLE-Dojo ask.
    let asked = json!({"action": "execute_code", "params": {"code": predicting(MOSTLY_RIGHT)}});
    let scored = client.post(&format!("{path}/step"), asked).await.expect(200);
    assert_eq!((&scored["current_raw_score"], &scored["best_raw_score"]), (&json!(0.75), &json!(0.75)));
    let spent = client.step(&path, "get_history", json!({})).await.expect(200);
    assert_eq!(spent["result"]["error_type"], "StepBudgetSpent");

    let history = client.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history["records"].as_array().unwrap().len(), 3);
    assert_eq!(history["records"][2]["code"], predicting(MOSTLY_RIGHT));
    let state = client.get(&path).await.expect(200);
    assert_eq!(
        (&state["state"], &state["steps_used"], &state["steps_left"]),
        (&json!("idle"), &json!(3), &json!(0))
    );
    assert_eq!((&state["best_raw_score"], &state["last_observation"]), (&json!(0.75), &spent));
    assert_eq!(served.sessions(), 1);
    let last = client.delete(&path).await.expect(200);
    assert_eq!((&last["state"], &last["best_raw_score"]), (&json!("closed"), &json!(0.75)));
    assert_eq!(served.sessions(), 0);
    for gone in [client.get(&path).await, client.delete(&path).await, client.execute(&path, "pass").await] {
        gone.refused(410, "closed");
    }
    end(served).await;
}

async fn end(mut served: Served) {
    served.stop();
    served.ended().await;
}

#[tokio::test]
async fn requests_that_do_not_fit_are_refused_and_say_why() {
    let served = Served::with(|options| options.max_steps(9)).await;
    let client = &served.client;
    let session = client.open().await;
    let step = format!("{session}/step");
    let ghost = "/v1/sessions/00000000000000000000000000000000";
    // Method, path, body; code and kind of the refusal, and words of its message.
    type Case<'a> = (&'a str, &'a str, Option<&'a str>, u16, &'a str, &'a str);
    let refused: &[Case<'_>] = &[
        ("GET", "/", None, 404, "no_such_route", "/openapi.json"),
        ("GET", "/v1/session", None, 404, "no_such_route", "/v1/session"),
        ("DELETE", "/v1/tasks", None, 405, "method_not_allowed", "other methods"),
        ("GET", "/v1/sessions", None, 405, "method_not_allowed", "other methods"),
        ("POST", "/v1/sessions", None, 400, "bad_request", "EOF"),
        ("POST", "/v1/sessions", Some("{"), 400, "bad_request", "EOF"),
        ("POST", "/v1/sessions", Some("[]"), 400, "bad_request", "body does not fit"),
        ("POST", "/v1/sessions", Some("null"), 400, "bad_request", "must be an object"),
        ("POST", "/v1/sessions", Some(r#"{"task": "penguins"} {}"#), 400, "bad_request", "trailing"),
        ("POST", "/v1/sessions", Some(r#"["penguins", 1, null]"#), 400, "bad_request", "expected a map"),
        (
            "POST",
            "/v1/sessions",
            Some(r#"{"task": "penguins", "script_limits": [1]}"#),
            400,
            "bad_request",
            "expected a map",
        ),
        ("POST", "/v1/sessions", Some("{}"), 400, "bad_request", "`task`"),
        ("POST", "/v1/sessions", Some(r#"{"task": 1}"#), 400, "bad_request", "string"),
        ("POST", "/v1/sessions", Some(r#"{"task": "x"}"#), 404, "no_such_task", "/v1/tasks"),
        (
            "POST",
            "/v1/sessions",
            Some(r#"{"task": "penguins", "steps": 1}"#),
            400,
            "bad_request",
            "max_steps",
        ),
        (
            "POST",
            "/v1/sessions",
            Some(r#"{"task": "penguins", "max_steps": 0}"#),
            400,
            "bad_request",
            "1 to 9",
        ),
        (
            "POST",
            "/v1/sessions",
            Some(r#"{"task": "penguins", "max_steps": 10}"#),
            400,
            "bad_request",
            "1 to 9",
        ),
        (
            "POST",
            "/v1/sessions",
            Some(r#"{"task": "penguins", "max_steps": -1}"#),
            400,
            "bad_request",
            "whole number",
        ),
        ("POST", &step, Some("{}"), 400, "bad_request", "`action`"),
        ("POST", &step, Some(r#"{"action": 5}"#), 400, "bad_request", "string"),
        ("POST", &step, Some(r#"{"action": "reset", "code": ""}"#), 400, "bad_request", "`code`"),
        (
            "POST",
            &step,
            Some(r#"{"action": "reset", "arguments": {}, "params": {}}"#),
            400,
            "bad_request",
            "one of",
        ),
        ("GET", ghost, None, 404, "no_such_session", "no such session"),
        ("GET", "/v1/sessions/..%2f..%2fetc", None, 404, "no_such_session", "no such session"),
        ("DELETE", ghost, None, 404, "no_such_session", "no such session"),
        (
            "POST",
            "/v1/sessions/x/step",
            Some(r#"{"action": "reset"}"#),
            404,
            "no_such_session",
            "no such session",
        ),
        ("GET", "/v1/sessions/x/history", None, 404, "no_such_session", "no such session"),
    ];
    for (method, path, body, status, kind, words) in refused {
        let message = client.ask(method, path, body.map(str::to_owned)).await.refused(*status, kind);
        assert!(message.contains(words), "{method} {path} {body:?}: {message}");
    }
    let mut form = client.clone();
    form.headers.push(("Content-Type", "application/x-www-form-urlencoded".into()));
    form.post("/v1/sessions", json!({"task": "penguins"})).await.refused(415, "not_json");
    assert_eq!(served.sessions(), 1);
    assert_eq!(client.get(&session).await.expect(200)["steps_used"], 0);
    end(served).await;
}

#[tokio::test]
async fn limits_may_be_lowered_and_not_raised() {
    let most = Limits { wall: Duration::from_secs(60), ..Limits::default() };
    let served = Served::with(|options| options.limits(most)).await;
    let client = &served.client;
    let open = async |limits: Value| {
        client.post("/v1/sessions", json!({"task": "penguins", "script_limits": limits})).await
    };
    for wrong in [
        json!({"wall_seconds": 60.1}),
        json!({"wall_seconds": 0}),
        json!({"wall_seconds": -1}),
        json!({"wall_seconds": 1e300}),
        json!({"memory_bytes": u64::MAX}),
        json!({"processes": 257}),
        json!({"disk_bytes": 0}),
        json!({"wall": 1}),
    ] {
        open(wrong).await.refused(400, "bad_request");
    }
    let opened = open(json!({"wall_seconds": 1.5, "processes": 100})).await.expect(201);
    assert_eq!(opened["script_limits"]["wall_seconds"], 1.5);
    assert_eq!(opened["script_limits"]["memory_bytes"], 8_u64 << 30);
    let session = format!("/v1/sessions/{}", opened["session"].as_str().unwrap());
    let killed = client.execute(&session, "import time\ntime.sleep(60)").await.expect(200);
    assert_eq!(killed["result"]["execution"]["error"], "killed at the wall time limit");
    end(served).await;
}

#[tokio::test]
async fn bodies_are_bounded_one_by_one_and_together() {
    let served = Served::with(|options| options.bytes(10_000, 20_000)).await;
    let client = &served.client;
    let session = client.open().await;
    let long = |bytes: usize| format!("# {}", "x".repeat(bytes));
    for bytes in [10_001, 70_000, 300_000] {
        let message = client.execute(&session, &long(bytes)).await.refused(413, "too_large");
        assert!(message.contains("10000 bytes"), "{message}");
    }
    assert_eq!(client.get(&session).await.expect(200)["steps_used"], 0);
    client.execute(&session, &long(9_000)).await.expect(200);
    client.execute(&session, &long(9_000)).await.expect(200);
    client.execute(&session, &long(9_000)).await.refused(413, "session_too_large");
    client.get(&format!("{session}/history")).await.expect(200);
    client.delete(&session).await.expect(200);
    end(served).await;
}

#[tokio::test]
async fn without_the_token_nothing_is_told_of_tasks_and_sessions() {
    let token = "correct-horse-battery";
    let served = Served::with(|options| options.token(Token::new(token).unwrap())).await;
    let mut client = served.client.clone();
    for attempt in [None, Some("Bearer correct-horse-batterY"), Some(token), Some("Bearer "), Some("Basic x")]
    {
        client.headers = attempt.map(|value| ("Authorization", value.to_owned())).into_iter().collect();
        client.get("/health").await.expect(200);
        client.get("/openapi.json").await.expect(200);
        let reply = client.get("/v1/tasks").await;
        assert!(reply.head.contains("\nwww-authenticate: bearer"), "{}", reply.head);
        assert!(!reply.refused(401, "unauthorized").contains(token));
        client.post("/v1/sessions", json!({"task": "penguins"})).await.refused(401, "unauthorized");
        client.get("/v1/sessions/x").await.refused(401, "unauthorized");
        client.get("/nowhere").await.refused(401, "unauthorized");
    }
    // Behind a proxy the name is the proxy's.
    client.headers = vec![("Authorization", format!("Bearer {token}")), ("Host", "gym.example".into())];
    let session = client.open().await;
    client.delete(&session).await.expect(200);
    end(served).await;
}

#[tokio::test]
async fn pages_of_other_hosts_are_refused() {
    let served = Served::new().await;
    let mut client = served.client.clone();
    for (header, allowed) in [
        (("Host", "rebound.example"), false),
        (("Host", "localhost:1"), true),
        (("Origin", "http://evil.example"), false),
        (("Origin", "null"), false),
        (("Origin", "http://localhost:8888"), true),
    ] {
        client.headers = vec![(header.0, header.1.to_owned())];
        let reply = client.post("/v1/sessions", json!({"task": "penguins"})).await;
        if allowed {
            reply.expect(201);
        } else {
            reply.refused(403, "foreign");
        }
    }
    assert_eq!(served.sessions(), 2);
    end(served).await;
}

#[tokio::test]
async fn tasks_of_one_name_are_told_apart() {
    let fixture = Fixture::new();
    let other = copy_of(&fixture.task, &fixture.dir.path().join("more/penguins"));
    let options = ServerOptions::new(([127, 0, 0, 1], 0).into(), fixture.dir.path().join("served"));
    let server = Server::bind(jailed().await, vec![fixture.task.clone(), other], options).await.unwrap();
    let tasks = server.tasks();
    assert_eq!([&*tasks[0].id, &*tasks[1].id], ["penguins", "penguins-2"]);
    assert_eq!(tasks[0].name, tasks[1].name);
    server.run(async {}).await.unwrap();
}

async fn mistake(tasks: Vec<smith_task_schema::TaskLayout>, options: ServerOptions) -> String {
    let workdir = options.workdir.clone();
    let message = match Server::bind(jailed().await, tasks, options).await {
        Err(error @ ExecError::Mistake(_)) => error.to_string(),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was bound"),
    };
    let left = std::fs::read_dir(workdir).map_or(0, |entries| {
        entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir())).count()
    });
    assert_eq!(left, 0, "{message}");
    message
}

#[tokio::test]
async fn what_cannot_be_served_is_a_mistake_at_the_start() {
    let fixture = Fixture::new();
    let at = |address: &str| ServerOptions::new(address.parse().unwrap(), fixture.dir.path().join("served"));
    let tasks = || vec![fixture.task.clone()];
    assert!(mistake(Vec::new(), at("127.0.0.1:0")).await.contains("no task"));
    assert!(mistake(tasks(), at("0.0.0.0:0")).await.contains("Give a token"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let message = mistake(tasks(), at(&taken.local_addr().unwrap().to_string())).await;
    assert!(message.contains("taken by another program"), "{message}");
    let message = mistake(tasks(), at("192.0.2.1:0").token(Token::new("0123456789abcdef").unwrap())).await;
    assert!(message.contains("192.0.2.1:0 cannot be listened on"), "{message}");
    let four = at("127.0.0.1:0").feedback("validation".parse().unwrap());
    let message = mistake(tasks(), four).await;
    assert!(message.contains("penguins cannot be served") && message.contains("its 4 ids"), "{message}");
    let broken = Fixture::with_metric("raise RuntimeError('broken')");
    let message = mistake(vec![fixture.task.clone(), broken.task.clone()], at("127.0.0.1:0")).await;
    assert!(message.contains("cannot be served") && message.contains("broken"), "{message}");
}
