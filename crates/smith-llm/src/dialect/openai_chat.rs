//! OpenAI Chat Completions, as OpenAI and many servers speak it.

mod decode;
mod encode;

use serde_json::{Map, Value};

use super::{DecodeError, Dialect};
use crate::chat::{ChatRequest, ChatResponse};
use crate::error::LlmError;

/// The dialect; servers differ in the name of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAiChat {
    /// Which field bounds the answer's tokens.
    pub(crate) token_limit_field: &'static str,
}

impl Dialect for OpenAiChat {
    fn path(&self) -> &'static str {
        "/chat/completions"
    }

    fn encode(&self, model: &str, request: &ChatRequest) -> Result<Map<String, Value>, LlmError> {
        encode::body(model, request, self.token_limit_field)
    }

    fn decode(&self, body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
        decode::response(body, earlier_calls)
    }
}
