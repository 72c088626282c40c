//! What must hold of every conversation that is sent to a model, because some provider rejects it otherwise.

use std::collections::HashMap;

use smith_llm::{ChatRequest, Message, Part, Role, ToolResult};

/// Checks a conversation:
///
/// - it begins with a system prompt, and no message is empty;
/// - every tool result answers a call of the latest assistant message, once, under the same name;
/// - every call has its result before the caller or the model speaks again.
///
/// # Errors
/// What is wrong, and in which message.
pub fn check(request: &ChatRequest) -> Result<(), String> {
    match request.messages.first() {
        Some(first) if first.role == Role::System => {}
        Some(first) => {
            return Err(format!("message 0 must be the system prompt, it is of role {:?}", first.role));
        }
        None => return Err("the conversation holds no message".into()),
    }
    let mut open = OpenCalls::default();
    for (index, message) in request.messages.iter().enumerate() {
        let checked = not_empty(message).and_then(|()| open.follow(message));
        checked.map_err(|problem| format!("message {index} ({:?}): {problem}", message.role))?;
    }
    open.all_answered().map_err(|problem| format!("at the end of the conversation: {problem}"))
}

fn not_empty(message: &Message) -> Result<(), String> {
    let says_something = |part: &Part| !matches!(part, Part::Text { text } if text.trim().is_empty());
    if message.parts.iter().any(says_something) { Ok(()) } else { Err("it is empty".into()) }
}

/// Calls that wait for a result: name by identifier.
#[derive(Default)]
struct OpenCalls(HashMap<String, String>);

impl OpenCalls {
    fn follow(&mut self, message: &Message) -> Result<(), String> {
        if message.role != Role::Tool {
            self.all_answered()?;
        }
        for part in &message.parts {
            match part {
                Part::ToolCall(call) if self.0.insert(call.id.clone(), call.name.clone()).is_some() => {
                    return Err(format!("two calls have the identifier {:?}", call.id));
                }
                Part::ToolResult(result) => self.answer(result)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn answer(&mut self, result: &ToolResult) -> Result<(), String> {
        let ToolResult { call_id, name, .. } = result;
        match self.0.remove(call_id) {
            None => Err(format!("the result for {call_id:?} of {name:?} answers no open call")),
            Some(called) if called != *name => {
                Err(format!("the result for {call_id:?} is of {name:?}, the call was of {called:?}"))
            }
            Some(_) => Ok(()),
        }
    }

    fn all_answered(&self) -> Result<(), String> {
        let mut waiting: Vec<String> =
            self.0.iter().map(|(id, name)| format!("{id:?} of {name:?}")).collect();
        waiting.sort();
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(format!("calls without a result: {}", waiting.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use smith_llm::{ToolArguments, ToolCall};

    fn calls(list: &[(&str, &str)]) -> Message {
        let part = |&(id, name): &(&str, &str)| {
            Part::ToolCall(ToolCall {
                id: id.into(),
                name: name.into(),
                arguments: ToolArguments::Json(json!({})),
            })
        };
        Message { role: Role::Assistant, parts: list.iter().map(part).collect() }
    }

    fn result(id: &str, name: &str) -> Message {
        let result =
            ToolResult { call_id: id.into(), name: name.into(), content: "ok".into(), is_error: false };
        Message::tool_result(result)
    }

    fn problem(rest: Vec<Message>) -> Option<String> {
        let messages = std::iter::once(Message::system("s")).chain(rest).collect();
        check(&ChatRequest { messages, ..ChatRequest::default() }).err()
    }

    #[test]
    fn whole_conversations_pass() {
        let two = calls(&[("a", "ls"), ("b", "cat")]);
        for rest in [
            vec![],
            vec![Message::user("u"), Message::assistant("a"), Message::user("u")],
            vec![Message::user("u"), two.clone(), result("b", "cat"), result("a", "ls"), Message::user("u")],
            vec![calls(&[("a", "ls")]), result("a", "ls"), calls(&[("a", "ls")]), result("a", "ls")],
        ] {
            assert_eq!(problem(rest), None);
        }
    }

    #[test]
    fn each_violation_is_named_with_its_message() {
        let one = || calls(&[("a", "ls")]);
        for (rest, expected) in [
            (vec![Message::user(" \n")], "message 1 (User): it is empty"),
            (vec![Message { role: Role::Assistant, parts: vec![] }], "message 1 (Assistant): it is empty"),
            (
                vec![result("a", "ls")],
                "message 1 (Tool): the result for \"a\" of \"ls\" answers no open call",
            ),
            (
                vec![one(), result("b", "ls")],
                "message 2 (Tool): the result for \"b\" of \"ls\" answers no open call",
            ),
            (
                vec![one(), result("a", "cat")],
                "message 2 (Tool): the result for \"a\" is of \"cat\", the call was of \"ls\"",
            ),
            (
                vec![one(), result("a", "ls"), result("a", "ls")],
                "message 3 (Tool): the result for \"a\" of \"ls\" answers no open call",
            ),
            (
                vec![one(), Message::assistant("x")],
                "message 2 (Assistant): calls without a result: \"a\" of \"ls\"",
            ),
            (vec![one(), Message::user("x")], "message 2 (User): calls without a result: \"a\" of \"ls\""),
            (vec![one()], "at the end of the conversation: calls without a result: \"a\" of \"ls\""),
            (
                vec![calls(&[("a", "ls"), ("a", "cat")])],
                "message 1 (Assistant): two calls have the identifier \"a\"",
            ),
        ] {
            assert_eq!(problem(rest).as_deref(), Some(expected));
        }
    }

    #[test]
    fn the_system_prompt_comes_first() {
        let user_first = ChatRequest { messages: vec![Message::user("u")], ..ChatRequest::default() };
        assert_eq!(check(&user_first), Err("message 0 must be the system prompt, it is of role User".into()));
        assert_eq!(check(&ChatRequest::default()), Err("the conversation holds no message".into()));
    }
}
