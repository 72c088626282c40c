//! Writing, as far as wires have it in common. What is written is the same for equal requests: a replay compares it.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::canonical;
use crate::chat::{ChatRequest, Image, Message, Part, Role, ToolArguments};
use crate::error::LlmError;

/// Arguments of a history as the object that every server demands.
pub(super) fn arguments_object(arguments: &ToolArguments) -> Cow<'_, Value> {
    match arguments {
        ToolArguments::Json(value @ Value::Object(_)) => Cow::Borrowed(value),
        ToolArguments::Json(value) => Cow::Owned(json!({"malformed_arguments": value})),
        // Servers parse the arguments of a history and refuse the whole request when they are not an object.
        ToolArguments::Malformed(text) => Cow::Owned(json!({"malformed_arguments": text})),
    }
}

/// The same in a string, for wires that want one.
pub(super) fn arguments_text(arguments: &ToolArguments) -> String {
    canonical::to_string(&arguments_object(arguments))
}

/// An image inside of a URL.
pub(super) fn data_url(image: &Image) -> String {
    format!("data:{};base64,{}", image.media_type, image.data)
}

/// The text of the system prompts at the beginning, and the messages after them: for wires that keep the two apart.
pub(super) fn apart(messages: &[Message]) -> Result<(Vec<&str>, &[Message]), LlmError> {
    let is_system = |message: &Message| message.role == Role::System;
    let first = messages.iter().position(|message| !is_system(message)).unwrap_or(messages.len());
    let (system, rest) = messages.split_at(first);
    if let Some(place) = rest.iter().position(is_system) {
        return Err(LlmError::Mistake(format!(
            "message {} of the request: this provider takes messages of role system at the beginning only",
            first + place
        )));
    }
    Ok((system.iter().flat_map(|message| &message.parts).filter_map(said).collect(), rest))
}

/// The text of a part, if it says something: the newer wires refuse blank texts.
pub(super) fn said(part: &Part) -> Option<&str> {
    match part {
        Part::Text { text } if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// A part in a message where no wire takes one.
pub(super) fn misplaced(index: usize, role: Role, part: &Part) -> LlmError {
    let part = match part {
        Part::Text { .. } => "text",
        Part::Image(_) => "an image",
        Part::ToolCall(_) => "a tool call",
        Part::ToolResult(_) => "a tool result",
        Part::Opaque { .. } => "an opaque part",
    };
    let role = match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    LlmError::Mistake(format!("message {index} of the request: a message of role {role} cannot hold {part}"))
}

/// Whether a message of this role may hold this part, on every wire.
pub(super) fn belongs(role: Role, part: &Part) -> bool {
    match part {
        Part::Opaque { .. } => true,
        Part::Text { .. } => role != Role::Tool,
        Part::Image(_) => role == Role::User,
        Part::ToolCall(_) => role == Role::Assistant,
        Part::ToolResult(_) => role == Role::Tool,
    }
}

/// Fails on the first part that stands in a message of the wrong role.
pub(super) fn check_places(request: &ChatRequest) -> Result<(), LlmError> {
    for (index, message) in request.messages.iter().enumerate() {
        if let Some(part) = message.parts.iter().find(|part| !belongs(message.role, part)) {
            return Err(misplaced(index, message.role, part));
        }
    }
    Ok(())
}

/// The warning for a seed that the wire has no field for.
pub(super) fn seed_warning(request: &ChatRequest) -> Option<String> {
    let seed = request.seed?;
    Some(format!("the seed {seed} was not sent: this provider takes none, so answers differ from run to run"))
}
