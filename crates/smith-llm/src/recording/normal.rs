//! The form in which requests are compared. It is for matching only; what is sent and recorded stays as it is.
//!
//! Results of tools hold noise that differs from run to run on one machine: times, addresses, the last digits of
//! floating-point sums. It is levelled out here, and nothing else is.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

/// Significant digits that a floating-point number keeps.
const DIGITS: usize = 6;

/// Hexadecimal digits from which on `0x…` is an address and not a flag or a colour.
const ADDRESS_DIGITS: usize = 8;

const TIME_UNITS: [&str; 12] =
    ["ns", "us", "µs", "ms", "s", "sec", "secs", "second", "seconds", "min", "minute", "minutes"];

/// What may differ between a recording and its replay, because programs that ran on this machine wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lenient {
    /// Tools whose results are the output of programs.
    pub tools: BTreeSet<String>,
    /// Elements of the caller's messages (from a line `<name>` to a line `</name>`) in which lines that begin with
    /// four blanks quote the output of programs.
    pub elements: BTreeSet<String>,
}

/// Beginning of a line that quotes a program.
const QUOTED: &str = "    ";

/// A message as it is compared: with the noise levelled where a tool speaks, and without what is `left_out`. Wires
/// differ in where that is: a message of its own, an item, or a block among the caller's.
pub(super) fn message(message: &Value, tool: Option<&str>, left_out: &Lenient) -> Value {
    let is_left_out = tool.is_some_and(|tool| left_out.tools.contains(tool));
    match (string(message, "/role"), string(message, "/type")) {
        (Some("tool"), _) => result(message, "content", is_left_out),
        (_, Some("function_call_output")) => result(message, "output", is_left_out),
        (Some("system" | "user"), _) => spoken(message, is_left_out, left_out),
        _ => message.clone(),
    }
}

/// What a tool said; `field` holds its words.
fn result(message: &Value, field: &str, is_left_out: bool) -> Value {
    let mut form = level_strings(message);
    if let Some(words) = form.get_mut(field).filter(|_| is_left_out) {
        *words = Value::Null;
    }
    form
}

fn spoken(message: &Value, is_left_out: bool, left_out: &Lenient) -> Value {
    let mut form = message.clone();
    for field in ["content", "parts"] {
        match form.get_mut(field) {
            Some(Value::String(text)) => *text = without_quotations(text, &left_out.elements),
            Some(Value::Array(blocks)) => {
                for block in blocks {
                    *block = self::block(block, is_left_out, left_out);
                }
            }
            _ => {}
        }
    }
    form
}

/// A result of a tool, or a text, among the blocks of one message.
fn block(block: &Value, is_left_out: bool, left_out: &Lenient) -> Value {
    if string(block, "/type") == Some("tool_result") {
        return result(block, "content", is_left_out);
    }
    let mut form = block.clone();
    if let Some(response) = form.get_mut("functionResponse") {
        *response = result(response, "response", is_left_out);
    }
    if let Some(Value::String(text)) = form.get_mut("text") {
        *text = without_quotations(text, &left_out.elements);
    }
    form
}

fn without_quotations(text: &str, elements: &BTreeSet<String>) -> String {
    elements.iter().fold(text.to_owned(), |text, element| without_quoted_lines(&text, element))
}

fn without_quoted_lines(text: &str, element: &str) -> String {
    let (begin, end) = (format!("<{element}>"), format!("</{element}>"));
    let mut inside = false;
    let mut kept = Vec::new();
    for line in text.split('\n') {
        inside = (inside || line.trim() == begin) && line.trim() != end;
        if !(inside && line.starts_with(QUOTED)) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// For each message: the tool that speaks in it, told by the call that it answers. Where several speak in one message,
/// none does.
pub(super) fn tool_names(messages: &[Arc<Value>]) -> Vec<Option<String>> {
    let mut calls: HashMap<&str, &str> = HashMap::new();
    messages
        .iter()
        .map(|message| {
            // The latest call of an identifier counts: some servers use one again in every turn.
            calls.extend(calls_in(message));
            let mut names = results_in(message).map(|result| match result {
                Answered::Call(id) => calls.get(id).copied(),
                Answered::Tool(name) => Some(name),
            });
            let first = names.next()??;
            names.all(|name| name == Some(first)).then(|| first.to_owned())
        })
        .collect()
}

/// Identifier and tool of each call in a message, on any wire.
fn calls_in(message: &Value) -> impl Iterator<Item = (&str, &str)> {
    let chat = items(message, "tool_calls")
        .filter_map(|call| Some((string(call, "/id")?, string(call, "/function/name")?)));
    let item = Some(message)
        .filter(|item| string(item, "/type") == Some("function_call"))
        .and_then(|item| Some((string(item, "/call_id")?, string(item, "/name")?)));
    let blocks = items(message, "content")
        .filter(|block| string(block, "/type") == Some("tool_use"))
        .filter_map(|block| Some((string(block, "/id")?, string(block, "/name")?)));
    chat.chain(item).chain(blocks)
}

/// How a wire says what a result answers.
enum Answered<'a> {
    Call(&'a str),
    Tool(&'a str),
}

fn results_in(message: &Value) -> impl Iterator<Item = Answered<'_>> {
    let item =
        (string(message, "/type") == Some("function_call_output")).then(|| string(message, "/call_id"));
    let own = string(message, "/tool_call_id").or(item.flatten());
    let blocks = items(message, "content").filter_map(|block| string(block, "/tool_use_id"));
    let named = items(message, "parts").filter_map(|part| string(part, "/functionResponse/name"));
    own.into_iter().chain(blocks).map(Answered::Call).chain(named.map(Answered::Tool))
}

fn items<'a>(message: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    message.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn string<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn level_strings(value: &Value) -> Value {
    match value {
        Value::String(text) => level(text).into(),
        Value::Array(items) => items.iter().map(level_strings).collect(),
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), level_strings(item))).collect(),
        other => other.clone(),
    }
}

