//! The first difference between a recorded request and the present one, in words.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::body::Body;
use super::normal;
use crate::canonical;

/// Characters shown before and after the place where two texts part.
const AROUND: usize = 100;

/// All that differs between two bodies: the first message, and every other field. Empty if nothing does.
/// Results of the tools in `left_out` do not count.
pub(super) fn differences(recorded: &Body, now: &Body, left_out: &BTreeSet<String>) -> Vec<String> {
    let mut found: Vec<String> =
        first_message(recorded.messages(), now.messages(), left_out).into_iter().collect();
    let names: BTreeSet<&String> = recorded.fields.keys().chain(now.fields.keys()).collect();
    for name in names {
        let (before, after) = (recorded.fields.get(name), now.fields.get(name));
        if before != after {
            found.push(field(name, before.map(|value| &**value), after.map(|value| &**value)));
        }
    }
    found
}

fn first_message(recorded: &[Arc<Value>], now: &[Arc<Value>], left_out: &BTreeSet<String>) -> Option<String> {
    let tools = normal::tool_names(now);
    let tool = |index: usize| tools.get(index).and_then(Option::as_deref);
    let same = |&index: &usize| match (recorded.get(index), now.get(index)) {
        (Some(before), Some(after)) => {
            normal::message(before, tool(index), left_out) == normal::message(after, tool(index), left_out)
        }
        _ => false,
    };
    let index = (0..).take_while(same).count();
    match (recorded.get(index), now.get(index)) {
        (None, None) => None,
        (Some(_), None) => Some(format!("the conversation ends after {index} messages; the recorded one goes on")),
        (None, Some(after)) => Some(format!(
            "the recorded conversation ends after {index} messages; now there is message {index} ({})",
            title(after, tool(index))
        )),
        (Some(before), Some(after)) => Some(message(index, before, after, tool(index))),
    }
}

fn message(index: usize, recorded: &Value, now: &Value, tool: Option<&str>) -> String {
    let (before, after) = (readable(recorded), readable(now));
    let place = parting(&before, &after);
    let line = before[..place].matches('\n').count() + 1;
    format!(
        "message {index} ({}) differs at line {line} of its text\n  recorded: {}\n  now:      {}",
        title(now, tool),
        excerpt(&before, place),
        excerpt(&after, place)
    )
}

fn title(message: &Value, tool: Option<&str>) -> String {
    let role = string(message, "/role").unwrap_or("no role");
    tool.map_or_else(|| role.to_owned(), |tool| format!("{role}, result of {tool}"))
}

/// A message as text: its content as it is read, then whatever else it holds as JSON.
fn readable(message: &Value) -> String {
    let mut message = normal::message(message, None, &BTreeSet::new());
    let content = message.get_mut("content").map(Value::take).unwrap_or_default();
    let text = content.as_str().map_or_else(|| canonical::to_string(&content), str::to_owned);
    format!("{text}\n{}", canonical::to_string(&message))
}

/// Where two texts part, as a byte position that is a character boundary in both.
fn parting(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum()
}

/// About 200 characters of `text` around byte `place`, as one quoted line.
fn excerpt(text: &str, place: usize) -> String {
    let (before, after) = text.split_at(place);
    let start = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(i, _)| i);
    let end = after.char_indices().nth(AROUND).map_or(after.len(), |(i, _)| i);
    let left = if start > 0 { "…" } else { "" };
    let right = if end < after.len() { "…" } else { "" };
    format!("{left}{:?}{right}", format!("{}{}", &before[start..], &after[..end]))
}

fn field(name: &str, recorded: Option<&Value>, now: Option<&Value>) -> String {
    if name == "tools" {
        return format!("tools differ: {}", tools(recorded, now));
    }
    let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), canonical::to_string);
    let (before, after) = (shown(recorded), shown(now));
    let place = parting(&before, &after);
    format!("parameter {name} differs: recorded {}, now {}", short(&before, place), short(&after, place))
}

/// Values of ordinary length whole, long ones around the difference.
fn short(text: &str, place: usize) -> String {
    if text.chars().count() <= 2 * AROUND { text.to_owned() } else { excerpt(text, place) }
}

fn tools(recorded: Option<&Value>, now: Option<&Value>) -> String {
    let names = |tools: Option<&Value>| -> BTreeSet<String> {
        let list = tools.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|tool| string(tool, "/function/name").map(str::to_owned)).collect()
    };
    let (before, after) = (names(recorded), names(now));
    let list = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let gone: Vec<_> = before.difference(&after).collect();
    let new: Vec<_> = after.difference(&before).collect();
    if gone.is_empty() && new.is_empty() {
        let empty = Value::Null;
        let (a, b) = (canonical::to_string(recorded.unwrap_or(&empty)), canonical::to_string(now.unwrap_or(&empty)));
        let place = parting(&a, &b);
        return format!(
            "the same names, other definitions\n  recorded: {}\n  now:      {}",
            excerpt(&a, place),
            excerpt(&b, place)
        );
    }
    format!("only recorded: [{}], only now: [{}]", list(gone), list(new))
}

fn string<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
