//! Over real sockets, against servers that misbehave.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use smith_llm::{ChatResponse, ConnectOptions, LlmError, RetryPolicy, Secret, connect};
use tokio::time::Instant;
use wiremock::matchers::{any, body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Memory, PLANTED_KEY, ask, connected, http, opening, options, says};

fn quick(max_attempts: u32) -> RetryPolicy {
    let short = Duration::from_millis(1);
    RetryPolicy { max_attempts, base_delay: short, max_delay: short, ..RetryPolicy::default() }
}

fn ok() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(says("fine").body, "application/json")
}

async fn ask_at(url: &str, change: impl FnOnce(&mut ConnectOptions)) -> Result<ChatResponse, LlmError> {
    let mut options = ConnectOptions {
        base_url: Some(url.to_owned()),
        api_key: Some(Secret::new(PLANTED_KEY)),
        retry: quick(3),
        ..ConnectOptions::default()
    };
    change(&mut options);
    let connection = connect(&"openai-compatible:m".parse().unwrap(), options)?;
    ask(&connection.model, &opening("hi")).await
}

/// A server whose answers follow in this order, the last one repeated.
pub(crate) async fn serving(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (i, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(any()).respond_with(answer);
        if i == last { mock.mount(&server).await } else { mock.up_to_n_times(1).mount(&server).await }
    }
    server
}

async fn count(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_request_arrives_whole() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(header("authorization", format!("Bearer {PLANTED_KEY}")))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"model": "m", "messages": [
            {"role": "system", "content": "You are precise."}, {"role": "user", "content": "hi"}]})))
        .respond_with(ok())
        .expect(1)
        .mount(&server)
        .await;
    let response = ask_at(&format!("{}/v1/", server.uri()), |_| {}).await.unwrap();
    assert_eq!((response.message.text().as_str(), response.model.as_str()), ("fine", "served"));
}

#[tokio::test]
async fn what_waiting_can_mend_is_tried_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let failing = ResponseTemplate::new(status).insert_header("retry-after", "0");
        let server = serving(vec![failing.clone(), failing, ok()]).await;
        assert!(ask_at(&server.uri(), |_| {}).await.is_ok(), "{status}");
        assert_eq!(count(&server).await, 3, "{status}");
    }
}

#[tokio::test]
async fn an_endpoint_that_says_that_it_is_hopeless_is_not_asked_again() {
    for (word, attempts) in [("false", 1), ("true", 3)] {
        let failing = ResponseTemplate::new(500).insert_header("x-should-retry", word);
        let server = serving(vec![failing]).await;
        assert!(ask_at(&server.uri(), |_| {}).await.is_err());
        assert_eq!(count(&server).await, attempts, "{word}");
    }
}

#[tokio::test]
async fn after_the_last_attempt_the_fault_says_what_and_how_often() {
    let server = serving(vec![ResponseTemplate::new(503).set_body_string("overloaded\n")]).await;
    let error = ask_at(&server.uri(), |_| {}).await.unwrap_err();
    let expected = format!("{} answered HTTP 503: overloaded (after 3 attempts)", server.uri());
    assert_eq!((error, count(&server).await), (LlmError::Fault(expected), 3));
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_the_endpoint_asks_for_is_kept() {
    for (name, value, at_least, at_most) in [
        ("retry-after", "7", 7.0, 8.8),
        ("retry-after-ms", "1500", 1.5, 1.9),
        ("retry-after", "2.5", 2.5, 3.2),
        ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT", 0.5, 1.1),
        ("retry-after", "-1", 0.5, 1.1),
        ("x-other", "7", 0.5, 1.1),
    ] {
        let transport = Memory::new(move |number, _| {
            Ok(if number == 0 { http(429, &[(name, value)], "slow down") } else { says("fine") })
        });
        let start = Instant::now();
        ask(&connected(options(&transport)).model, &opening("hi")).await.unwrap();
        let waited = start.elapsed().as_secs_f64();
        assert!((at_least..at_most).contains(&waited), "{name}: {value} waited {waited}");
    }
}

/// Status, body, and the beginning of the error as its kind and text show it.
const FINAL: [(u16, &str, &str); 14] = [
    (
        400,
        r#"{"error":{"message":"bad tool schema","type":"invalid_request_error"}}"#,
        "not accepted: URL does not accept the request (HTTP 400): bad tool schema",
    ),
    (
        422,
        r#"{"detail":[{"loc":["body","tools"],"msg":"no"}]}"#,
        r#"not accepted: URL does not accept the request (HTTP 422): [{"loc":["body","tools"],"msg":"no"}]"#,
    ),
    (301, "", "mistake: URL does not accept the request (HTTP 301): (empty)"),
    (
        401,
        r#"{"error":"bad key"}"#,
        "mistake: the endpoint refused the key (HTTP 401): bad key; set OPENAI_API_KEY",
    ),
    (
        403,
        "<html>no</html>",
        "mistake: the endpoint refused the key (HTTP 403): <html>no</html>; set OPENAI_API_KEY",
    ),
    (
        404,
        r#"{"object":"error","message":"The model `m` does not exist.","code":404}"#,
        r#"mistake: URL does not know the model "m" or the path (HTTP 404): The model `m` does not exist."#,
    ),
    (
        404,
        r#"{"detail":"Not Found"}"#,
        r#"mistake: URL does not know the model "m" or the path (HTTP 404): Not Found;"#,
    ),
    (
        429,
        r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":null}}"#,
        "mistake: the account's quota is used up (HTTP 429): You exceeded",
    ),
    (
        429,
        r#"{"error":{"message":"pay","code":"insufficient_quota"}}"#,
        "mistake: the account's quota is used up (HTTP 429): pay",
    ),
    (
        400,
        r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#,
        "context: the conversation does not fit into the context of m (HTTP 400): too long",
    ),
    (
        400,
        r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400}"#,
        "context: the conversation does not fit into the context of m (HTTP 400): This model's",
    ),
    (
        500,
        r#"{"error":{"code":500,"message":"the request exceeds n_ctx","type":"exceed_context_size_error"}}"#,
        "context: the conversation does not fit into the context of m (HTTP 500): the request exceeds",
    ),
    (
        400,
        r#"[{"error":{"code":400,"message":"The prompt is too long.","status":"INVALID_ARGUMENT"}}]"#,
        "context: the conversation does not fit into the context of m (HTTP 400): The prompt",
    ),
    (
        400,
        r#"{"error":{"message":"filtered","code":"content_filter"}}"#,
        "refused: URL refused by its content policy: filtered",
    ),
];

