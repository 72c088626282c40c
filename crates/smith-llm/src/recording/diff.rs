//! The first difference between a recorded request and the present one, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::body::Body;
use super::normal::{self, Lenient};
use crate::canonical;

/// Characters shown before and after the place where two texts part.
const AROUND: usize = 100;

/// All that differs between two bodies: the first message, and every other field. Empty if nothing does.
/// What is `left_out` does not count.
pub(super) fn differences(recorded: &Body, now: &Body, left_out: &Lenient) -> Vec<String> {
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

fn first_message(recorded: &[Arc<Value>], now: &[Arc<Value>], left_out: &Lenient) -> Option<String> {
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
        (Some(_), None) => {
            Some(format!("the conversation ends after {index} messages; the recorded one goes on"))
        }
        (None, Some(after)) => Some(format!(
            "the recorded conversation ends after {index} messages; now there is message {index} ({})",
            title(after, tool(index))
        )),
        (Some(before), Some(after)) => Some(message(index, before, after, tool(index))),
    }
}

fn message(index: usize, recorded: &Value, now: &Value, tool: Option<&str>) -> String {
    let title = title(now, tool);
    if recorded.get("role") != now.get("role") {
        return format!(
            "message {index} ({title}) differs: the recorded one is of {}",
            self::title(recorded, None)
        );
    }
    let level = |message| normal::message(message, None, &Lenient::default());
    let (recorded, now) = (level(recorded), level(now));
    let (mut before, mut after) = (content(&recorded), content(&now));
    let mut what = "text";
    if before == after {
        // The words are equal, so it is the calls or another field.
        (before, after) = (canonical::to_string(&recorded), canonical::to_string(&now));
        what = "JSON";
    }
    let place = parting(&before, &after);
    let line = before[..place].matches('\n').count() + 1;
    let (before, after) = (excerpt(&before, place), excerpt(&after, place));
    format!(
        "message {index} ({title}) differs at line {line} of its {what}\n  recorded: {before}\n  now:      {after}"
    )
}

fn title(message: &Value, tool: Option<&str>) -> String {
    let role = string(message, "/role").unwrap_or("no role");
    tool.map_or_else(|| role.to_owned(), |tool| format!("{role}, result of {tool}"))
}

fn content(message: &Value) -> String {
    let content = message.get("content").unwrap_or(&Value::Null);
    content.as_str().map_or_else(|| canonical::to_string(content), str::to_owned)
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
    let (before, after) = around_parting(&shown(recorded), &shown(now));
    format!("parameter {name} differs: recorded {before}, now {after}")
}

fn tools(recorded: Option<&Value>, now: Option<&Value>) -> String {
    let (before, after) = (by_name(recorded), by_name(now));
    let only = |some: &BTreeMap<&str, String>, others: &BTreeMap<&str, String>| -> String {
        some.keys().filter(|name| !others.contains_key(*name)).copied().collect::<Vec<_>>().join(", ")
    };
    let (gone, new) = (only(&before, &after), only(&after, &before));
    if !(gone.is_empty() && new.is_empty()) {
        return format!("only recorded: [{gone}], only now: [{new}]");
    }
    match before.iter().find(|(name, text)| after.get(*name) != Some(text)) {
        Some((name, text)) => {
            let (before, after) = around_parting(text, after.get(name).map_or("", String::as_str));
            format!("{name} is defined otherwise\n  recorded: {before}\n  now:      {after}")
        }
        None => "their order, or one of them is listed twice".into(),
    }
}

/// Definitions of tools by name.
fn by_name(tools: Option<&Value>) -> BTreeMap<&str, String> {
    let list = tools.and_then(Value::as_array).into_iter().flatten();
    list.map(|tool| (string(tool, "/function/name").unwrap_or("unnamed"), canonical::to_string(tool)))
        .collect()
}

/// Both values in JSON: whole if they are of ordinary length, else around the place where they part.
fn around_parting(before: &str, after: &str) -> (String, String) {
    let place = parting(before, after);
    let shown = |text: &str| if text.len() <= 2 * AROUND { text.to_owned() } else { excerpt(text, place) };
    (shown(before), shown(after))
}

fn string<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shown_around_the_place_where_they_part() {
        let common = "é".repeat(300);
        let (a, b) = (format!("{common}a{}", "x".repeat(200)), format!("{common}b"));
        let place = parting(&a, &b);
        assert_eq!(place, common.len());
        assert_eq!(excerpt(&a, place), format!("…\"{}a{}\"…", "é".repeat(AROUND), "x".repeat(AROUND - 1)));
        assert_eq!(excerpt(&b, place), format!("…\"{}b\"", "é".repeat(AROUND)));
        assert_eq!(excerpt("ab", parting("ab", "abc")), "\"ab\"");
    }
}
