//! OpenAI Chat Completions, as OpenAI and many servers speak it.

mod decode;
mod encode;

pub(super) use encode::effort;

use serde_json::Value;

use super::{DecodeError, Dialect, Encoded};
use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::LlmError;

/// Maker of opaque parts.
pub(super) const PROVIDER: &str = "openai-chat";

/// Field of a message with thoughts that their gateway wants back, signed ones among them.
const REASONING_DETAILS: &str = "reasoning_details";

/// Field of a message with thoughts that its server wants back beside tool calls, and nowhere else.
const REASONING_CONTENT: &str = "reasoning_content";

/// The dialect; servers differ in the name of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAiChat {
    /// Which field bounds the answer's tokens.
    pub(crate) token_limit_field: &'static str,
}

impl Dialect for OpenAiChat {
    fn path(&self, _model: &str) -> String {
        "/chat/completions".into()
    }

    fn encode(
        &self,
        model: &str,
        request: &ChatRequest,
        most_output_tokens: Option<u32>,
    ) -> Result<Encoded, LlmError> {
        encode::body(model, request, most_output_tokens, self.token_limit_field)
    }

    fn decode(&self, body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
        decode::response(body, earlier_calls)
    }

    fn usage(&self, body: &Value) -> Usage {
        decode::usage_in(body)
    }
}