#[tokio::test]
async fn what_waiting_cannot_mend_is_told_at_once() {
    for (status, body, expected) in FINAL {
        let server = serving(vec![ResponseTemplate::new(status).set_body_string(body)]).await;
        let error = ask_at(&server.uri(), |_| {}).await.unwrap_err();
        let kind = match error.cause() {
            LlmError::Mistake(_) => "mistake",
            LlmError::NotAccepted(_) => "not accepted",
            LlmError::ContextLength(_) => "context",
            LlmError::Refused(_) => "refused",
            _ => "other",
        };
        let shown = format!("{kind}: {error}").replace(&server.uri(), "URL");
        assert!(shown.starts_with(expected), "HTTP {status} {body}\n{shown}");
        assert_eq!(count(&server).await, 1, "HTTP {status} {body}");
    }
}

#[tokio::test]
async fn an_error_that_quotes_the_key_is_masked() {
    for status in [401, 500, 200] {
        let body = format!("you sent Bearer {PLANTED_KEY}, that is no good");
        let server = serving(vec![ResponseTemplate::new(status).set_body_string(body)]).await;
        let shown = format!("{:?}", ask_at(&server.uri(), |_| {}).await.unwrap_err());
        assert!(shown.contains("Bearer ***, that") && !shown.contains(PLANTED_KEY), "{shown}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_answer_is_asked_for_again_and_quoted_in_the_end() {
    let long = format!("<html>{}", "x".repeat(2000));
    for (body, expected) in [
        ("{\"choices\": [", "it is not JSON (EOF while parsing"),
        (long.as_str(), "it begins: <html>xxx"),
        (
            "{\"choices\": 3}",
            "choices should be a list with at least one choice; it begins: {\"choices\": 3}",
        ),
    ] {
        let server = serving(vec![ResponseTemplate::new(200).set_body_string(body)]).await;
        let error = ask_at(&server.uri(), |_| {}).await.unwrap_err();
        assert!(
            matches!(&error, LlmError::Fault(text) if text.contains(expected) && text.len() < 700),
            "{error}"
        );
        assert_eq!(count(&server).await, 3);
        let restarting = ResponseTemplate::new(200).set_body_string(body);
        assert!(ask_at(&serving(vec![restarting, ok()]).await.uri(), |_| {}).await.is_ok());
    }
}

#[tokio::test]
async fn an_error_in_a_body_of_success_counts_by_its_own_status() {
    for (code, attempts, expected) in [
        ("502", 3, "answered HTTP 502: upstream (after 3 attempts)"),
        ("\"server_error\"", 3, "answered HTTP 500: upstream (after 3 attempts)"),
        ("400", 1, "does not accept the request (HTTP 400): upstream"),
    ] {
        let body = format!(r#"{{"error":{{"message":"upstream","code":{code}}}}}"#);
        let server = serving(vec![ResponseTemplate::new(200).set_body_string(body)]).await;
        let error = ask_at(&server.uri(), |_| {}).await.unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
        assert_eq!(count(&server).await, attempts);
    }
}

#[tokio::test]
async fn a_late_answer_is_a_fault_after_all_attempts() {
    let server = serving(vec![ok().set_delay(Duration::from_secs(30))]).await;
    let error = ask_at(&server.uri(), |options| {
        options.timeout = Duration::from_millis(50);
        options.retry = quick(2);
    })
    .await
    .unwrap_err();
    assert!(
        matches!(&error, LlmError::Fault(text) if text.contains("in time") && text.contains("2 attempts")),
        "{error}"
    );
    assert_eq!(count(&server).await, 2);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&served);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"choices\": [");
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let error = ask_at(&url, |_| {}).await.unwrap_err();
    assert!(
        matches!(&error, LlmError::Fault(text) if text.contains("failed") && text.contains("3 attempts")),
        "{error}"
    );
    assert_eq!(served.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_fault_that_names_it_without_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = ask_at(&format!("http://user:pass@127.0.0.1:{port}/v1?token=t"), |_| {}).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, LlmError::Fault(_)));
    assert!(text.starts_with(&format!("no answer from http://127.0.0.1:{port}/v1: ")), "{text}");
    assert!(text.contains("refused") && text.ends_with("; is the endpoint up? (after 3 attempts)"), "{text}");
    assert!(!text.contains("pass") && !text.contains("token"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = serving(vec![ok()]).await;
    let server = serving(vec![ResponseTemplate::new(307).insert_header("location", target.uri())]).await;
    let error = ask_at(&server.uri(), |_| {}).await.unwrap_err().to_string();
    assert!(error.contains("HTTP 307"), "{error}");
    assert_eq!(count(&target).await, 0);
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_a_mistake() {
    let error =
        ask_at("http://127.0.0.1:1", |options| options.api_key = Some(Secret::new("line\nbreak"))).await;
    assert!(matches!(error, Err(LlmError::Mistake(text)) if text.contains("the key holds characters")));
}
