//! What a failed attempt means: whose fault it is, in words that help, and whether to try again.

use serde_json::Value;

use super::said::{ErrorBody, excerpt};
use super::{Endpoint, wait};
use crate::dialect::{DecodeError, reports_error};
use crate::error::LlmError;
use crate::retry::{Failure, Retry};
use crate::transport::{HttpResponse, TransportError};

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
        Err(_) => ErrorBody::of_text(&text),
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
    let status = said.own_status().unwrap_or(500);
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

/// A body of success that is useless. Gateways send such ones while what is behind them restarts, so the next one may
/// be sound.
pub(super) fn of_body(endpoint: &Endpoint, response: &HttpResponse, problem: &str) -> Failure {
    let beginning = excerpt(&String::from_utf8_lossy(&response.body));
    let error = LlmError::Fault(format!(
        "the answer of {} cannot be read: {problem}; it begins: {beginning}",
        shown_url(&endpoint.base_url)
    ));
    Failure { error, retry: Retry::After(None) }
}

fn classify(endpoint: &Endpoint, response: &HttpResponse, status: u16, said: &ErrorBody) -> Failure {
    let url = shown_url(&endpoint.base_url);
    let message = &said.message;
    let never = Failure::last;
    if said.is_context_length() {
        never(LlmError::ContextLength(format!(
            "the conversation does not fit into the context of {} (HTTP {status}): {message}",
            endpoint.model
        )))
    } else if said.is_content_policy() {
        never(LlmError::Refused(format!("{url} refused by its content policy: {message}")))
    } else if status == 402 || said.is_quota() {
        never(LlmError::Mistake(format!(
            "the account's quota is used up (HTTP {status}): {message}; add credit or use another key"
        )))
    } else if said.is_key() || matches!(status, 401 | 403) && !said.is_unknown_model() {
        never(LlmError::Mistake(format!(
            "the endpoint refused the key (HTTP {status}): {message}; set {} in the environment or in a .env file to a \
             key of this endpoint",
            endpoint.provider.key_variable
        )))
    } else if status == 404 || said.is_unknown_model() {
        never(LlmError::Mistake(format!(
            "{url} does not know the model {:?} or the path (HTTP {status}): {message}; check the model's name and \
             --base-url",
            endpoint.model
        )))
    } else {
        of_plain_status(&url, response, status, said)
    }
}

/// An error of which only the status says what it is.
fn of_plain_status(url: &str, response: &HttpResponse, status: u16, said: &ErrorBody) -> Failure {
    let message = &said.message;
    if matches!(status, 408 | 409 | 429 | 500..) {
        let error = LlmError::Fault(format!("{url} answered HTTP {status}: {message}"));
        // Some endpoints know that another attempt would fail alike, and say so.
        let hopeless = response.header("x-should-retry").is_some_and(|word| word.trim() == "false");
        let retry = if hopeless { Retry::Never } else { Retry::After(wait::asked(response, status, said)) };
        return Failure { error, retry };
    }
    let text = format!("{url} does not accept the request (HTTP {status}): {message}");
    let of_the_body = matches!(status, 400 | 413 | 422);
    Failure::last(if of_the_body { LlmError::NotAccepted(text) } else { LlmError::Mistake(text) })
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
        let spec: crate::ModelSpec = "openai-compatible:m".parse().unwrap();
        let provider = spec.provider().unwrap().1;
        Endpoint { base_url: "http://h/v1".into(), credential: None, model: "m".into(), provider }
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
}
