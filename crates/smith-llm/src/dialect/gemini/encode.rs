//! From a request to the body that is sent: contents of user and model, each a list of parts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::{PART, PROVIDER, WITH_NEXT};
use crate::chat::{ChatRequest, Message, Part, Reasoning, Role, ToolCall, ToolResult, ToolSpec};
use crate::dialect::strict::{apart, arguments_object, check_places, said};
use crate::dialect::wire::{Fields, Wire, object};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    most_output_tokens: Option<u32>,
) -> Result<Encoded, LlmError> {
    check_name(model)?;
    check_places(request)?;
    let (system, rest) = apart(&request.messages)?;
    let mut warnings = Vec::new();
    let mut body = Fields::default();
    if !system.is_empty() {
        body.put("systemInstruction", object([("parts", system.into_iter().map(text).collect())]));
    }
    body.put("contents", Contents::default().of(rest));
    if !request.tools.is_empty() {
        body.put("tools", json!([{"functionDeclarations": declarations(&request.tools, &mut warnings)}]));
        if request.parallel_tool_calls == Some(false) {
            warnings.push(
                "that calls should come one at a time was not sent: this provider cannot be told".into(),
            );
        }
    }
    let mut config = generation_config(request, &mut warnings);
    config.put_if_any("maxOutputTokens", most_output_tokens);
    body.put_if_any("generationConfig", (!config.is_empty()).then_some(config));
    Ok(Encoded { body: body.text(), warnings })
}

/// The name becomes part of a URL.
fn check_name(model: &str) -> Result<(), LlmError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    if model.chars().all(fits) && !model.split('/').any(|piece| matches!(piece, "" | "." | "..")) {
        return Ok(());
    }
    Err(LlmError::Mistake(format!("{model:?} cannot be the name of a model of this provider")))
}

fn generation_config(request: &ChatRequest, warnings: &mut Vec<String>) -> Fields<'static> {
    let mut config = Fields::default();
    config.put_if_any("temperature", request.temperature);
    config.put_if_any("seed", request.seed);
    config.put_if_any("thinkingConfig", request.reasoning.map(thinking));
    if let Some(output) = &request.output_schema {
        let rewritten = schema::for_gemini(&output.schema);
        warnings.extend(schema::warning(&format!("the schema {:?}", output.name), &rewritten.left_out));
        config.put("responseMimeType", "application/json");
        config.put("responseSchema", rewritten.schema);
    }
    config
}

fn thinking(reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Effort(effort) => json!({"thinkingLevel": effort.word()}),
        Reasoning::Budget(tokens) => json!({"thinkingBudget": tokens}),
    }
}

fn declarations(tools: &[ToolSpec], warnings: &mut Vec<String>) -> Vec<Value> {
    let mut left_out = BTreeSet::new();
    let declared = tools.iter().map(|spec| {
        let mut declaration = Map::new();
        declaration.insert("name".into(), spec.name.as_str().into());
        declaration.insert("description".into(), spec.description.as_str().into());
        let rewritten = schema::for_gemini(&spec.parameters);
        left_out.extend(rewritten.left_out);
        // An object without properties is refused; a tool without arguments has no parameters.
        let properties = rewritten.schema.get("properties").and_then(Value::as_object);
        if properties.is_some_and(|properties| !properties.is_empty()) {
            declaration.insert("parameters".into(), rewritten.schema);
        }
        declaration.into()
    });
    let declared = declared.collect();
    warnings.extend(schema::warning("the arguments' schema of a tool", &left_out));
    declared
}

/// The history, in the making.
#[derive(Default)]
struct Contents {
    /// Calls that Gemini gave an identifier: it wants it back with the result.
    own_ids: HashSet<String>,
}

impl Contents {
    /// Results of tools that follow each other are one content: it must answer all calls of the one before.
    fn of(mut self, messages: &[Message]) -> Vec<Wire<'_>> {
        let mut contents: Vec<(Role, Vec<Wire<'_>>)> = Vec::new();
        for message in messages {
            let parts = self.parts(message);
            match contents.last_mut() {
                Some((Role::Tool, last)) if message.role == Role::Tool => last.extend(parts),
                _ => contents.push((message.role, parts)),
            }
        }
        // A content that says nothing is refused.
        contents.retain(|(_, parts)| !parts.is_empty());
        let role = |role| if role == Role::Assistant { "model" } else { "user" };
        let content =
            |(who, parts): (Role, Vec<_>)| object([("role", role(who).into()), ("parts", parts.into())]);
        contents.into_iter().map(content).collect()
    }

    fn parts<'a>(&mut self, message: &'a Message) -> Vec<Wire<'a>> {
        let mut parts = Vec::new();
        let mut fields: BTreeMap<&'a str, &'a Value> = BTreeMap::new();
        for part in &message.parts {
            if let Part::Opaque { provider, value } = part {
                if provider == PROVIDER {
                    parts.extend(value.get(PART).map(Wire::from));
                    let with_next = value.get(WITH_NEXT).and_then(Value::as_object).into_iter().flatten();
                    fields.extend(with_next.map(|(name, value)| (name.as_str(), value)));
                }
                continue;
            }
            if let Some(mut wire) = self.part(part, fields.remove("id")) {
                for (name, value) in std::mem::take(&mut fields) {
                    wire.put(name, value);
                }
                parts.push(wire.into());
            }
        }
        parts
    }

    fn part<'a>(&mut self, part: &'a Part, id: Option<&'a Value>) -> Option<Fields<'a>> {
        let (name, value) = match part {
            Part::Image(image) => (
                "inlineData",
                object([("mimeType", (&image.media_type).into()), ("data", (&image.data).into())]),
            ),
            Part::ToolCall(call) => ("functionCall", self.call(call, id)),
            Part::ToolResult(result) => ("functionResponse", self.result(result)),
            part => ("text", said(part)?.into()),
        };
        let mut wire = Fields::default();
        wire.put(name, value);
        Some(wire)
    }

    fn call<'a>(&mut self, call: &'a ToolCall, id: Option<&'a Value>) -> Wire<'a> {
        let mut wire = Fields::default();
        wire.put("name", &call.name);
        wire.put("args", arguments_object(&call.arguments));
        if id.is_some() {
            self.own_ids.insert(call.id.clone());
        }
        wire.put_if_any("id", id);
        wire.into()
    }

    fn result<'a>(&self, result: &'a ToolResult) -> Wire<'a> {
        let mut wire = Fields::default();
        if self.own_ids.contains(&result.call_id) {
            wire.put("id", &result.call_id);
        }
        wire.put("name", &result.name);
        let kind = if result.is_error { "error" } else { "output" };
        wire.put("response", object([(kind, (&result.content).into())]));
        wire.into()
    }
}

fn text(text: &str) -> Wire<'_> {
    object([("text", text.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_lead_elsewhere_are_refused() {
        for (name, expected) in [
            ("gemini-2.5-pro", true),
            ("tunedModels/mine-1", true),
            ("a?key=b", false),
            ("a/../b", false),
            ("a#b", false),
            ("a b", false),
            ("/a", false),
        ] {
            assert_eq!(check_name(name).is_ok(), expected, "{name}");
        }
    }
}
