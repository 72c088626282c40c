//! A server of Responses.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::openai_chat::{failure, image_line};
use super::{Piece, Reply, Wire, json as answer, schema_line, strings};
use crate::support::PLANTED_KEY;

pub(crate) struct OpenAiResponses;

fn item(piece: &Piece, number: usize) -> Value {
    match piece {
        Piece::Thought => OpenAiResponses.thought(),
        Piece::Text(text) => json!({"type": "message", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": text, "annotations": []}]}),
        Piece::Call(name, arguments) => {
            let id = if *arguments == "{}" { "call_2".into() } else { format!("call_{number}") };
            json!({"type": "function_call", "id": "fc", "call_id": id, "name": name, "arguments": arguments})
        }
    }
}

impl Wire for OpenAiResponses {
    fn spec(&self) -> &'static str {
        "openai-responses:m"
    }

    fn path(&self) -> &'static str {
        "/responses"
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
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"})
    }

    fn answer(&self, reply: &Reply) -> ResponseTemplate {
        let (output, cut, usage) = match reply {
            Reply::Says { pieces, cut, usage } => {
                let calls =
                    |i: usize| pieces.iter().take(i).filter(|piece| matches!(piece, Piece::Call(..))).count();
                let items: Vec<Value> =
                    pieces.iter().enumerate().map(|(i, piece)| item(piece, calls(i))).collect();
                (json!(items), *cut, *usage)
            }
            Reply::Refuses => {
                let refusal = json!({"type": "refusal", "refusal": "I can't help with that."});
                (
                    json!([{"type": "message", "role": "assistant", "content": [refusal]}]),
                    false,
                    smith_llm::Usage::default(),
                )
            }
            Reply::RateLimited => return failure(reply).insert_header("retry-after-ms", "30"),
            reply => return failure(reply),
        };
        let details = if cut { json!({"reason": "max_output_tokens"}) } else { Value::Null };
        answer(
            200,
            &json!({"id": "resp_1", "object": "response", "model": "m-1", "error": null, "output": output,
                "status": if cut { "incomplete" } else { "completed" }, "incomplete_details": details,
                "usage": {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens,
                    "input_tokens_details": {"cached_tokens": usage.cached_tokens},
                    "output_tokens_details": {"reasoning_tokens": 0}}}),
        )
    }

    fn read(&self, body: &Value) -> Vec<String> {
        assert_eq!((&body["model"], &body["store"]), (&json!("m"), &json!(false)));
        let mut lines = Vec::new();
        for item in body["input"].as_array().unwrap() {
            match item["type"].as_str().unwrap() {
                "message" => message(item, &mut lines),
                "function_call" => lines.push(format!(
                    "call: {} {}",
                    item["name"].as_str().unwrap(),
                    item["arguments"].as_str().unwrap()
                )),
                "function_call_output" => lines.push(format!("result: {}", item["output"].as_str().unwrap())),
                _ => {
                    assert_eq!(*item, self.thought());
                    assert_eq!(body["include"], json!(["reasoning.encrypted_content"]));
                    lines.push("thought".into());
                }
            }
        }
        lines.extend(strings(&body["tools"], "/name").iter().map(|name| format!("tool: {name}")));
        if let Some(text) = body.get("text").filter(|text| text.get("format").is_some()) {
            assert_eq!(
                (&text["format"]["type"], &text["format"]["strict"]),
                (&json!("json_schema"), &json!(true))
            );
            lines.push(schema_line(&text["format"]["schema"]));
        }
        lines
    }
}

fn message(item: &Value, lines: &mut Vec<String>) {
    let role = item["role"].as_str().unwrap();
    for piece in item["content"].as_array().unwrap() {
        lines.push(match piece["type"].as_str().unwrap() {
            "input_image" => image_line(piece["image_url"].as_str().unwrap()),
            "output_text" => format!("text: {}", piece["text"].as_str().unwrap()),
            _ => format!("{role}: {}", piece["text"].as_str().unwrap()),
        });
    }
}
