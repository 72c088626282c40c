//! Taking out of answers what names a request, an account or an organisation.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// Fields of an answer that name its request or the time, and that no later request repeats.
const NAMES: [&str; 14] = [
    "id",
    "responseId",
    "response_id",
    "request_id",
    "requestId",
    "system_fingerprint",
    "created",
    "created_at",
    "completed_at",
    "createTime",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "provider",
];

/// Beginnings of identifiers in the texts of errors.
const MARKS: [&str; 9] = ["org-", "org_", "proj_", "proj-", "req_", "req-", "user-", "acct_", "projects/"];

/// Hands on answers without them, so that neither recording nor caller sees any.
pub(super) struct Scrubbed(pub(super) Arc<dyn HttpTransport>);

#[async_trait]
impl HttpTransport for Scrubbed {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let response = self.0.execute(request).await?;
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return Ok(response) };
        scrub(&mut body);
        Ok(HttpResponse { body: body.to_string().into_bytes(), ..response })
    }
}

fn scrub(body: &mut Value) {
    if let Value::Array(items) = body {
        items.iter_mut().for_each(scrub);
    }
    let Value::Object(fields) = body else { return };
    for (name, value) in fields.iter_mut() {
        if name == "error" || name == "detail" {
            scrub_texts(value);
        } else if NAMES.contains(&name.as_str()) {
            blank(value);
        }
    }
}

fn blank(value: &mut Value) {
    match value {
        Value::String(text) => "scrubbed".clone_into(text),
        Value::Number(_) => *value = Value::from(0),
        _ => {}
    }
}

fn scrub_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_identifiers(text),
        Value::Array(items) => items.iter_mut().for_each(scrub_texts),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if NAMES.contains(&name.as_str()) { blank(value) } else { scrub_texts(value) }
            }
        }
        _ => {}
    }
}

/// `text` with identifiers of eight characters and more behind their mark blanked.
fn without_identifiers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = MARKS.iter().filter_map(|mark| Some((rest.find(mark)?, *mark))).min() {
        let (before, from) = rest.split_at(at);
        let after = from.get(mark.len()..).unwrap_or_default();
        let length =
            after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(after.len());
        out.push_str(before);
        out.push_str(mark);
        if length >= 8 {
            out.push_str("scrubbed");
            rest = after.get(length..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_names_requests_and_accounts_goes_and_what_is_sent_back_stays() {
        let mut body = json!({"id": "resp_0123", "created_at": 1789, "model": "m", "output": [
            {"type": "reasoning", "id": "rs_1", "encrypted_content": "x"}, {"text": "req_0123456789 is said"}]});
        scrub(&mut body);
        assert_eq!(
            body,
            json!({"id": "scrubbed", "created_at": 0, "model": "m", "output": [
                {"type": "reasoning", "id": "rs_1", "encrypted_content": "x"}, {"text": "req_0123456789 is said"}]})
        );
        let mut error = json!({"error": {"message": "Rate limit in organization org-AbCd1234efgh on tokens (req_short)",
            "details": [{"request_id": "req_011CSHoE"}]}, "request_id": "req_1"});
        scrub(&mut error);
        assert_eq!(
            error,
            json!({"error": {"message": "Rate limit in organization org-scrubbed on tokens (req_short)",
                "details": [{"request_id": "scrubbed"}]}, "request_id": "scrubbed"})
        );
        for odd in [json!(null), json!("org-AbCd1234efgh"), json!([[{"id": null}]])] {
            let mut same = odd.clone();
            scrub(&mut same);
            assert_eq!(same, odd);
        }
    }
}
