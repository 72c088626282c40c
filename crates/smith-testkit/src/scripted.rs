//! A model that plays a script.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use smith_llm::{ChatModel, ChatRequest, ChatResponse, LlmError, Message, Part};

use crate::conversation;

type Script = dyn Fn(&ChatRequest) -> Result<ChatResponse, LlmError> + Send + Sync;

/// Plays answers, keeps every request, and panics on a conversation that [`check`](crate::check) refuses.
///
/// Tool calls without an identifier get one that is new in the conversation: `call_0`, `call_1`, …
pub struct ScriptedModel {
    script: Box<Script>,
    requests: Mutex<Vec<ChatRequest>>,
}

impl ScriptedModel {
    /// Plays these answers in order; a call after the last one panics.
    pub fn answers(answers: impl IntoIterator<Item = ChatResponse>) -> Self {
        Self::results(answers.into_iter().map(Ok))
    }

    /// Plays these answers and failures in order; a call after the last one panics.
    pub fn results(results: impl IntoIterator<Item = Result<ChatResponse, LlmError>>) -> Self {
        let results: VecDeque<_> = results.into_iter().collect();
        let total = results.len();
        let results = Mutex::new(results);
        Self::of(Box::new(move |_| {
            let next = results.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            next.unwrap_or_else(|| panic!("the script has {total} answers, and the model is asked once more"))
        }))
    }

    /// Answers with what `script` makes of each request.
    pub fn respond(script: impl Fn(&ChatRequest) -> ChatResponse + Send + Sync + 'static) -> Self {
        Self::of(Box::new(move |request| Ok(script(request))))
    }

    /// Every request so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn of(script: Box<Script>) -> Self {
        Self { script, requests: Mutex::new(Vec::new()) }
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let number = {
            let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(request.clone());
            requests.len()
        };
        if let Err(problem) = conversation::check(request) {
            panic!("request {number} to the scripted model is no valid conversation: {problem}");
        }
        let mut response = (self.script)(request)?;
        let earlier = request.messages.iter().map(|message| message.tool_calls().count()).sum();
        name_calls(&mut response.message, earlier);
        Ok(response)
    }
}

/// Gives calls without an identifier one, numbered on from the `earlier` calls of the conversation.
fn name_calls(message: &mut Message, earlier: usize) {
    let calls = message.parts.iter_mut().filter_map(|part| match part {
        Part::ToolCall(call) => Some(call),
        _ => None,
    });
    for (i, call) in calls.enumerate() {
        if call.id.is_empty() {
            call.id = format!("call_{}", earlier + i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer;
    use serde_json::json;
    use smith_llm::{ToolArguments, ToolResult};

    fn request(messages: Vec<Message>) -> ChatRequest {
        ChatRequest { messages, ..ChatRequest::default() }
    }

    fn opening() -> Vec<Message> {
        vec![Message::system("s"), Message::user("u")]
    }

    #[tokio::test]
    async fn answers_come_in_order_with_new_identifiers_and_requests_are_kept() {
        let model = ScriptedModel::results([
            Ok(answer::calls([("ls", json!({})), ("cat", json!({}))])),
            Err(LlmError::Fault("down".into())),
            Ok(answer::malformed_call("ls", "{")),
        ]);
        let first = model.complete(&request(opening())).await.unwrap();
        let ids: Vec<&str> = first.message.tool_calls().map(|call| call.id.as_str()).collect();
        assert_eq!(ids, ["call_0", "call_1"]);

        let mut messages = opening();
        messages.push(first.message.clone());
        messages.extend(first.message.tool_calls().map(|call| {
            let (call_id, name) = (call.id.clone(), call.name.clone());
            Message::tool_result(ToolResult { call_id, name, content: "ok".into(), is_error: false })
        }));
        let failed = model.complete(&request(messages.clone())).await;
        assert_eq!(failed, Err(LlmError::Fault("down".into())));
        let third = model.complete(&request(messages.clone())).await.unwrap();
        let call = third.message.tool_calls().next().unwrap();
        assert_eq!((call.id.as_str(), &call.arguments), ("call_2", &ToolArguments::Malformed("{".into())));
        assert_eq!(model.requests(), [request(opening()), request(messages.clone()), request(messages)]);
    }

    #[tokio::test]
    async fn a_closure_sees_the_request() {
        let model =
            ScriptedModel::respond(|request| answer::text(format!("{} messages", request.messages.len())));
        assert_eq!(model.complete(&request(opening())).await.unwrap().message.text(), "2 messages");
    }

    #[tokio::test]
    #[should_panic(expected = "request 1 to the scripted model is no valid conversation: message 0 must be")]
    async fn a_broken_conversation_fails_the_test() {
        let _ =
            ScriptedModel::answers([answer::text("x")]).complete(&request(vec![Message::user("u")])).await;
    }

    #[tokio::test]
    #[should_panic(expected = "the script has 1 answers")]
    async fn a_call_too_many_fails_the_test() {
        let model = ScriptedModel::answers([answer::text("x")]);
        for _ in 0..2 {
            let _ = model.complete(&request(opening())).await;
        }
    }
}
