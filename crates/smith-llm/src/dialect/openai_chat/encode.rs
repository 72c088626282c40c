//! From a request to the body that is sent. Deterministic: a replay compares what this writes.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{PROVIDER, REASONING_CONTENT};
use crate::chat::{
    ChatRequest, Message, OutputSchema, Part, Reasoning, Role, ToolCall, ToolResult, ToolSpec,
};
use crate::dialect::strict::{arguments_text, check_places, data_url};
use crate::dialect::wire::{Fields, Wire, object};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    most_output_tokens: Option<u32>,
    token_limit_field: &'static str,
) -> Result<Encoded, LlmError> {
    check_places(request)?;
    let mut warnings = Vec::new();
    let mut body = Fields::default();
    body.put("model", model);
    body.put("messages", request.messages.iter().flat_map(messages).collect::<Wire<'_>>());
    if !request.tools.is_empty() {
        body.put("tools", request.tools.iter().map(tool).collect::<Wire<'_>>());
        body.put_if_any("parallel_tool_calls", request.parallel_tool_calls);
    }
    body.put_if_any("temperature", request.temperature);
    body.put_if_any("seed", request.seed);
    body.put_if_any(token_limit_field, most_output_tokens);
    body.put_if_any("reasoning_effort", request.reasoning.map(effort).transpose()?);
    let format = request.output_schema.as_ref().map(|output| {
        let strict = schema::strict(output, &mut warnings);
        response_format(output, strict)
    });
    body.put_if_any("response_format", format);
    Ok(Encoded { body: body.text(), warnings })
}

/// The wire has words for effort and no budget of tokens.
pub(in crate::dialect) fn effort(reasoning: Reasoning) -> Result<&'static str, LlmError> {
    match reasoning {
        Reasoning::Effort(effort) => Ok(effort.word()),
        Reasoning::Budget(tokens) => Err(LlmError::Mistake(format!(
            "a budget of {tokens} tokens for reasoning cannot be sent to this provider: give an effort instead"
        ))),
    }
}

fn response_format(output: &OutputSchema, strict: bool) -> Wire<'_> {
    let described = object([
        ("name", (&output.name).into()),
        ("schema", (&output.schema).into()),
        ("strict", strict.into()),
    ]);
    object([("type", "json_schema".into()), ("json_schema", described)])
}

fn messages(message: &Message) -> Vec<Wire<'_>> {
    match message.role {
        Role::System => vec![spoken("system", message)],
        Role::User => vec![spoken("user", message)],
        Role::Assistant => vec![assistant(message)],
        Role::Tool => tool_results(message),
    }
}

/// A message of text and images. Text alone is a string, which every server takes.
fn spoken<'a>(role: &'static str, message: &'a Message) -> Wire<'a> {
    let has_images = message.parts.iter().any(|part| matches!(part, Part::Image(_)));
    let content =
        if has_images { message.parts.iter().filter_map(piece).collect() } else { text(message).into() };
    object([("role", role.into()), ("content", content)])
}

/// The text of a message, which mostly is one piece.
fn text(message: &Message) -> Cow<'_, str> {
    match message.parts.as_slice() {
        [Part::Text { text }] => Cow::Borrowed(text),
        _ => Cow::Owned(message.text()),
    }
}

fn piece(part: &Part) -> Option<Wire<'_>> {
    match part {
        Part::Text { text } => Some(object([("type", "text".into()), ("text", text.into())])),
        Part::Image(image) => {
            let url = object([("url", data_url(image).into())]);
            Some(object([("type", "image_url".into()), ("image_url", url)]))
        }
        _ => None,
    }
}

fn assistant(message: &Message) -> Wire<'_> {
    let text = text(message);
    let calls: Vec<Wire<'_>> = message.tool_calls().map(tool_call).collect();
    let mut wire = Fields::default();
    wire.put("role", "assistant");
    // Beside tool calls an absent text is null; alone it must be a string.
    let content = if text.is_empty() && !calls.is_empty() { Value::Null.into() } else { Wire::Text(text) };
    wire.put("content", content);
    let wanted = |name: &String| name != REASONING_CONTENT || !calls.is_empty();
    let own = message.parts.iter().filter_map(own_fields).flatten().filter(|(name, _)| wanted(name));
    for (name, value) in own {
        wire.put(name, value);
    }
    if !calls.is_empty() {
        wire.put("tool_calls", calls);
    }
    wire.into()
}

