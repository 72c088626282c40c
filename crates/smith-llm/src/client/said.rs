//! What an endpoint says of an error, in whatever shape its provider or a gateway before it gives that.

use std::time::Duration;

use serde_json::Value;

use super::wait;

/// Characters of a body that an error quotes.
const EXCERPT: usize = 500;

/// Codes and types that say that nothing is left to be spent. Waiting mends a rate limit and not these.
const QUOTA: [&str; 6] = [
    "insufficient_quota",
    "insufficient_balance",
    "billing_error",
    "billing_hard_limit_reached",
    "billing_not_active",
    "payment_required",
];

/// Words for the same, from endpoints that have no code for it.
const QUOTA_PHRASES: [&str; 3] =
    ["credit balance is too low", "insufficient balance", "insufficient credits"];

const CONTEXT_CODES: [&str; 4] =
    ["context_length_exceeded", "exceed_context_size_error", "request_too_large", "string_above_max_length"];

const CONTEXT_PHRASES: [&str; 9] = [
    "context length",
    "context size",
    "context window",
    "context limit",
    "prompt is too long",
    "maximum prompt length",
    "exceeds the maximum number of tokens",
    // More than the account may send in a minute: no wait makes it fit.
    "request too large",
    "reduce the length of the messages",
];

/// The status that a word of an error stands for, where the body has one and HTTP says success.
const STATUS_WORDS: [(&str, u16); 14] = [
    ("invalid_request_error", 400),
    ("invalid_argument", 400),
    ("authentication_error", 401),
    ("invalid_api_key", 401),
    ("unauthenticated", 401),
    ("permission_error", 403),
    ("permission_denied", 403),
    ("not_found_error", 404),
    ("not_found", 404),
    ("rate_limit_error", 429),
    ("rate_limit_exceeded", 429),
    ("resource_exhausted", 429),
    ("unavailable", 503),
    ("overloaded_error", 529),
];

/// An error, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    /// In words, cut.
    pub(super) message: String,
    pub(super) code: String,
    kind: String,
    /// Google's word for the status.
    status: String,
    /// Reasons of Google's details, such as `API_KEY_INVALID`.
    reasons: Vec<String>,
    /// A limit that was hit is of a whole day, or is zero.
    used_up: bool,
    /// Google's own hint.
    pub(super) retry_delay: Option<Duration>,
}

impl ErrorBody {
    /// Reads `{"error": {…}}`, `{"error": "…"}`, `{"message": …}`, `{"detail": …}` and lists of these.
    pub(super) fn read(body: &Value) -> Self {
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let field =
            |name: &str| error.get(name).filter(|value| !value.is_null()).map(plain).unwrap_or_default();
        let message = ["message", "detail", "error_description", "msg"].iter().map(|name| field(name));
        let mut said = Self {
            message: excerpt(
                &message.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| plain(error)),
            ),
            code: field("code"),
            kind: field("type"),
            status: field("status"),
            ..Self::default()
        };
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            said.read_detail(detail);
        }
        said
    }

    /// An error that is no JSON.
    pub(super) fn of_text(text: &str) -> Self {
        Self { message: excerpt(text), ..Self::default() }
    }

    /// Google's details: `ErrorInfo`, `QuotaFailure`, `RetryInfo`.
    fn read_detail(&mut self, detail: &Value) {
        let text = |pointer: &str| detail.pointer(pointer).and_then(Value::as_str);
        self.reasons.extend(text("/reason").map(str::to_owned));
        self.retry_delay = self.retry_delay.or_else(|| wait::duration(text("/retryDelay")?));
        self.used_up |= text("/metadata/quota_limit").is_some_and(is_daily);
        for violation in detail.get("violations").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| violation.get(name).and_then(Value::as_str);
            self.used_up |= field("quotaId").is_some_and(is_daily) || field("quotaValue") == Some("0");
        }
    }

    /// The HTTP status that the body itself gives, as a number or a word.
    pub(super) fn own_status(&self) -> Option<u16> {
        let numbered = self.code.parse().ok().filter(|code| (400..600).contains(code));
        numbered.or_else(|| {
            let named = |word: &str| STATUS_WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
            [&self.code, &self.kind, &self.status]
                .into_iter()
                .find_map(|word| named(word))
                .map(|(_, status)| *status)
        })
    }

    pub(super) fn is_context_length(&self) -> bool {
        self.is_one_of(&CONTEXT_CODES) || self.speaks_of(&CONTEXT_PHRASES)
    }

    pub(super) fn is_content_policy(&self) -> bool {
        self.is_one_of(&["content_filter", "content_policy_violation"])
            || self.code == "invalid_prompt" && self.speaks_of(&["policy"])
    }

    pub(super) fn is_quota(&self) -> bool {
        self.used_up || self.is_one_of(&QUOTA) || self.speaks_of(&QUOTA_PHRASES)
    }

    pub(super) fn is_key(&self) -> bool {
        self.is_one_of(&["invalid_api_key", "authentication_error"])
            || self.reasons.iter().any(|reason| reason == "API_KEY_INVALID")
    }

    pub(super) fn is_unknown_model(&self) -> bool {
        self.is_one_of(&["model_not_found"])
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.contains(&self.code.as_str()) || words.contains(&self.kind.as_str())
    }

    fn speaks_of(&self, phrases: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    }
}

