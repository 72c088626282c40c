//! What identifies a request in a replay.

use std::sync::Arc;

use blake3::Hash;
use serde_json::Value;

use super::body::{Body, chained};
use super::normal::{self, Lenient, tool_names};
use crate::canonical;

/// Hashes of a request in its compared form.
pub(super) struct Prints {
    /// Everything counts.
    pub(super) strict: Print,
    /// What programs wrote is left out.
    pub(super) lenient: Print,
}

/// Hashes of one form.
pub(super) struct Print {
    /// By message: the conversation up to and with it.
    pub(super) chain: Vec<Hash>,
    /// The whole request.
    pub(super) whole: Hash,
}

impl Prints {
    /// Hashes a request. `known` are the prints of one that shares the given number of first messages, so that a
    /// recording costs one pass over what is new in each entry.
    pub(super) fn of(call: &str, body: &Body, lenient: &Lenient, known: Option<(&Self, usize)>) -> Self {
        let tools = tool_names(body.messages());
        let strict = known.map(|(prints, keep)| (&prints.strict, keep));
        let tolerant = known.map(|(prints, keep)| (&prints.lenient, keep));
        Self {
            strict: Print::of(call, body, &tools, &Lenient::default(), strict),
            lenient: Print::of(call, body, &tools, lenient, tolerant),
        }
    }
}

impl Print {
    fn of(
        call: &str,
        body: &Body,
        tools: &[Option<String>],
        left_out: &Lenient,
        known: Option<(&Self, usize)>,
    ) -> Self {
        let mut chain = known.map(|(print, keep)| print.chain[..keep].to_vec()).unwrap_or_default();
        let new = body.messages().iter().zip(tools).skip(chain.len());
        for (message, tool) in new {
            let form = normal::message(message, tool.as_deref(), left_out);
            chain.push(chained(chain.last(), &canonical::to_string(&form)));
        }
        let whole = chained(chain.last(), &(call.to_owned() + &fields_text(body)));
        Self { chain, whole }
    }

    /// How many first messages two requests have in common.
    pub(super) fn common(&self, other: &Self) -> usize {
        self.chain.iter().zip(&other.chain).take_while(|(a, b)| a == b).count()
    }
}

/// Names under which wires bound the answer.
const BOUNDS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

/// Everything beside the messages, without the bound of the answer: a run with a budget sends one, the same run without
/// does not, and what was answered is the same to its replay.
fn fields_text(body: &Body) -> String {
    let text = |(name, value): (&String, &Arc<Value>)| match name.as_str() {
        bound if BOUNDS.contains(&bound) => String::new(),
        "generationConfig" => unbounded(value).map_or_else(String::new, |value| field(name, &value)),
        _ => field(name, value),
    };
    body.fields.iter().map(text).collect()
}

fn field(name: &str, value: &Value) -> String {
    format!("\n{name}={}", canonical::to_string(value))
}

/// The settings without their bound; nothing when there are no others.
fn unbounded(config: &Value) -> Option<Value> {
    let mut config = config.clone();
    let Value::Object(fields) = &mut config else { return Some(config) };
    fields.remove("maxOutputTokens");
    (!fields.is_empty()).then_some(config)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_without_a_bound_are_compared_and_nothing_else_of_them() {
        for (config, rest) in [
            (json!({"maxOutputTokens": 9}), None),
            (json!({"maxOutputTokens": 9, "seed": 1}), Some(json!({"seed": 1}))),
            (json!({"seed": 1}), Some(json!({"seed": 1}))),
            (json!(7), Some(json!(7))),
        ] {
            assert_eq!(unbounded(&config), rest, "{config}");
        }
    }
}