/// What this wire made and wants back: fields of the message.
fn own_fields(part: &Part) -> Option<&Map<String, Value>> {
    match part {
        Part::Opaque { provider, value } if provider == PROVIDER => value.as_object(),
        _ => None,
    }
}

fn tool_call(call: &ToolCall) -> Wire<'_> {
    let function =
        object([("name", (&call.name).into()), ("arguments", arguments_text(&call.arguments).into())]);
    object([("id", (&call.id).into()), ("type", "function".into()), ("function", function)])
}

/// The wire wants one message for each result.
fn tool_results(message: &Message) -> Vec<Wire<'_>> {
    let results = message.parts.iter().filter_map(|part| match part {
        Part::ToolResult(result) => Some(tool_result(result)),
        _ => None,
    });
    results.collect()
}

fn tool_result(result: &ToolResult) -> Wire<'_> {
    object([
        ("role", "tool".into()),
        ("tool_call_id", (&result.call_id).into()),
        ("content", (&result.content).into()),
    ])
}

fn tool(spec: &ToolSpec) -> Wire<'_> {
    let function = object([
        ("name", (&spec.name).into()),
        ("description", (&spec.description).into()),
        ("parameters", (&spec.parameters).into()),
    ]);
    object([("type", "function".into()), ("function", function)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Effort, Image, ToolArguments};
    use serde_json::json;

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
            ..ChatRequest::default()
        }
    }

    fn image() -> Image {
        Image { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() }
    }

    fn sorted(request: &ChatRequest, field: &'static str) -> Value {
        serde_json::from_str(&body("gpt-4o", request, request.max_output_tokens, field).unwrap().body)
            .unwrap()
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
            (Role::Assistant, Part::Image(image()), "role assistant cannot hold an image"),
        ];
        for (role, part, expected) in wrong {
            let messages = vec![Message::user("first"), Message { role, parts: vec![part] }];
            let error = body("m", &ChatRequest { messages, ..ChatRequest::default() }, None, "max_tokens")
                .unwrap_err();
            let text = error.to_string();
            assert!(text.contains("message 1 ") && text.contains(expected), "{text}");
        }
    }

    #[test]
    fn images_a_schema_and_an_effort_have_their_fields() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
            "additionalProperties": false});
        let question = Message {
            role: Role::User,
            parts: vec![Part::Text { text: "How many?".into() }, Part::Image(image())],
        };
        let request = ChatRequest {
            messages: vec![question],
            output_schema: Some(OutputSchema { name: "count".into(), schema: schema.clone() }),
            reasoning: Some(Reasoning::Effort(Effort::High)),
            ..ChatRequest::default()
        };
        assert_eq!(
            sorted(&request, "max_tokens"),
            json!({"model": "gpt-4o", "reasoning_effort": "high",
                "response_format": {"type": "json_schema",
                    "json_schema": {"name": "count", "strict": true, "schema": schema}},
                "messages": [{"role": "user", "content": [
                    {"type": "text", "text": "How many?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]})
        );
        let budget = ChatRequest { reasoning: Some(Reasoning::Budget(9)), ..request };
        let error = body("m", &budget, None, "max_tokens").unwrap_err().to_string();
        assert!(error.contains("give an effort"), "{error}");
    }

    fn as_sent(message: &Message) -> Value {
        serde_json::to_value(assistant(message)).unwrap()
    }

    #[test]
    fn thoughts_go_back_where_their_server_wants_them() {
        let opaque = |value| Part::Opaque { provider: PROVIDER.into(), value };
        let content = json!({"reasoning_content": "hm"});
        let details = json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]});
        let text = || Part::Text { text: "so".into() };
        let tool = || call("a", ToolArguments::Json(json!({})));
        for (thought, other, sent) in [
            (&content, tool(), json!("hm")),
            (&content, text(), Value::Null),
            (&details, tool(), details["reasoning_details"].clone()),
            (&details, text(), details["reasoning_details"].clone()),
        ] {
            let parts = vec![opaque(thought.clone()), other];
            let wire = as_sent(&Message { role: Role::Assistant, parts });
            let field = thought.as_object().unwrap().keys().next().unwrap();
            assert_eq!(wire.get(field).cloned().unwrap_or_default(), sent, "{wire}");
        }
    }
}