/// Levels one text: long floating-point numbers to six significant digits, addresses to `0x`, durations to `<t>`.
pub(super) fn level(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, written) = if first.is_ascii_digit() {
            number(rest)
        } else {
            // A word is copied whole: digits inside a name are part of the name.
            let word = span(rest, |c| c.is_alphanumeric() || c == '_').max(first.len_utf8());
            (word, rest[..word].to_owned())
        };
        out.push_str(&written);
        rest = &rest[token..];
    }
    out
}

/// Reads what begins with a digit; gives its length and what stands for it.
fn number(text: &str) -> (usize, String) {
    if let Some(length) = address(text) {
        return (length, "0x".into());
    }
    let length = number_length(text);
    if let Some(unit) = time_unit(&text[length..]) {
        return (length + unit, "<t>".into());
    }
    let number = &text[..length];
    // `12abc` is a name, not a number with something behind it.
    let word = span(&text[length..], |c| c.is_alphanumeric() || c == '_');
    if word > 0 {
        return (length + word, text[..length + word].to_owned());
    }
    (length, rounded(number).unwrap_or_else(|| number.to_owned()))
}

fn address(text: &str) -> Option<usize> {
    let digits = span(text.strip_prefix("0x")?, |c| c.is_ascii_hexdigit());
    (digits >= ADDRESS_DIGITS).then_some(2 + digits)
}

