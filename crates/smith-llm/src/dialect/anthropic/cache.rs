//! Marks that ask for the beginning of a conversation to be kept for the next call. A mark costs more than it saves
//! unless the conversation goes on.

use serde_json::{Map, Value, json};

use crate::chat::{ChatRequest, PromptCache};

pub(super) fn is_wanted(request: &ChatRequest) -> bool {
    match request.cache {
        PromptCache::On => true,
        PromptCache::Auto => !request.tools.is_empty(),
        PromptCache::Off => false,
    }
}

/// The four marks that the wire allows: after the tools, after the system prompt, after the last turn, and where the
/// request before this one ended, because what lies more than twenty blocks before a mark is not looked for.
pub(super) fn mark(body: &mut Map<String, Value>) {
    for name in ["tools", "system"] {
        if let Some(Value::Array(blocks)) = body.get_mut(name) {
            mark_last(blocks);
        }
    }
    let Some(Value::Array(turns)) = body.get_mut("messages") else { return };
    let mut from_last = turns.iter_mut().rev();
    mark_turn(from_last.next());
    mark_turn(from_last.find(|turn| turn.get("role").is_some_and(|role| role == "user")));
}

fn mark_turn(turn: Option<&mut Value>) {
    if let Some(Value::Array(blocks)) = turn.and_then(|turn| turn.get_mut("content")) {
        mark_last(blocks);
    }
}

/// Marks the last block; thoughts cannot be marked.
fn mark_last(blocks: &mut [Value]) {
    let is_thought = |block: &Value| {
        let kind = block.get("type").and_then(Value::as_str);
        matches!(kind, Some("thinking" | "redacted_thinking"))
    };
    if let Some(Value::Object(block)) = blocks.iter_mut().rev().find(|block| !is_thought(block)) {
        block.insert("cache_control".into(), json!({"type": "ephemeral"}));
    }
}
