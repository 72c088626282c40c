//! Gemini's generateContent.
//!
//! The wire gives a call no identifier, or one of its own, and hangs signatures on parts. Both are kept in an opaque
//! part before the part that they belong to: `{"with_next": {…}}`. A part that is wholly Gemini's own is kept as
//! `{"part": {…}}`.

mod decode;
mod encode;

use serde_json::Value;

use super::{DecodeError, Dialect, Encoded};
use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::LlmError;

/// Maker of opaque parts.
pub(super) const PROVIDER: &str = "gemini";

/// Fields that belong to the next part.
const WITH_NEXT: &str = "with_next";

/// A whole part.
const PART: &str = "part";

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gemini;

impl Dialect for Gemini {
    /// The wire names the model here and not in the body.
    fn path(&self, model: &str) -> String {
        let folder = if model.contains('/') { "" } else { "models/" };
        format!("/{folder}{model}:generateContent")
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
