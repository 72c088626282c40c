//! A server of Anthropic's Messages.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{Piece, Reply, Wire, end, json as answer, schema_line, strings};
use crate::support::PLANTED_KEY;

pub(crate) struct Anthropic;

fn error(status: u16, kind: &str, message: &str) -> ResponseTemplate {
    answer(
        status,
        &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}),
    )
}

fn block(piece: &Piece, number: usize) -> Value {
    match piece {
        Piece::Thought => Anthropic.thought(),
        Piece::Text(text) => json!({"type": "text", "text": text}),
        Piece::Call(name, arguments) => {
            let id = if *arguments == "{}" { "call_2".into() } else { format!("call_{number}") };
            // What is no JSON cannot be an object: gateways hand it on as it came.
            let input = serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments));
            json!({"type": "tool_use", "id": id, "name": name, "input": input})
        }
    }
}

impl Wire for Anthropic {
    fn spec(&self) -> &'static str {
        "anthropic:m"
    }

    fn path(&self) -> &'static str {
        "/messages"
    }

    fn key(&self) -> (&'static str, String) {
        ("x-api-key", PLANTED_KEY.into())
    }

    fn key_variable(&self) -> &'static str {
        "ANTHROPIC_API_KEY"
    }

    fn marks_errors(&self) -> bool {
        true
    }

    fn thought(&self) -> Value {
        json!({"type": "thinking", "thinking": "", "signature": "sealed"})
    }

    fn answer(&self, reply: &Reply) -> ResponseTemplate {
        let (content, reason, usage) = match reply {
            Reply::Says { pieces, cut, usage } => {
                let calls =
                    |i: usize| pieces.iter().take(i).filter(|piece| matches!(piece, Piece::Call(..))).count();
                let blocks: Vec<Value> =
                    pieces.iter().enumerate().map(|(i, piece)| block(piece, calls(i))).collect();
                (json!(blocks), end(pieces, *cut, ["end_turn", "tool_use", "max_tokens"]), *usage)
            }
            Reply::Refuses => {
                let text = json!([{"type": "text", "text": "I can't help with that."}]);
                (text, "refusal", smith_llm::Usage::default())
            }
            Reply::ContextLength => {
                return error(
                    400,
                    "invalid_request_error",
                    "prompt is too long: 210000 tokens > 200000 maximum",
                );
            }
            Reply::RateLimited => {
                return error(429, "rate_limit_error", "This request would exceed your rate limit.")
                    .insert_header("date", "Thu, 26 Nov 2026 12:00:00 GMT")
                    .insert_header("anthropic-ratelimit-input-tokens-remaining", "0")
                    .insert_header("anthropic-ratelimit-input-tokens-reset", "2026-11-26T12:00:00.030Z")
                    .insert_header("anthropic-ratelimit-requests-remaining", "9")
                    .insert_header("anthropic-ratelimit-requests-reset", "2026-11-26T13:00:00Z");
            }
            Reply::Quota => {
                let words = "Your credit balance is too low to access the Anthropic API.";
                return error(400, "invalid_request_error", words);
            }
            Reply::Overloaded => return error(529, "overloaded_error", "Overloaded"),
            Reply::Key => return error(401, "authentication_error", "invalid x-api-key"),
            Reply::UnknownModel => return error(404, "not_found_error", "model: m"),
        };
        answer(
            200,
            &json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": content,
                "stop_reason": reason, "stop_sequence": null,
                "usage": {"input_tokens": usage.input_tokens - usage.cached_tokens,
                    "cache_read_input_tokens": usage.cached_tokens, "cache_creation_input_tokens": 0,
                    "output_tokens": usage.output_tokens}}),
        )
    }

    fn read(&self, body: &Value) -> Vec<String> {
        assert_eq!(body["model"], "m");
        assert!(body["max_tokens"].is_u64());
        let mut lines: Vec<String> =
            strings(&body["system"], "/text").iter().map(|text| format!("system: {text}")).collect();
        let mut last = "assistant";
        for turn in body["messages"].as_array().unwrap() {
            let role = turn["role"].as_str().unwrap();
            assert_ne!(role, last, "turns alternate");
            last = role;
            lines.extend(turn["content"].as_array().unwrap().iter().map(|block| line(role, block)));
        }
        lines.extend(strings(&body["tools"], "/name").iter().map(|name| format!("tool: {name}")));
        if let Some(format) = body.pointer("/output_config/format") {
            assert_eq!(format["type"], "json_schema");
            lines.push(schema_line(&format["schema"]));
        }
        lines
    }
}

fn line(role: &str, block: &Value) -> String {
    let text = |name: &str| block[name].as_str().unwrap().to_owned();
    match text("type").as_str() {
        "text" if role == "user" => format!("user: {}", text("text")),
        "text" => format!("text: {}", text("text")),
        "image" => {
            let source = &block["source"];
            format!("image: {} {}", source["media_type"].as_str().unwrap(), source["data"].as_str().unwrap())
        }
        "tool_use" => format!("call: {} {}", text("name"), block["input"]),
        "tool_result" => {
            let kind = if block.get("is_error") == Some(&json!(true)) { "failed" } else { "result" };
            format!("{kind}: {}", text("content"))
        }
        _ => {
            assert_eq!(*block, Anthropic.thought());
            "thought".into()
        }
    }
}
