//! From a request to the body that is sent: turns of user and assistant in alternation, each a list of blocks.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{PROVIDER, cache};
use crate::chat::{
    ChatRequest, DEFAULT_OUTPUT_TOKENS, Effort, Image, Message, OutputSchema, Part, Reasoning, Role,
    ToolResult, ToolSpec,
};
use crate::dialect::strict::{apart, arguments_object, check_places, said, seed_warning};
use crate::dialect::wire::{Fields, Wire, object};
use crate::dialect::{Encoded, schema};
use crate::error::LlmError;

/// The fewest tokens of thought that the wire takes as a budget.
const LEAST_BUDGET: u32 = 1024;

pub(super) fn body(
    model: &str,
    request: &ChatRequest,
    most_output_tokens: Option<u32>,
) -> Result<Encoded, LlmError> {
    check_places(request)?;
    let (system, rest) = apart(&request.messages)?;
    let mut warnings: Vec<String> = seed_warning(request).into_iter().collect();
    let mut body = Fields::default();
    body.put("model", model);
    body.put("max_tokens", most_tokens(request, most_output_tokens)?);
    if !system.is_empty() {
        body.put("system", system.into_iter().map(text).collect::<Wire<'_>>());
    }
    body.put("messages", turns(rest));
    if !request.tools.is_empty() {
        body.put("tools", request.tools.iter().map(tool).collect::<Wire<'_>>());
        let choice = |parallel: bool| json!({"type": "auto", "disable_parallel_tool_use": !parallel});
        body.put_if_any("tool_choice", request.parallel_tool_calls.map(choice));
    }
    body.put_if_any("temperature", temperature(request, &mut warnings)?);
    body.put_if_any("thinking", request.reasoning.map(thinking));
    let config = output_config(request, &mut warnings)?;
    body.put_if_any("output_config", (!config.is_empty()).then_some(config));
    if cache::is_wanted(request) {
        cache::mark(&mut body);
    }
    Ok(Encoded { body: body.text(), warnings })
}

/// The wire demands a bound, and thoughts count against it.
fn most_tokens(request: &ChatRequest, bound: Option<u32>) -> Result<u32, LlmError> {
    let thoughts = request.reasoning.map_or(0, Reasoning::most_tokens);
    let limit = bound.unwrap_or(DEFAULT_OUTPUT_TOKENS.saturating_add(thoughts));
    let Some(Reasoning::Budget(budget)) = request.reasoning else { return Ok(limit) };
    if budget < LEAST_BUDGET || limit <= budget {
        return Err(LlmError::Mistake(format!(
            "a budget of {budget} tokens for reasoning within {limit} output tokens cannot be sent: this provider takes \
             budgets from {LEAST_BUDGET} tokens, below the bound of the output"
        )));
    }
    Ok(limit)
}

fn temperature(request: &ChatRequest, warnings: &mut Vec<String>) -> Result<Option<f64>, LlmError> {
    let Some(temperature) = request.temperature else { return Ok(None) };
    if !(0.0..=1.0).contains(&temperature) {
        return Err(LlmError::Mistake(format!(
            "a temperature of {temperature} cannot be sent: this provider takes 0 to 1"
        )));
    }
    if request.reasoning.is_some() {
        warnings.push(format!(
            "the temperature {temperature} was not sent: this provider takes none beside reasoning"
        ));
        return Ok(None);
    }
    Ok(Some(temperature))
}

/// Newer models decide by themselves how long they think, guided by the effort; older ones take a budget.
fn thinking(reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Effort(_) => json!({"type": "adaptive"}),
        Reasoning::Budget(tokens) => json!({"type": "enabled", "budget_tokens": tokens}),
    }
}

fn output_config<'a>(request: &'a ChatRequest, warnings: &mut Vec<String>) -> Result<Fields<'a>, LlmError> {
    let mut config = Fields::default();
    match request.reasoning {
        Some(Reasoning::Effort(Effort::Minimal)) => {
            return Err(LlmError::Mistake(
                "this provider knows no minimal effort: give low, medium or high".into(),
            ));
        }
        Some(Reasoning::Effort(effort)) => config.put("effort", effort.word()),
        _ => {}
    }
    if let Some(OutputSchema { name, schema }) = &request.output_schema {
        let rewritten = schema::for_anthropic(schema);
        warnings.extend(schema::warning(&format!("the schema {name:?}"), &rewritten.left_out));
        config.put("format", json!({"type": "json_schema", "schema": rewritten.schema}));
    }
    Ok(config)
}

