//! Anthropic Messages.

mod cache;
mod decode;
mod encode;

use serde_json::Value;

use super::{DecodeError, Dialect, Encoded};
use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::LlmError;

/// Maker of opaque parts.
pub(super) const PROVIDER: &str = "anthropic";

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anthropic;

impl Dialect for Anthropic {
    fn path(&self, _model: &str) -> String {
        "/messages".into()
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
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