/// Length of digits, fraction and exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| span(&text[from..], |c| c.is_ascii_digit());
    let mut length = digits(0);
    if text[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// Length of a unit of time after at most one space.
fn time_unit(text: &str) -> Option<usize> {
    let space = usize::from(text.starts_with(' '));
    let word = span(&text[space..], |c| c.is_alphanumeric() || c == '_');
    TIME_UNITS.contains(&&text[space..space + word]).then_some(space + word)
}

/// A floating-point number of more than six significant digits, rounded to six; `None` for any other number.
fn rounded(number: &str) -> Option<String> {
    let mantissa = number.split(['e', 'E']).next()?;
    let significant = mantissa.replace('.', "").trim_start_matches('0').len();
    if significant <= DIGITS || !number.contains(['.', 'e', 'E']) {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    let short: f64 = format!("{value:.*e}", DIGITS - 1).parse().ok()?;
    Some(short.to_string())
}

/// Length in bytes of the characters at the beginning that satisfy `belongs`.
fn span(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn only_noise_is_levelled() {
        for (text, expected) in [
            ("score 0.8437500001 and 0.84375", "score 0.84375 and 0.84375"),
            ("-123.456789e-10", "-0.0000000123457"),
            ("0.1234567", "0.123457"),
            ("0.123456 123456.0 1234567.5 1e5", "0.123456 123456 1234570 1e5"),
            ("1234567 rows, 20240101", "1234567 rows, 20240101"),
            ("<Foo object at 0x7f3a2b1c9d00>", "<Foo object at 0x>"),
            ("flags 0xff 0x1234567", "flags 0xff 0x1234567"),
            ("took 0.59s, 12.3 ms, (in 1.2 s); 3 µs.", "took <t>, <t>, (in <t>); <t>."),
            ("5 sheep, 12 minutesX, 3  s", "5 sheep, 12 minutesX, 3  s"),
            ("x1.2345678 v2 12abc0.12345678", "x1.2345678 v2 12abc0.12345678"),
            ("a.b 1. 2.e 3e 4e+", "a.b 1. 2.e 3e 4e+"),
            ("→1.23456789 é1.2345678", "→1.23457 é1.2345678"),
            ("", ""),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
    }

    #[test]
    fn only_messages_of_tools_are_levelled() {
        let noisy = "0.123456789";
        for (role, expected) in
            [("tool", "0.123457"), ("user", noisy), ("assistant", noisy), ("system", noisy)]
        {
            let list = message(
                &json!({"role": role, "content": [{"type": "text", "text": noisy}], "n": 0.123456789}),
                Some("t"),
                &Lenient::default(),
            );
            assert_eq!(
                list,
                json!({"role": role, "content": [{"type": "text", "text": expected}], "n": 0.123456789})
            );
        }
    }

    #[test]
    fn quotations_are_left_out_where_they_are_expected_only() {
        let text = "<defects>\n1. [R115 error] test.py: it failed\n    line 3\n2. b\n</defects>\n    code";
        let kept = "<defects>\n1. [R115 error] test.py: it failed\n2. b\n</defects>\n    code";
        let elements = Lenient { elements: BTreeSet::from(["defects".to_owned()]), ..Lenient::default() };
        for (role, left_out, expected) in [
            ("system", &elements, kept),
            ("user", &elements, kept),
            ("assistant", &elements, text),
            ("system", &Lenient::default(), text),
        ] {
            let message =
                |content: Value| message(&json!({"role": role, "content": content}), None, left_out);
            assert_eq!(message(text.into())["content"], expected, "{role}");
            assert_eq!(message(json!([{"text": text}]))["content"][0]["text"], expected, "{role}");
        }
    }

    #[test]
    fn the_latest_call_of_an_identifier_names_the_tool() {
        let call = |name: &str| json!({"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": name}}]});
        let result = json!({"role": "tool", "tool_call_id": "c"});
        let stray = json!({"role": "tool", "tool_call_id": "d"});
        let messages: Vec<Arc<Value>> =
            [call("a"), result.clone(), call("b"), result, stray].into_iter().map(Arc::new).collect();
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(tool_names(&messages), [None, named("a"), None, named("b"), None]);
    }

    /// A call of `run`, its result, and the result as it is compared with and without the words of programs.
    fn on_other_wires() -> Vec<(Value, Value, Value, Value)> {
        let (noisy, level) = ("took 0.59s", "took <t>");
        vec![
            (
                json!({"type": "function_call", "call_id": "c", "name": "run"}),
                json!({"type": "function_call_output", "call_id": "c", "output": noisy}),
                json!({"type": "function_call_output", "call_id": "c", "output": level}),
                json!({"type": "function_call_output", "call_id": "c", "output": null}),
            ),
            (
                json!({"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "run"}]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": noisy},
                    {"type": "text", "text": noisy}]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": level},
                    {"type": "text", "text": noisy}]}),
                json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": null},
                    {"type": "text", "text": noisy}]}),
            ),
            (
                json!({"role": "model", "parts": [{"functionCall": {"name": "run"}}]}),
                json!({"role": "user", "parts": [{"functionResponse": {"name": "run", "response": {"output": noisy}}}]}),
                json!({"role": "user", "parts": [{"functionResponse": {"name": "run", "response": {"output": level}}}]}),
                json!({"role": "user", "parts": [{"functionResponse": {"name": "run", "response": null}}]}),
            ),
        ]
    }

    #[test]
    fn results_of_tools_are_found_on_every_wire() {
        let lenient = Lenient { tools: BTreeSet::from(["run".to_owned()]), ..Lenient::default() };
        for (call, sent, levelled, left_out) in on_other_wires() {
            let names = tool_names(&[Arc::new(call), Arc::new(sent.clone())]);
            assert_eq!(names, [None, Some("run".to_owned())], "{sent}");
            assert_eq!(message(&sent, Some("run"), &Lenient::default()), levelled);
            assert_eq!(message(&sent, Some("run"), &lenient), left_out);
            assert_eq!(message(&sent, Some("other"), &lenient), levelled);
        }
    }

    #[test]
    fn results_of_several_tools_in_one_message_have_no_name() {
        let calls = json!({"content": [{"type": "tool_use", "id": "c", "name": "run"},
            {"type": "tool_use", "id": "d", "name": "ls"}]});
        let results = json!({"content": [{"tool_use_id": "c"}, {"tool_use_id": "d"}]});
        assert_eq!(tool_names(&[Arc::new(calls), Arc::new(results)]), [None, None]);
    }

    proptest! {
        #[test]
        fn levelling_never_fails_and_is_stable(text in "([0-9.eEx +-]|[a-z]|µ|é|0x|0\\.|ms){0,24}") {
            let once = level(&text);
            prop_assert_eq!(level(&once), once);
        }
    }
}
