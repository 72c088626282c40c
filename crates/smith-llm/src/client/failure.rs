//! What a failed attempt means: whose fault it is, in words that help, and whether to try again.

use std::time::Duration;

use serde_json::Value;

use super::Endpoint;
use crate::dialect::{DecodeError, reports_error};
use crate::error::LlmError;
use crate::retry::{Failure, Retry};
use crate::transport::{HttpResponse, TransportError};

/// Characters of a body that an error quotes.
const EXCERPT: usize = 500;

const KEY_ADVICE: &str = "set OPENAI_API_KEY in the environment or in a .env file to a key of this endpoint";

/// No answer at all.
pub(super) fn of_transport(endpoint: &Endpoint, error: TransportError) -> Failure {
    let url = shown_url(&endpoint.base_url);
    let retry = Retry::After(None);
    match error {
        TransportError::Connect(text) => Failure {
            error: LlmError::Fault(format!("no answer from {url}: {text}; is the endpoint up?")),
            retry,
        },
        TransportError::Timeout(text) => Failure {
            error: LlmError::Fault(format!(
                "no answer from {url} in time: {text}; is the endpoint overloaded?"
            )),
            retry,
        },
        TransportError::Network(text) => {
            Failure { error: LlmError::Fault(format!("the connection to {url} failed: {text}")), retry }
        }
        TransportError::InvalidRequest(text) => {
            Failure::last(LlmError::Mistake(format!("no request can be sent to {url}: {text}")))
        }
        TransportError::Recording(text) => Failure::last(LlmError::Fault(text)),
        TransportError::Drift(text) => Failure::last(LlmError::Drift(text)),
    }
}

/// An answer whose status is not a success.
pub(super) fn of_status(endpoint: &Endpoint, response: &HttpResponse) -> Failure {
    let text = String::from_utf8_lossy(&response.body);
    let said = match serde_json::from_str(&text) {
        Ok(body) => ErrorBody::read(&body),
        Err(_) => ErrorBody { message: excerpt(&text), ..ErrorBody::default() },
    };
    classify(endpoint, response, response.status, &said)
}

/// Gateways report errors of the server behind them in a body with status 200.
pub(super) fn of_error_in_success(
    endpoint: &Endpoint,
    response: &HttpResponse,
    body: &Value,
) -> Option<Failure> {
    if !reports_error(body) {
        return None;
    }
    let said = ErrorBody::read(body);
    // Without a status of its own it is the server's trouble, not the caller's.
    let status = said.code.parse().ok().filter(|code| (400..600).contains(code)).unwrap_or(500);
    Some(classify(endpoint, response, status, &said))
}

/// A body of success that the dialect cannot read.
pub(super) fn of_decoding(endpoint: &Endpoint, response: &HttpResponse, error: DecodeError) -> Failure {
    match error {
        DecodeError::Refusal(words) => {
            Failure::last(LlmError::Refused(format!("the model refused: {words}")))
        }
        DecodeError::Shape { path, problem } => {
            of_body(endpoint, response, &format!("{path} should be {problem}"))
        }
    }
}

/// A body of success that is useless.
pub(super) fn of_body(endpoint: &Endpoint, response: &HttpResponse, problem: &str) -> Failure {
    let beginning = excerpt(&String::from_utf8_lossy(&response.body));
    Failure::last(LlmError::Fault(format!(
        "the answer of {} cannot be read: {problem}; it begins: {beginning}",
        shown_url(&endpoint.base_url)
    )))
}

fn classify(endpoint: &Endpoint, response: &HttpResponse, status: u16, said: &ErrorBody) -> Failure {
    let Endpoint { base_url, model, .. } = endpoint;
    let url = shown_url(base_url);
    let message = &said.message;
    if said.is_context_length() {
        let text =
            format!("the conversation does not fit into the context of {model} (HTTP {status}): {message}");
        return Failure::last(LlmError::ContextLength(text));
    }
    if said.is_content_policy() {
        return Failure::last(LlmError::Refused(format!("{url} refused by its content policy: {message}")));
    }
    if said.is_quota() {
        let text = format!(
            "the account's quota is used up (HTTP {status}): {message}; add credit or use another key"
        );
        return Failure::last(LlmError::Mistake(text));
    }
    match status {
        401 | 403 => Failure::last(LlmError::Mistake(format!(
            "the endpoint refused the key (HTTP {status}): {message}; {KEY_ADVICE}"
        ))),
        404 => Failure::last(LlmError::Mistake(format!(
            "{url} does not know the model {model:?} or the path (HTTP 404): {message}; check the model's name and \
             --base-url"
        ))),
        408 | 409 | 429 | 500.. => Failure {
            error: LlmError::Fault(format!("{url} answered HTTP {status}: {message}")),
            retry: Retry::After(retry_after(response)),
        },
        _ => {
            let text = format!("{url} does not accept the request (HTTP {status}): {message}");
            let of_the_body = matches!(status, 400 | 413 | 422);
            Failure::last(if of_the_body { LlmError::NotAccepted(text) } else { LlmError::Mistake(text) })
        }
    }
}

