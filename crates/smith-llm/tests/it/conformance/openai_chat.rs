//! A server of Chat Completions.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{Piece, Reply, Wire, end, json as answer, schema_line, strings};
use crate::support::PLANTED_KEY;

pub(crate) struct OpenAiChat;

/// An error body of OpenAI, which Responses share.
pub(crate) fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    answer(
        status,
        &json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}}),
    )
}

/// The failures of OpenAI, which Responses share but for the way to name a wait.
pub(crate) fn failure(reply: &Reply) -> ResponseTemplate {
    match reply {
        Reply::ContextLength => {
            error(400, "context_length_exceeded", "This model's maximum context length is 8192 tokens.")
        }
        Reply::Quota => error(429, "insufficient_quota", "You exceeded your current quota, check your plan."),
        Reply::Overloaded => error(503, "server_overloaded", "The engine is currently overloaded."),
        Reply::Key => error(401, "invalid_api_key", "Incorrect API key provided."),
        Reply::UnknownModel => error(404, "model_not_found", "The model `m` does not exist."),
        _ => error(429, "rate_limit_exceeded", "Rate limit reached on tokens per min."),
    }
}

fn message(pieces: &[Piece]) -> Value {
    let mut message = json!({"role": "assistant", "content": null, "refusal": null});
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Thought => {
                message["reasoning_details"] = OpenAiChat.thought()["reasoning_details"].clone();
            }
            Piece::Text(text) => message["content"] = json!(text),
            Piece::Call(name, arguments) => {
                if message["tool_calls"].is_null() {
                    message["tool_calls"] = json!([]);
                }
                // The history of one scenario holds two calls already.
                let offset = pieces.iter().take(i).filter(|piece| matches!(piece, Piece::Call(..))).count();
                let id = if *arguments == "{}" { "call_2".into() } else { format!("call_{offset}") };
                message["tool_calls"].as_array_mut().unwrap().push(
                    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}),
                );
            }
        }
    }
    message
}

impl Wire for OpenAiChat {
    fn spec(&self) -> &'static str {
        "openai:m"
    }

    fn path(&self) -> &'static str {
        "/chat/completions"
    }

    fn key(&self) -> (&'static str, String) {
        ("authorization", format!("Bearer {PLANTED_KEY}"))
    }

    fn key_variable(&self) -> &'static str {
        "OPENAI_API_KEY"
    }

    fn marks_errors(&self) -> bool {
        false
    }

    fn thought(&self) -> Value {
        json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "sealed", "index": 0}]})
    }

    fn answer(&self, reply: &Reply) -> ResponseTemplate {
        let (message, finish, usage) = match reply {
            Reply::Says { pieces, cut, usage } => {
                (message(pieces), end(pieces, *cut, ["stop", "tool_calls", "length"]), *usage)
            }
            Reply::Refuses => {
                let message =
                    json!({"role": "assistant", "content": null, "refusal": "I can't help with that."});
                (message, "stop", smith_llm::Usage::default())
            }
            Reply::RateLimited => {
                return failure(reply)
                    .insert_header("x-ratelimit-remaining-tokens", "0")
                    .insert_header("x-ratelimit-reset-tokens", "30ms")
                    .insert_header("x-ratelimit-remaining-requests", "9")
                    .insert_header("x-ratelimit-reset-requests", "1h0m0s");
            }
            reply => return failure(reply),
        };
        answer(
            200,
            &json!({"id": "chatcmpl-1", "object": "chat.completion", "model": "m-1",
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                "usage": {"prompt_tokens": usage.input_tokens, "completion_tokens": usage.output_tokens,
                    "prompt_tokens_details": {"cached_tokens": usage.cached_tokens}}}),
        )
    }

    fn read(&self, body: &Value) -> Vec<String> {
        assert_eq!(body["model"], "m");
        let mut lines = Vec::new();
        for message in body["messages"].as_array().unwrap() {
            match message["role"].as_str().unwrap() {
                "assistant" => assistant(message, &mut lines),
                "tool" => lines.push(format!("result: {}", message["content"].as_str().unwrap())),
                role => spoken(role, &message["content"], &mut lines),
            }
        }
        lines.extend(strings(&body["tools"], "/function/name").iter().map(|name| format!("tool: {name}")));
        if let Some(format) = body.get("response_format") {
            assert_eq!(
                (&format["type"], &format["json_schema"]["strict"]),
                (&json!("json_schema"), &json!(true))
            );
            lines.push(schema_line(&format["json_schema"]["schema"]));
        }
        lines
    }
}

fn spoken(role: &str, content: &Value, lines: &mut Vec<String>) {
    if let Some(text) = content.as_str() {
        lines.push(format!("{role}: {text}"));
    }
    for piece in content.as_array().into_iter().flatten() {
        match piece["type"].as_str().unwrap() {
            "text" => lines.push(format!("{role}: {}", piece["text"].as_str().unwrap())),
            _ => lines.push(image_line(piece["image_url"]["url"].as_str().unwrap())),
        }
    }
}

/// An image in a data URL.
pub(crate) fn image_line(url: &str) -> String {
    let (media_type, data) = url.strip_prefix("data:").unwrap().split_once(";base64,").unwrap();
    format!("image: {media_type} {data}")
}

fn assistant(message: &Value, lines: &mut Vec<String>) {
    if let Some(details) = message.get("reasoning_details") {
        assert_eq!(*details, OpenAiChat.thought()["reasoning_details"]);
        lines.push("thought".into());
    }
    lines.extend(message["content"].as_str().map(|text| format!("text: {text}")));
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        lines.push(format!(
            "call: {} {}",
            function["name"].as_str().unwrap(),
            function["arguments"].as_str().unwrap()
        ));
    }
}