fn is_daily(limit: &str) -> bool {
    limit.to_lowercase().contains("perday")
}

/// Strings as they are, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The beginning of untrusted text.
pub(super) fn excerpt(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(empty)".into();
    }
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"a"}}"#, "a", ""),
            ("[]", "[]", ""),
            ("null", "null", ""),
        ] {
            let said = ErrorBody::read(&serde_json::from_str(body).unwrap());
            assert_eq!((said.message.as_str(), said.code.as_str()), (message, code), "{body}");
        }
    }

    #[test]
    fn a_body_may_name_its_status_in_a_number_or_a_word() {
        for (error, status) in [
            (json!({"code": 502}), Some(502)),
            (json!({"code": "502"}), Some(502)),
            (json!({"code": 200}), None),
            (json!({"code": "rate_limit_exceeded"}), Some(429)),
            (json!({"type": "overloaded_error"}), Some(529)),
            (json!({"status": "INVALID_ARGUMENT"}), Some(400)),
            (json!({"code": "server_error"}), None),
        ] {
            assert_eq!(ErrorBody::read(&json!({"error": error})).own_status(), status, "{error}");
        }
    }

    #[test]
    fn googles_details_tell_a_day_from_a_minute() {
        let quota = |id: &str, value: &str| {
            json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{"quotaId": id, "quotaValue": value}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.4s"}]}})
        };
        for (id, value, used_up) in [
            ("GenerateRequestsPerMinutePerProjectPerModel", "10", false),
            ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20", true),
            ("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", true),
        ] {
            let said = ErrorBody::read(&quota(id, value));
            assert_eq!(
                (said.is_quota(), said.retry_delay),
                (used_up, Some(Duration::from_millis(36_400))),
                "{id}"
            );
        }
        let metadata = json!({"error": {"details": [{"reason": "RATE_LIMIT_EXCEEDED",
            "metadata": {"quota_limit": "ProRequestsPerDay"}}]}});
        assert!(ErrorBody::read(&metadata).is_quota());
        let odd = json!({"error": {"details": [7, {"violations": [null, {"quotaId": 3}]}, {"retryDelay": "soon"}]}});
        assert_eq!(ErrorBody::read(&odd).retry_delay, None);
    }

    #[test]
    fn excerpts_end_at_characters() {
        assert_eq!(excerpt(&"é".repeat(EXCERPT)), "é".repeat(EXCERPT));
        assert_eq!(excerpt(&"é".repeat(EXCERPT + 1)), "é".repeat(EXCERPT) + "…");
        assert_eq!(excerpt(" \n"), "(empty)");
    }
}
