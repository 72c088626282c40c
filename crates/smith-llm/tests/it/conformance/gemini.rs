//! A server of Gemini's generateContent.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{Piece, Reply, Wire, json as answer, schema_line, strings};
use crate::support::PLANTED_KEY;

pub(crate) struct Gemini;

fn error(code: u16, status: &str, message: &str, details: &Value) -> ResponseTemplate {
    answer(code, &json!({"error": {"code": code, "message": message, "status": status, "details": details}}))
}

fn quota(id: &str, delay: &str) -> ResponseTemplate {
    let details = json!([
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id, "quotaValue": "10"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]);
    error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", &details)
}

/// Calls have no identifiers here.
fn part(piece: &Piece) -> Value {
    match piece {
        Piece::Thought => Gemini.thought(),
        Piece::Text(text) => json!({"text": text}),
        Piece::Call(name, arguments) => {
            let args = serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments));
            json!({"functionCall": {"name": name, "args": args}})
        }
    }
}

impl Wire for Gemini {
    fn spec(&self) -> &'static str {
        "gemini:m"
    }

    fn path(&self) -> &'static str {
        "/models/m:generateContent"
    }

    fn key(&self) -> (&'static str, String) {
        ("x-goog-api-key", PLANTED_KEY.into())
    }

    fn key_variable(&self) -> &'static str {
        "GEMINI_API_KEY"
    }

    fn marks_errors(&self) -> bool {
        true
    }

    fn thought(&self) -> Value {
        json!({"text": "hm", "thought": true, "thoughtSignature": "sealed"})
    }

    fn answer(&self, reply: &Reply) -> ResponseTemplate {
        let (parts, cut, usage) = match reply {
            Reply::Says { pieces, cut, usage } => (pieces.iter().map(part).collect::<Vec<_>>(), *cut, *usage),
            Reply::Refuses => {
                let stopped =
                    json!({"finishReason": "PROHIBITED_CONTENT", "finishMessage": "I can't help with that."});
                return answer(
                    200,
                    &json!({"candidates": [stopped], "usageMetadata": {"promptTokenCount": 3}}),
                );
            }
            Reply::ContextLength => {
                let words =
                    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
                return error(400, "INVALID_ARGUMENT", words, &json!([]));
            }
            Reply::RateLimited => return quota("GenerateRequestsPerMinutePerProjectPerModel", "0.03s"),
            Reply::Quota => return quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "40s"),
            Reply::Overloaded => return error(503, "UNAVAILABLE", "The model is overloaded.", &json!([])),
            Reply::Key => {
                let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
                return error(400, "INVALID_ARGUMENT", "API key not valid.", &details);
            }
            Reply::UnknownModel => return error(404, "NOT_FOUND", "models/m is not found.", &json!([])),
        };
        let content = if parts.is_empty() {
            json!({"role": "model"})
        } else {
            json!({"role": "model", "parts": parts})
        };
        answer(
            200,
            &json!({"candidates": [{"index": 0, "content": content, "finishReason": if cut { "MAX_TOKENS" } else { "STOP" }}],
                "modelVersion": "m-1",
                "usageMetadata": {"promptTokenCount": usage.input_tokens, "candidatesTokenCount": usage.output_tokens,
                    "cachedContentTokenCount": usage.cached_tokens}}),
        )
    }

    fn read(&self, body: &Value) -> Vec<String> {
        let system = strings(&body["systemInstruction"]["parts"], "/text");
        let mut lines: Vec<String> = system.iter().map(|text| format!("system: {text}")).collect();
        let mut calls = 0;
        for content in body["contents"].as_array().unwrap() {
            let parts = content["parts"].as_array().unwrap();
            let results = parts.iter().filter(|part| part.get("functionResponse").is_some()).count();
            assert!(
                results == 0 || (results == calls && results == parts.len()),
                "all results of a turn, and only they"
            );
            calls = parts.iter().filter(|part| part.get("functionCall").is_some()).count();
            lines.extend(parts.iter().map(|part| line(content["role"].as_str().unwrap(), part)));
        }
        let tools = &body["tools"][0]["functionDeclarations"];
        lines.extend(strings(tools, "/name").iter().map(|name| format!("tool: {name}")));
        if let Some(config) =
            body.get("generationConfig").filter(|config| config.get("responseSchema").is_some())
        {
            assert_eq!(config["responseMimeType"], "application/json");
            assert!(config["responseSchema"].get("additionalProperties").is_none(), "refused");
            lines.push(schema_line(&config["responseSchema"]));
        }
        lines
    }
}

fn line(role: &str, part: &Value) -> String {
    if *part == Gemini.thought() {
        return "thought".into();
    }
    let (kind, value) = part.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "text" if role == "user" => format!("user: {}", value.as_str().unwrap()),
        "text" => format!("text: {}", value.as_str().unwrap()),
        "inlineData" => {
            format!("image: {} {}", value["mimeType"].as_str().unwrap(), value["data"].as_str().unwrap())
        }
        "functionCall" => format!("call: {} {}", value["name"].as_str().unwrap(), value["args"]),
        _ => {
            let (key, content) = value["response"].as_object().unwrap().iter().next().unwrap();
            let kind = if key == "error" { "failed" } else { "result" };
            format!("{kind}: {}", content.as_str().unwrap())
        }
    }
}
