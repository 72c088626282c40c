//! From a request to the body that is sent. A conversation is a list of items: messages, calls, results, thoughts.

use serde_json::{Map, Value, json};

use super::PROVIDER;
use crate::chat::{ChatRequest, Message, OutputSchema, Part, Role, ToolCall, ToolSpec};
use crate::dialect::openai_chat::effort;
use crate::dialect::strict::{arguments_text, check_places, data_url, insert, said, seed_warning};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

/// Thoughts come back sealed only if asked for; models that do not think refuse to be asked.
const SEALED_THOUGHTS: &str = "reasoning.encrypted_content";

pub(super) fn body(model: &str, request: &ChatRequest) -> Result<Encoded, LlmError> {
    check_places(request)?;
    let mut warnings: Vec<String> = seed_warning(request).into_iter().collect();
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    body.insert("store".into(), false.into());
    body.insert("input".into(), request.messages.iter().flat_map(items).collect());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        insert(&mut body, "parallel_tool_calls", request.parallel_tool_calls);
    }
    insert(&mut body, "temperature", request.temperature);
    insert(&mut body, "max_output_tokens", request.max_output_tokens);
    if let Some(reasoning) = request.reasoning {
        body.insert("reasoning".into(), json!({"effort": effort(reasoning)?}));
    }
    if request.reasoning.is_some() || has_thoughts(request) {
        body.insert("include".into(), json!([SEALED_THOUGHTS]));
    }
    let format = request.output_schema.as_ref().map(|output| {
        let strict = schema::strict(output, &mut warnings);
        text_format(output, strict)
    });
    insert(&mut body, "text", format);
    Ok(Encoded { body, warnings })
}

fn has_thoughts(request: &ChatRequest) -> bool {
    request.messages.iter().flat_map(|message| &message.parts).any(|part| own(part).is_some())
}

fn text_format(output: &OutputSchema, strict: bool) -> Value {
    json!({"format": {"type": "json_schema", "name": output.name, "schema": output.schema, "strict": strict}})
}

fn items(message: &Message) -> Vec<Value> {
    match message.role {
        Role::System => spoken("system", message).into_iter().collect(),
        Role::User => spoken("user", message).into_iter().collect(),
        Role::Assistant | Role::Tool => message.parts.iter().filter_map(item).collect(),
    }
}

/// A message of text and images; none if it says nothing.
fn spoken(role: &str, message: &Message) -> Option<Value> {
    let content: Vec<Value> = message.parts.iter().filter_map(piece).collect();
    (!content.is_empty()).then(|| json!({"type": "message", "role": role, "content": content}))
}

fn piece(part: &Part) -> Option<Value> {
    match part {
        Part::Image(image) => Some(json!({"type": "input_image", "image_url": data_url(image)})),
        part => said(part).map(|text| json!({"type": "input_text", "text": text})),
    }
}

/// An item of its own for each part, in their order.
fn item(part: &Part) -> Option<Value> {
    match part {
        Part::ToolCall(call) => Some(tool_call(call)),
        Part::ToolResult(result) => Some(
            json!({"type": "function_call_output", "call_id": result.call_id, "output": result.content}),
        ),
        part => own(part).cloned().or_else(|| {
            let text = said(part)?;
            Some(json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}))
        }),
    }
}

fn own(part: &Part) -> Option<&Value> {
    match part {
        Part::Opaque { provider, value } if provider == PROVIDER => Some(value),
        _ => None,
    }
}

fn tool_call(call: &ToolCall) -> Value {
    let arguments = arguments_text(&call.arguments);
    json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
}

/// Not strict: that would be the default here, and it changes which arguments are optional.
fn tool(spec: &ToolSpec) -> Value {
    json!({"type": "function", "name": spec.name, "description": spec.description, "parameters": spec.parameters,
        "strict": false})
}
