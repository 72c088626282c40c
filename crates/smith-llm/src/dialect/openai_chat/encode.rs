//! From a request to the body that is sent. Deterministic: a replay compares what this writes.

use serde_json::{Map, Value, json};

use crate::canonical;
use crate::chat::{ChatRequest, Message, Part, Role, ToolArguments, ToolCall, ToolResult, ToolSpec};
use crate::error::LlmError;

pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    token_limit_field: &str,
) -> Result<Map<String, Value>, LlmError> {
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    body.insert("messages".into(), messages(&request.messages)?.into());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        if let Some(parallel) = request.parallel_tool_calls {
            body.insert("parallel_tool_calls".into(), parallel.into());
        }
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), temperature.into());
    }
    if let Some(seed) = request.seed {
        body.insert("seed".into(), seed.into());
    }
    if let Some(limit) = request.max_output_tokens {
        body.insert(token_limit_field.into(), limit.into());
    }
    Ok(body)
}

fn messages(messages: &[Message]) -> Result<Vec<Value>, LlmError> {
    let mut wire = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        match message.role {
            Role::System => wire.push(spoken("system", index, message)?),
            Role::User => wire.push(spoken("user", index, message)?),
            Role::Assistant => wire.push(assistant(index, message)?),
            Role::Tool => wire.extend(tool_results(index, message)?),
        }
    }
    Ok(wire)
}

/// A message of text alone. Opaque parts belong to another provider: this dialect makes none.
fn spoken(role: &str, index: usize, message: &Message) -> Result<Value, LlmError> {
    match message.parts.iter().find(|part| matches!(part, Part::ToolCall(_) | Part::ToolResult(_))) {
        Some(part) => Err(misplaced(index, role, part)),
        None => Ok(json!({"role": role, "content": message.text()})),
    }
}

fn assistant(index: usize, message: &Message) -> Result<Value, LlmError> {
    if let Some(part) = message.parts.iter().find(|part| matches!(part, Part::ToolResult(_))) {
        return Err(misplaced(index, "assistant", part));
    }
    let text = message.text();
    let calls: Vec<Value> = message.tool_calls().map(tool_call).collect();
    let mut wire = Map::new();
    wire.insert("role".into(), "assistant".into());
    // Beside tool calls an absent text is null; alone it must be a string.
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { text.into() };
    wire.insert("content".into(), content);
    if !calls.is_empty() {
        wire.insert("tool_calls".into(), calls.into());
    }
    Ok(wire.into())
}

fn tool_call(call: &ToolCall) -> Value {
    let arguments = match &call.arguments {
        ToolArguments::Json(value @ Value::Object(_)) => canonical::to_string(value),
        ToolArguments::Json(value) => canonical::to_string(&json!({"malformed_arguments": value})),
        // Servers parse the arguments of a history and refuse the whole request when they are not an object.
        ToolArguments::Malformed(text) => canonical::to_string(&json!({"malformed_arguments": text})),
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

/// The wire wants one message for each result.
fn tool_results(index: usize, message: &Message) -> Result<Vec<Value>, LlmError> {
    let parts = message.parts.iter().filter(|part| !matches!(part, Part::Opaque { .. }));
    parts
        .map(|part| match part {
            Part::ToolResult(result) => Ok(tool_result(result)),
            other => Err(misplaced(index, "tool", other)),
        })
        .collect()
}

fn tool_result(result: &ToolResult) -> Value {
    json!({"role": "tool", "tool_call_id": result.call_id, "content": result.content})
}

fn tool(spec: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {"name": spec.name, "description": spec.description, "parameters": spec.parameters},
    })
}

fn misplaced(index: usize, role: &str, part: &Part) -> LlmError {
    let part = match part {
        Part::Text { .. } => "text",
        Part::ToolCall(_) => "a tool call",
        Part::ToolResult(_) => "a tool result",
        Part::Opaque { .. } => "an opaque part",
    };
    LlmError::Mistake(format!("message {index} of the request: a message of role {role} cannot hold {part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, arguments: ToolArguments) -> Part {
        Part::ToolCall(ToolCall { id: id.into(), name: "run_python".into(), arguments })
    }

    fn result(id: &str) -> ToolResult {
        ToolResult { call_id: id.into(), name: "run_python".into(), content: "3".into(), is_error: false }
    }

    fn conversation() -> ChatRequest {
        ChatRequest {
            messages: vec![
                Message::system("You write Python."),
                Message::user("What is 1 + 2?"),
                Message {
                    role: Role::Assistant,
                    parts: vec![
                        Part::Text { text: "Let me see.".into() },
                        call("a", ToolArguments::Json(json!({"z": 1, "code": "1 + 2"}))),
                        Part::Opaque { provider: "other".into(), value: json!("signature") },
                        call("b", ToolArguments::Malformed("{\"code\": 1 +".into())),
                    ],
                },
                Message {
                    role: Role::Tool,
                    parts: vec![Part::ToolResult(result("a")), Part::ToolResult(result("b"))],
                },
                Message { role: Role::Assistant, parts: vec![call("c", ToolArguments::Json(json!({})))] },
                Message::tool_result(result("c")),
                Message { role: Role::Assistant, parts: Vec::new() },
            ],
            tools: vec![ToolSpec {
                name: "run_python".into(),
                description: "Runs code.".into(),
                parameters: json!({"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}),
            }],
            temperature: Some(0.2),
            seed: Some(7),
            max_output_tokens: Some(512),
            parallel_tool_calls: Some(false),
            label: Some("never sent".into()),
        }
    }

    fn sorted(request: &ChatRequest, field: &str) -> Value {
        let body = body("gpt-4o", request, field).unwrap();
        serde_json::from_str(&canonical::to_string(&Value::Object(body))).unwrap()
    }

    #[test]
    fn a_whole_conversation_on_the_wire() {
        insta::with_settings!({sort_maps => true}, {
            insta::assert_json_snapshot!(sorted(&conversation(), "max_completion_tokens"));
        });
    }

    #[test]
    fn what_is_absent_is_not_sent() {
        let request = ChatRequest {
            messages: vec![Message::user("hi")],
            parallel_tool_calls: Some(true),
            ..ChatRequest::default()
        };
        assert_eq!(
            sorted(&request, "max_tokens"),
            json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]})
        );
        let limited = ChatRequest { max_output_tokens: Some(9), ..request };
        assert_eq!(sorted(&limited, "max_tokens")["max_tokens"], 9);
    }

    #[test]
    fn parts_in_the_wrong_message_are_a_mistake_with_their_place() {
        let wrong = [
            (Role::User, call("a", ToolArguments::Json(json!({}))), "role user cannot hold a tool call"),
            (Role::System, Part::ToolResult(result("a")), "role system cannot hold a tool result"),
            (Role::Assistant, Part::ToolResult(result("a")), "role assistant cannot hold a tool result"),
            (Role::Tool, Part::Text { text: "x".into() }, "role tool cannot hold text"),
        ];
        for (role, part, expected) in wrong {
            let messages = vec![Message::user("first"), Message { role, parts: vec![part] }];
            let error =
                body("m", &ChatRequest { messages, ..ChatRequest::default() }, "max_tokens").unwrap_err();
            let text = error.to_string();
            assert!(text.contains("message 1 ") && text.contains(expected), "{text}");
        }
    }
}
