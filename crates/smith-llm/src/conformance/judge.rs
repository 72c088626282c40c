//! What must come of a scenario on a live endpoint.

use serde_json::Value;

use super::Way;
use super::run::Verdict;
use crate::chat::{ChatResponse, FinishReason, Part, ToolArguments};
use crate::error::LlmError;

/// Whether `answer` is what asking in this `way` must bring.
pub(super) fn answer(way: Way, answer: &ChatResponse) -> Verdict {
    if answer.usage.input_tokens == 0 {
        return Verdict::Differs("the endpoint counted no tokens of the request".into());
    }
    match way {
        Way::Text => {
            need(!answer.message.text().trim().is_empty(), || format!("there is no text: {}", seen(answer)))
        }
        Way::Calls(wanted) => calls(wanted, answer),
        Way::Anything | Way::GoesBack => {
            need(!answer.message.parts.is_empty(), || format!("the answer is empty: {}", seen(answer)))
        }
        Way::Cut => {
            need(answer.finish == FinishReason::Length, || format!("it was not cut: {}", seen(answer)))
        }
        Way::Cached if answer.usage.cached_tokens == 0 => {
            Verdict::Skipped("no tokens came from a cache the second time".into())
        }
        Way::Shaped => need(is_shaped(&answer.message.text()), || {
            format!("it does not fit the schema: {}", seen(answer))
        }),
        Way::Thought if !thinks(answer) => Verdict::Skipped("the model showed and counted no thought".into()),
        _ => Verdict::AsExpected,
    }
}

fn need(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Verdict::AsExpected } else { Verdict::Differs(otherwise()) }
}

fn calls(wanted: usize, answer: &ChatResponse) -> Verdict {
    let made: Vec<_> = answer.message.tool_calls().collect();
    let is_right = |arguments: &ToolArguments| matches!(arguments, ToolArguments::Json(value) if value.get("path").is_some_and(Value::is_string));
    if made.is_empty() {
        Verdict::Skipped("the model made no call".into())
    } else if made.iter().any(|call| call.name != "ls" || !is_right(&call.arguments)) {
        Verdict::Differs(format!("a call is not the one that was asked for: {}", seen(answer)))
    } else if answer.finish != FinishReason::ToolCalls {
        Verdict::Differs(format!("it did not stop for its calls: {}", seen(answer)))
    } else if made.len() < wanted {
        Verdict::Skipped("the model makes one call at a time".into())
    } else {
        Verdict::AsExpected
    }
}

fn is_shaped(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value.get("n").is_some_and(Value::is_i64))
}

pub(super) fn thinks(answer: &ChatResponse) -> bool {
    let sealed = |part: &Part| matches!(part, Part::Opaque { .. });
    answer.usage.reasoning_tokens > 0 || answer.message.parts.iter().any(sealed)
}

/// Whether a failure is what was provoked; what an endpoint lets pass it does not look at.
pub(super) fn provoked(way: Way, outcome: &Result<ChatResponse, LlmError>) -> Verdict {
    let (words, lenient) = match way {
        Way::WrongKey => ("refused the key", "the endpoint takes any key"),
        Way::WrongModel => ("does not know the model", "the endpoint takes any model's name"),
        _ => ("does not fit into the context", "the endpoint takes more than its window"),
    };
    match outcome {
        Ok(_) => Verdict::Skipped(lenient.into()),
        Err(error) => need(error.to_string().contains(words), || {
            format!("expected {words:?}: {}", cut(&error.to_string()))
        }),
    }
}

/// An answer in one line.
fn seen(answer: &ChatResponse) -> String {
    let parts = serde_json::to_string(&answer.message.parts).unwrap_or_default();
    format!("{:?}, {}", answer.finish, cut(&parts))
}

pub(super) fn cut(text: &str) -> String {
    const MOST: usize = 300;
    let line: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() { format!("{line}…") } else { line }
}
