//! From a request to the body that is sent. Deterministic: a replay compares what this writes.

use serde_json::{Map, Value, json};

use super::{PROVIDER, REASONING_CONTENT};
use crate::chat::{
    ChatRequest, Message, OutputSchema, Part, Reasoning, Role, ToolCall, ToolResult, ToolSpec,
};
use crate::dialect::strict::{arguments_text, check_places, data_url, insert};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

pub(super) fn body(model: &str, request: &ChatRequest, token_limit_field: &str) -> Result<Encoded, LlmError> {
    check_places(request)?;
    let mut warnings = Vec::new();
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    body.insert("messages".into(), request.messages.iter().flat_map(messages).collect());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        insert(&mut body, "parallel_tool_calls", request.parallel_tool_calls);
    }
    insert(&mut body, "temperature", request.temperature);
    insert(&mut body, "seed", request.seed);
    insert(&mut body, token_limit_field, request.max_output_tokens);
    insert(&mut body, "reasoning_effort", request.reasoning.map(effort).transpose()?);
    let format = request.output_schema.as_ref().map(|output| {
        let strict = schema::strict(output, &mut warnings);
        response_format(output, strict)
    });
    insert(&mut body, "response_format", format);
    Ok(Encoded { body, warnings })
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

fn response_format(output: &OutputSchema, strict: bool) -> Value {
    let described = json!({"name": output.name, "schema": output.schema, "strict": strict});
    json!({"type": "json_schema", "json_schema": described})
}

fn messages(message: &Message) -> Vec<Value> {
    match message.role {
        Role::System => vec![spoken("system", message)],
        Role::User => vec![spoken("user", message)],
        Role::Assistant => vec![assistant(message)],
        Role::Tool => tool_results(message),
    }
}

/// A message of text and images. Text alone is a string, which every server takes.
fn spoken(role: &str, message: &Message) -> Value {
    let has_images = message.parts.iter().any(|part| matches!(part, Part::Image(_)));
    let content: Value =
        if has_images { message.parts.iter().filter_map(piece).collect() } else { message.text().into() };
    json!({"role": role, "content": content})
}

fn piece(part: &Part) -> Option<Value> {
    match part {
        Part::Text { text } => Some(json!({"type": "text", "text": text})),
        Part::Image(image) => Some(json!({"type": "image_url", "image_url": {"url": data_url(image)}})),
        _ => None,
    }
}

fn assistant(message: &Message) -> Value {
    let text = message.text();
    let calls: Vec<Value> = message.tool_calls().map(tool_call).collect();
    let mut wire = Map::new();
    wire.insert("role".into(), "assistant".into());
    // Beside tool calls an absent text is null; alone it must be a string.
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { text.into() };
    wire.insert("content".into(), content);
    let wanted = |name: &String| name != REASONING_CONTENT || !calls.is_empty();
    let own = message.parts.iter().filter_map(own_fields).flatten().filter(|(name, _)| wanted(name));
    wire.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    if !calls.is_empty() {
        wire.insert("tool_calls".into(), calls.into());
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

fn tool_call(call: &ToolCall) -> Value {
    let arguments = arguments_text(&call.arguments);
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

/// The wire wants one message for each result.
fn tool_results(message: &Message) -> Vec<Value> {
    let results = message.parts.iter().filter_map(|part| match part {
        Part::ToolResult(result) => Some(tool_result(result)),
        _ => None,
    });
    results.collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;
    use crate::chat::{Effort, Image, ToolArguments};

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

    fn sorted(request: &ChatRequest, field: &str) -> Value {
        let body = body("gpt-4o", request, field).unwrap().body;
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
            (Role::Assistant, Part::Image(image()), "role assistant cannot hold an image"),
        ];
        for (role, part, expected) in wrong {
            let messages = vec![Message::user("first"), Message { role, parts: vec![part] }];
            let error =
                body("m", &ChatRequest { messages, ..ChatRequest::default() }, "max_tokens").unwrap_err();
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
        let error = body("m", &budget, "max_tokens").unwrap_err().to_string();
        assert!(error.contains("give an effort"), "{error}");
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
            let wire = assistant(&Message { role: Role::Assistant, parts });
            let field = thought.as_object().unwrap().keys().next().unwrap();
            assert_eq!(wire.get(field).cloned().unwrap_or_default(), sent, "{wire}");
        }
    }
}
