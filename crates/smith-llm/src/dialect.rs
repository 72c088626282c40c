//! Wire formats: pure functions between our types and a provider's JSON.

pub(crate) mod anthropic;
pub(crate) mod gemini;
pub(crate) mod openai_chat;
pub(crate) mod openai_responses;

mod lenient;
mod schema;
mod strict;
mod wire;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::LlmError;

/// One family of endpoints. Nothing here sends, retries, counts or prices.
pub(crate) trait Dialect: Send + Sync {
    /// Path of the call below the base URL. `model` may be part of it.
    fn path(&self, model: &str) -> String;

    /// Headers that every request carries, the key apart.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The body that asks `model` this. Strict: what the wire cannot express is a mistake, or is left out with a
    /// warning where the answer is of use without it. The bound of the answer's tokens may be another one than the
    /// request's own.
    fn encode(
        &self,
        model: &str,
        request: &ChatRequest,
        most_output_tokens: Option<u32>,
    ) -> Result<Encoded, LlmError>;

    /// The answer in a body of success. Lenient: only what makes the answer unusable is an error, and the error
    /// names the path in the body. `earlier_calls` numbers the calls that came without an identifier.
    fn decode(&self, body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError>;

    /// Tokens that a body says were used, whether it holds an answer or not; all zero if it does not say.
    fn usage(&self, body: &Value) -> Usage;
}

/// A request on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Encoded {
    /// A JSON object.
    pub(crate) body: String,
    /// What of the request is not in it.
    pub(crate) warnings: Vec<String>,
}

/// Why a body of success holds no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The body has another shape.
    Shape {
        /// Where, such as `choices[0].message`.
        path: String,
        /// What should be there.
        problem: &'static str,
    },
    /// The model declined, in these words.
    Refusal(String),
}

/// Whether a body reports an error, whatever its HTTP status says.
pub(crate) fn reports_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
}
