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

    /// The same, with a bound of the answer's tokens where the request has none. A model that need not copy the
    /// conversation for that has its own way.
    ///
    /// # Errors
    /// As [`ChatModel::complete`].
    async fn complete_within(
        &self,
        request: &ChatRequest,
        most_output_tokens: u32,
    ) -> Result<ChatResponse, LlmError> {
        if request.max_output_tokens.is_some() {
            return self.complete(request).await;
        }
        self.complete(&ChatRequest { max_output_tokens: Some(most_output_tokens), ..request.clone() }).await
    }
}
