//! From a request to the body that is sent. A conversation is a list of items: messages, calls, results, thoughts.

use serde_json::{Value, json};

use super::PROVIDER;
use crate::chat::{ChatRequest, Message, OutputSchema, Part, Role, ToolCall, ToolSpec};
use crate::dialect::openai_chat::effort;
use crate::dialect::strict::{arguments_text, check_places, data_url, said, seed_warning};
use crate::dialect::wire::{Fields, Wire, object};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

/// Thoughts come back sealed only if asked for; models that do not think refuse to be asked.
const SEALED_THOUGHTS: &str = "reasoning.encrypted_content";

pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    most_output_tokens: Option<u32>,
) -> Result<Encoded, LlmError> {
    check_places(request)?;
    let mut warnings: Vec<String> = seed_warning(request).into_iter().collect();
    let mut body = Fields::default();
    body.put("model", model);
    body.put("store", false);
    body.put("input", request.messages.iter().flat_map(items).collect::<Wire<'_>>());
    if !request.tools.is_empty() {
        body.put("tools", request.tools.iter().map(tool).collect::<Wire<'_>>());
        body.put_if_any("parallel_tool_calls", request.parallel_tool_calls);
    }
    body.put_if_any("temperature", request.temperature);
    body.put_if_any("max_output_tokens", most_output_tokens);
    if let Some(reasoning) = request.reasoning {
        body.put("reasoning", json!({"effort": effort(reasoning)?}));
    }
    if request.reasoning.is_some() || has_thoughts(request) {
        body.put("include", json!([SEALED_THOUGHTS]));
    }
    let format = request.output_schema.as_ref().map(|output| {
        let strict = schema::strict(output, &mut warnings);
        text_format(output, strict)
    });
    body.put_if_any("text", format);
    Ok(Encoded { body: body.text(), warnings })
}

fn has_thoughts(request: &ChatRequest) -> bool {
    request.messages.iter().flat_map(|message| &message.parts).any(|part| own(part).is_some())
}

fn text_format(output: &OutputSchema, strict: bool) -> Value {
    json!({"format": {"type": "json_schema", "name": output.name, "schema": output.schema, "strict": strict}})
}

fn items(message: &Message) -> Vec<Wire<'_>> {
    match message.role {
        Role::System => spoken("system", message).into_iter().collect(),
        Role::User => spoken("user", message).into_iter().collect(),
        Role::Assistant | Role::Tool => message.parts.iter().filter_map(item).collect(),
    }
}

/// A message of text and images; none if it says nothing.
fn spoken<'a>(role: &'static str, message: &'a Message) -> Option<Wire<'a>> {
    let content: Vec<Wire<'_>> = message.parts.iter().filter_map(piece).collect();
    (!content.is_empty()).then(|| self::message(role, content))
}

fn message<'a>(role: &'static str, content: Vec<Wire<'a>>) -> Wire<'a> {
    object([("type", "message".into()), ("role", role.into()), ("content", content.into())])
}

fn piece(part: &Part) -> Option<Wire<'_>> {
    match part {
        Part::Image(image) => {
            Some(object([("type", "input_image".into()), ("image_url", data_url(image).into())]))
        }
        part => said(part).map(|text| object([("type", "input_text".into()), ("text", text.into())])),
    }
}

/// An item of its own for each part, in their order.
fn item(part: &Part) -> Option<Wire<'_>> {
    match part {
        Part::ToolCall(call) => Some(tool_call(call)),
        Part::ToolResult(result) => Some(object([
            ("type", "function_call_output".into()),
            ("call_id", (&result.call_id).into()),
            ("output", (&result.content).into()),
        ])),
        part => own(part).map(Wire::from).or_else(|| {
            let text = object([("type", "output_text".into()), ("text", said(part)?.into())]);
            Some(message("assistant", vec![text]))
        }),
    }
}

fn own(part: &Part) -> Option<&Value> {
    match part {
        Part::Opaque { provider, value } if provider == PROVIDER => Some(value),
        _ => None,
    }
}

fn tool_call(call: &ToolCall) -> Wire<'_> {
    object([
        ("type", "function_call".into()),
        ("call_id", (&call.id).into()),
        ("name", (&call.name).into()),
        ("arguments", arguments_text(&call.arguments).into()),
    ])
}

/// Not strict: that would be the default here, and it changes which arguments are optional.
fn tool(spec: &ToolSpec) -> Wire<'_> {
    object([
        ("type", "function".into()),
        ("name", (&spec.name).into()),
        ("description", (&spec.description).into()),
        ("parameters", (&spec.parameters).into()),
        ("strict", false.into()),
    ])
}
