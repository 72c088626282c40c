//! What a request is known by.

use crate::canonical;
use crate::chat::ChatRequest;

impl ChatRequest {
    /// BLAKE3 of the request's canonical JSON, in hexadecimal: equal for equal requests on every machine.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        blake3::hash(canonical::of(self).as_bytes()).to_hex().to_string()
    }
}

/// The fingerprints of a conversation that grows, each equal to [`ChatRequest::fingerprint`]: what was hashed for one
/// request is not read again for the next.
///
/// It is told by [`forget`](Self::forget) when anything but the end of the conversation changes.
#[derive(Debug, Clone, Default)]
pub struct GrowingFingerprint(Option<Box<Hashed>>);

/// How far a conversation is hashed.
#[derive(Debug, Clone)]
struct Hashed {
    hasher: blake3::Hasher,
    messages: usize,
    /// What follows the messages in the canonical JSON.
    end: String,
}

impl GrowingFingerprint {
    /// The fingerprint of a request that begins like the one before, with the same fields beside its messages.
    pub fn of(&mut self, request: &ChatRequest) -> String {
        let hashed = self.0.get_or_insert_with(|| Box::new(Hashed::without_messages(request)));
        for message in request.messages.iter().skip(hashed.messages) {
            if hashed.messages > 0 {
                hashed.hasher.update(b",");
            }
            hashed.hasher.update(canonical::of(message).as_bytes());
            hashed.messages += 1;
        }
        let mut whole = hashed.hasher.clone();
        whole.update(hashed.end.as_bytes());
        whole.finalize().to_hex().to_string()
    }

    /// Begins anew with the next request.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

impl Hashed {
    fn without_messages(request: &ChatRequest) -> Self {
        let frame = ChatRequest {
            messages: Vec::new(),
            tools: request.tools.clone(),
            output_schema: request.output_schema.clone(),
            label: None,
            ..*request
        };
        let canonical = canonical::of(&frame);
        // No text stands in the fields that come before it in the order of names.
        let place = canonical.find("\"messages\":[]").map_or(0, |place| place + "\"messages\":[".len());
        let (begin, end) = canonical.split_at(place);
        let mut hasher = blake3::Hasher::new();
        hasher.update(begin.as_bytes());
        Self { hasher, messages: 0, end: end.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{
        Effort, Message, OutputSchema, Part, PromptCache, Reasoning, Role, ToolArguments, ToolCall, ToolSpec,
    };
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn the_fingerprint_depends_on_content_and_not_on_key_order() {
        let with = |text: &str| {
            let parameters = serde_json::from_str(text).unwrap();
            let spec = ToolSpec { name: "t".into(), description: String::new(), parameters };
            ChatRequest { tools: vec![spec], ..ChatRequest::default() }.fingerprint()
        };
        assert_eq!(with(r#"{"a":1,"b":2}"#), with(r#"{"b":2,"a":1}"#));
        assert_ne!(with(r#"{"a":1,"b":2}"#), with(r#"{"a":1,"b":3}"#));
        assert_eq!(with("{}").len(), 64);
    }

    /// A request in which every field says something, also what a field begins with.
    fn full() -> ChatRequest {
        let schema = json!({"b": "\"messages\":[]", "a": 1});
        ChatRequest {
            messages: Vec::new(),
            tools: vec![ToolSpec {
                name: "\"messages\":[]".into(),
                description: "t".into(),
                parameters: schema.clone(),
            }],
            temperature: Some(0.5),
            seed: Some(1),
            max_output_tokens: Some(7),
            parallel_tool_calls: Some(true),
            output_schema: Some(OutputSchema { name: "\"messages\":[]".into(), schema }),
            reasoning: Some(Reasoning::Effort(Effort::Low)),
            cache: PromptCache::On,
            label: Some("\"messages\":[]".into()),
            expected_input: Some(3),
        }
    }

    fn message(words: &str) -> Message {
        let arguments = ToolArguments::Json(json!({"z": words, "a": [words, null]}));
        let call = ToolCall { id: words.into(), name: "ls".into(), arguments };
        let opaque = Part::Opaque { provider: "p".into(), value: Value::from(words) };
        Message {
            role: Role::Assistant,
            parts: vec![Part::Text { text: words.into() }, Part::ToolCall(call), opaque],
        }
    }

    proptest! {
        #[test]
        fn a_growing_conversation_has_the_fingerprints_of_each_request(
            words in prop::collection::vec(".{0,8}", 0..6),
            spoken_at_once in 0..4usize,
        ) {
            for mut request in [ChatRequest::default(), full()] {
                let mut growing = GrowingFingerprint::default();
                let mut old = GrowingFingerprint::default();
                prop_assert_eq!(growing.of(&request), request.fingerprint());
                for (i, words) in words.iter().enumerate() {
                    request.messages.push(message(words));
                    if i >= spoken_at_once {
                        prop_assert_eq!(growing.of(&request), request.fingerprint());
                    }
                }
                old.of(&request);
                request.messages.insert(0, Message::system("first"));
                old.forget();
                prop_assert_eq!(old.of(&request), request.fingerprint());
            }
        }
    }
}
