//! OpenAI Responses, without anything kept at OpenAI: the whole conversation is sent each time.

mod decode;
mod encode;

use serde_json::Value;

use super::{DecodeError, Dialect, Encoded};
use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::LlmError;

/// Maker of opaque parts.
pub(super) const PROVIDER: &str = "openai-responses";

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAiResponses;

impl Dialect for OpenAiResponses {
    fn path(&self, _model: &str) -> String {
        "/responses".into()
    }

    fn encode(
        &self,
        model: &str,
        request: &ChatRequest,
        most_output_tokens: Option<u32>,
    ) -> Result<Encoded, LlmError> {
        encode::body(model, request, most_output_tokens)
    }

    fn decode(&self, body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
        decode::response(body, earlier_calls)
    }

    fn usage(&self, body: &Value) -> Usage {
        decode::usage_in(body)
    }
}
