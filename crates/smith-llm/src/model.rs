//! The one trait that callers hold.

use async_trait::async_trait;

use crate::chat::{ChatRequest, ChatResponse};
use crate::error::LlmError;

/// Something that answers a conversation. Complete turns only: nothing here streams.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Answers the conversation. One call may be several attempts on the wire; it is one answer and one charge.
    ///
    /// # Errors
    /// See [`LlmError`]; what can be mended by waiting has been retried already.
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError>;
}