/// The wait that the endpoint asks for, in milliseconds or seconds.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let number = |name, unit| {
        let value: f64 = response.header(name)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(value / unit).ok()
    };
    number("retry-after-ms", 1000.0).or_else(|| number("retry-after", 1.0))
}

/// What an endpoint says of an error, in whatever shape.
#[derive(Debug, Default, PartialEq, Eq)]
struct ErrorBody {
    message: String,
    code: String,
    kind: String,
}

impl ErrorBody {
    /// Reads `{"error": {…}}`, `{"error": "…"}`, `{"message": …}`, `{"detail": …}` and lists of these.
    fn read(body: &Value) -> Self {
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let field =
            |name: &str| error.get(name).filter(|value| !value.is_null()).map(plain).unwrap_or_default();
        let message = ["message", "detail", "error_description", "msg"].iter().map(|name| field(name));
        Self {
            message: excerpt(
                &message.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| plain(error)),
            ),
            code: field("code"),
            kind: field("type"),
        }
    }

    fn is_context_length(&self) -> bool {
        let message = self.message.to_lowercase();
        self.code == "context_length_exceeded"
            || self.kind == "exceed_context_size_error"
            || ["context length", "context size", "context window", "prompt is too long"]
                .iter()
                .any(|phrase| message.contains(phrase))
    }

    fn is_content_policy(&self) -> bool {
        ["content_filter", "content_policy_violation"].contains(&self.code.as_str())
    }

    fn is_quota(&self) -> bool {
        [&self.code, &self.kind].contains(&&"insufficient_quota".to_owned())
    }
}

/// Strings as they are, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn excerpt(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(empty)".into();
    }
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A URL without what may be a secret: user, password and query. For messages and files.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) =
        rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint { base_url: "http://h/v1".into(), credential: None, model: "m".into(), provider: "p" }
    }

    #[test]
    fn only_trouble_on_the_way_is_worth_another_attempt() {
        let text = || "t".to_owned();
        for (error, kind, retry) in [
            (TransportError::Connect(text()), "fault", Retry::After(None)),
            (TransportError::Timeout(text()), "fault", Retry::After(None)),
            (TransportError::Network(text()), "fault", Retry::After(None)),
            (TransportError::InvalidRequest(text()), "mistake", Retry::Never),
            (TransportError::Recording(text()), "fault", Retry::Never),
            (TransportError::Drift(text()), "drift", Retry::Never),
        ] {
            let failure = of_transport(&endpoint(), error);
            assert_eq!((failure.error.kind(), failure.retry), (kind, retry));
        }
    }

    #[test]
    fn errors_are_read_in_every_shape() {
        for (body, message, code) in [
            (r#"{"error":{"message":"a","code":"c"}}"#, "a", "c"),
            (r#"{"error":{"message":"a","code":42,"type":null}}"#, "a", "42"),
            (r#"{"error":"plain words"}"#, "plain words", ""),
            (r#"{"error":null,"message":"a"}"#, "a", ""),
            (r#"{"error":{"status":"BROKEN"}}"#, r#"{"status":"BROKEN"}"#, ""),
            (r#"{"detail":[{"msg":"a"}]}"#, r#"[{"msg":"a"}]"#, ""),
            (r#"[{"error":{"message":"a","code":400}}]"#, "a", "400"),
            (r#"{"message":"","msg":"b"}"#, "b", ""),
            ("[]", "[]", ""),
            ("null", "null", ""),
        ] {
            let said = ErrorBody::read(&serde_json::from_str(body).unwrap());
            assert_eq!((said.message.as_str(), said.code.as_str()), (message, code), "{body}");
        }
    }

    #[test]
    fn urls_are_shown_without_what_may_be_secret() {
        for (url, shown) in [
            ("https://api.example/v1", "https://api.example/v1"),
            ("http://user:p@ss@host:8/v1/x@y?key=k#f", "http://host:8/v1/x@y"),
            ("http://user@host", "http://host"),
            ("replay:a/b.jsonl", "replay:a/b.jsonl"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
    }

    #[test]
    fn excerpts_end_at_characters() {
        assert_eq!(excerpt(&"é".repeat(EXCERPT)), "é".repeat(EXCERPT));
        assert_eq!(excerpt(&"é".repeat(EXCERPT + 1)), "é".repeat(EXCERPT) + "…");
        assert_eq!(excerpt(" \n"), "(empty)");
    }
}
