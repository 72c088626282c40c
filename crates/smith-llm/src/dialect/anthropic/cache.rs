//! Marks that ask for the beginning of a conversation to be kept for the next call. A mark costs more than it saves
//! unless the conversation goes on.

use serde_json::{Value, json};

use crate::chat::{ChatRequest, PromptCache};
use crate::dialect::wire::{Fields, Wire};

pub(super) fn is_wanted(request: &ChatRequest) -> bool {
    match request.cache {
        PromptCache::On => true,
        PromptCache::Auto => !request.tools.is_empty(),
        PromptCache::Off => false,
    }
}

/// The four marks that the wire allows: after the tools, after the system prompt, after the last turn, and where the
/// request before this one ended, because what lies more than twenty blocks before a mark is not looked for.
pub(super) fn mark(body: &mut Fields<'_>) {
    for name in ["tools", "system"] {
        if let Some(Wire::List(blocks)) = body.get_mut(name) {
            mark_last(blocks);
        }
    }
    let Some(Wire::List(turns)) = body.get_mut("messages") else { return };
    let mut from_last = turns.iter_mut().rev();
    let last = from_last.next();
    let last_sent = from_last.find(|turn| says(turn, "role", "user"));
    last.into_iter().chain(last_sent).for_each(mark_turn);
}

fn mark_turn(turn: &mut Wire<'_>) {
    if let Wire::Object(turn) = turn
        && let Some(Wire::List(blocks)) = turn.get_mut("content")
    {
        mark_last(blocks);
    }
}

/// Marks the last block; thoughts cannot be marked.
fn mark_last(blocks: &mut [Wire<'_>]) {
    let is_thought =
        |block: &Wire<'_>| ["thinking", "redacted_thinking"].iter().any(|kind| says(block, "type", kind));
    let mark = || json!({"type": "ephemeral"});
    match blocks.iter_mut().rev().find(|block| !is_thought(block)) {
        Some(Wire::Object(block)) => block.put("cache_control", mark()),
        Some(Wire::Value(block)) => {
            if let Value::Object(block) = block.to_mut() {
                block.insert("cache_control".to_owned(), mark());
            }
        }
        _ => {}
    }
}

/// Whether a field of an object is this text.
fn says(object: &Wire<'_>, field: &str, text: &str) -> bool {
    match object {
        Wire::Object(fields) => matches!(fields.get(field), Some(Wire::Text(there)) if there == text),
        Wire::Value(value) => value.get(field).is_some_and(|there| there == text),
        _ => false,
    }
}