/// Messages of one side that follow each other are one turn: all results of a turn's calls must come in the next one.
fn turns(messages: &[Message]) -> Vec<Wire<'_>> {
    let mut turns: Vec<(&'static str, Vec<Wire<'_>>)> = Vec::new();
    for message in messages {
        let side = if message.role == Role::Assistant { "assistant" } else { "user" };
        let blocks = message.parts.iter().filter_map(block);
        match turns.last_mut() {
            Some((last, content)) if *last == side => content.extend(blocks),
            _ => turns.push((side, blocks.collect())),
        }
    }
    // A turn that says nothing is refused.
    turns.retain(|(_, content)| !content.is_empty());
    let turn = |(role, content): (&'static str, Vec<_>)| {
        object([("role", role.into()), ("content", content.into())])
    };
    turns.into_iter().map(turn).collect()
}

fn block(part: &Part) -> Option<Wire<'_>> {
    match part {
        Part::Image(image) => Some(self::image(image)),
        Part::ToolCall(call) => Some(object([
            ("type", "tool_use".into()),
            ("id", identifier(&call.id).into()),
            ("name", (&call.name).into()),
            ("input", arguments_object(&call.arguments).into()),
        ])),
        Part::ToolResult(result) => Some(tool_result(result)),
        Part::Opaque { provider, value } => (provider == PROVIDER).then(|| value.into()),
        part => said(part).map(text),
    }
}

fn text(text: &str) -> Wire<'_> {
    object([("type", "text".into()), ("text", text.into())])
}

fn image(image: &Image) -> Wire<'_> {
    let source = object([
        ("type", "base64".into()),
        ("media_type", (&image.media_type).into()),
        ("data", (&image.data).into()),
    ]);
    object([("type", "image".into()), ("source", source)])
}

fn tool_result(result: &ToolResult) -> Wire<'_> {
    let mut block = Fields::default();
    block.put("type", "tool_result");
    block.put("tool_use_id", identifier(&result.call_id));
    if !result.content.trim().is_empty() {
        block.put("content", &result.content);
    }
    if result.is_error {
        block.put("is_error", true);
    }
    block.into()
}

/// Identifiers of other providers may hold characters that this wire refuses. Replaced, they stay apart by a hash.
fn identifier(id: &str) -> Cow<'_, str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.is_empty() && id.chars().all(fits) {
        return Cow::Borrowed(id);
    }
    let clean: String = id.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    let hash = blake3::hash(id.as_bytes()).to_hex();
    Cow::Owned(format!("{clean}_{}", hash.chars().take(8).collect::<String>()))
}

fn tool(spec: &ToolSpec) -> Wire<'_> {
    object([
        ("name", (&spec.name).into()),
        ("description", (&spec.description).into()),
        ("input_schema", (&spec.parameters).into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_other_providers_are_made_to_fit_and_stay_apart() {
        assert_eq!(identifier("toolu_01-A"), "toolu_01-A");
        let (dot, colon) = (identifier("functions.ls:0"), identifier("functions:ls.0"));
        assert!(dot.starts_with("functions_ls_0_") && colon.starts_with("functions_ls_0_"));
        assert_ne!(dot, colon);
        assert!(!identifier("").is_empty());
    }

    #[test]
    fn what_the_wire_refuses_is_a_mistake_or_a_warning() {
        let base = || ChatRequest { messages: vec![Message::user("hi")], ..ChatRequest::default() };
        for (request, expected) in [
            (ChatRequest { temperature: Some(1.5), ..base() }, "takes 0 to 1"),
            (ChatRequest { reasoning: Some(Reasoning::Budget(1000)), ..base() }, "budgets from 1024"),
            (
                ChatRequest {
                    reasoning: Some(Reasoning::Budget(2000)),
                    max_output_tokens: Some(2000),
                    ..base()
                },
                "below the bound of the output",
            ),
            (
                ChatRequest { reasoning: Some(Reasoning::Effort(Effort::Minimal)), ..base() },
                "no minimal effort",
            ),
            (
                ChatRequest { messages: vec![Message::user("a"), Message::system("b")], ..base() },
                "message 1 of the request: this provider takes messages of role system at the beginning only",
            ),
        ] {
            let error = body("m", &request, request.max_output_tokens).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let request = ChatRequest {
            seed: Some(3),
            temperature: Some(0.5),
            reasoning: Some(Reasoning::Budget(1024)),
            ..base()
        };
        let encoded = body("m", &request, request.max_output_tokens).unwrap();
        assert_eq!(encoded.warnings.len(), 2, "{:?}", encoded.warnings);
        let sent: Value = serde_json::from_str(&encoded.body).unwrap();
        assert!(sent.get("temperature").is_none() && sent.get("seed").is_none());
        assert_eq!(sent["max_tokens"], 1024 + DEFAULT_OUTPUT_TOKENS);
    }
}
