//! From a request to the body that is sent: contents of user and model, each a list of parts.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::{PART, PROVIDER, WITH_NEXT};
use crate::chat::{ChatRequest, Message, Part, Reasoning, Role, ToolResult, ToolSpec};
use crate::dialect::strict::{apart, arguments_object, check_places, insert, insert_object, said};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

pub(super) fn body(model: &str, request: &ChatRequest) -> Result<Encoded, LlmError> {
    check_name(model)?;
    check_places(request)?;
    let (system, rest) = apart(&request.messages)?;
    let mut warnings = Vec::new();
    let mut body = Map::new();
    if !system.is_empty() {
        let parts: Vec<Value> = system.into_iter().map(text).collect();
        body.insert("systemInstruction".into(), json!({"parts": parts}));
    }
    body.insert("contents".into(), Contents::default().of(rest).into());
    if !request.tools.is_empty() {
        body.insert(
            "tools".into(),
            json!([{"functionDeclarations": declarations(&request.tools, &mut warnings)}]),
        );
        if request.parallel_tool_calls == Some(false) {
            warnings.push(
                "that calls should come one at a time was not sent: this provider cannot be told".into(),
            );
        }
    }
    insert_object(&mut body, "generationConfig", generation_config(request, &mut warnings));
    Ok(Encoded { body, warnings })
}

/// The name becomes part of a URL.
fn check_name(model: &str) -> Result<(), LlmError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    if model.chars().all(fits) && !model.split('/').any(|piece| matches!(piece, "" | "." | "..")) {
        return Ok(());
    }
    Err(LlmError::Mistake(format!("{model:?} cannot be the name of a model of this provider")))
}

fn generation_config(request: &ChatRequest, warnings: &mut Vec<String>) -> Map<String, Value> {
    let mut config = Map::new();
    insert(&mut config, "temperature", request.temperature);
    insert(&mut config, "seed", request.seed);
    insert(&mut config, "maxOutputTokens", request.max_output_tokens);
    insert(&mut config, "thinkingConfig", request.reasoning.map(thinking));
    if let Some(output) = &request.output_schema {
        let rewritten = schema::for_gemini(&output.schema);
        warnings.extend(schema::warning(&format!("the schema {:?}", output.name), &rewritten.left_out));
        insert(&mut config, "responseMimeType", Some("application/json"));
        insert(&mut config, "responseSchema", Some(rewritten.schema));
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
    fn of(mut self, messages: &[Message]) -> Vec<Value> {
        let mut contents: Vec<(Role, Vec<Value>)> = Vec::new();
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
        contents.into_iter().map(|(who, parts)| json!({"role": role(who), "parts": parts})).collect()
    }

    fn parts(&mut self, message: &Message) -> Vec<Value> {
        let mut parts = Vec::new();
        let mut fields = Map::new();
        for part in &message.parts {
            if let Part::Opaque { provider, value } = part {
                if provider == PROVIDER {
                    parts.extend(value.get(PART).cloned());
                    fields
                        .extend(value.get(WITH_NEXT).and_then(Value::as_object).cloned().unwrap_or_default());
                }
                continue;
            }
            if let Some(mut wire) = self.part(part, fields.remove("id")) {
                wire.append(&mut fields);
                parts.push(wire.into());
            }
        }
        parts
    }

    fn part(&mut self, part: &Part, id: Option<Value>) -> Option<Map<String, Value>> {
        let (name, value) = match part {
            Part::Image(image) => ("inlineData", json!({"mimeType": image.media_type, "data": image.data})),
            Part::ToolCall(call) => {
                let mut wire = Map::new();
                wire.insert("name".into(), call.name.as_str().into());
                wire.insert("args".into(), arguments_object(&call.arguments));
                if id.is_some() {
                    self.own_ids.insert(call.id.clone());
                }
                insert(&mut wire, "id", id);
                ("functionCall", wire.into())
            }
            Part::ToolResult(result) => ("functionResponse", self.result(result)),
            part => ("text", said(part)?.into()),
        };
        Some(Map::from_iter([(name.to_owned(), value)]))
    }

    fn result(&self, result: &ToolResult) -> Value {
        let mut wire = Map::new();
        if self.own_ids.contains(&result.call_id) {
            wire.insert("id".into(), result.call_id.as_str().into());
        }
        wire.insert("name".into(), result.name.as_str().into());
        let kind = if result.is_error { "error" } else { "output" };
        wire.insert("response".into(), json!({kind: result.content}));
        wire.into()
    }
}

fn text(text: &str) -> Value {
    json!({"text": text})
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
