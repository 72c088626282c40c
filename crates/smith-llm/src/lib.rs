//! Chat models behind one narrow trait: [`ChatModel::complete`] takes a whole conversation and gives the answer.
//!
//! [`connect`] puts a model together from a [`ModelSpec`]. From the outside in:
//!
//! | layer | what it does |
//! |---|---|
//! | [`Metered`] | reserves the estimated cost of a call in a shared [`Budget`], settles it with what was used |
//! | retries | repeat what waiting can mend, after the wait that the endpoint asks for or the [`RetryPolicy`]'s own |
//! | [`RateLimits`] | let requests pass as fast as the caller allows for each model: requests and tokens a minute, requests at once |
//! | dialect | pure functions between our types and the provider's JSON: strict in writing, lenient in reading |
//! | [`HttpTransport`] | carries one request: over the network, into a recording, or out of one |
//!
//! There are four dialects. What one cannot express is an error, or a warning in [`ChatResponse::warnings`] where the
//! answer is of use without it. [`Part::Opaque`] goes back to the dialect that made it and to no other.
//!
//! | spec | dialect | key | takes beside text and tools |
//! |---|---|---|---|
//! | `openai:NAME` | OpenAI Chat Completions | `OPENAI_API_KEY` | images, schema, seed, effort |
//! | `openai-responses:NAME` | OpenAI Responses, nothing stored | `OPENAI_API_KEY` | images, schema, effort; sealed thoughts go back |
//! | `anthropic:NAME` | Anthropic Messages | `ANTHROPIC_API_KEY` | images, schema, effort or budget, cache marks; signed thoughts go back |
//! | `gemini:NAME` | Gemini generateContent | `GEMINI_API_KEY` | images, schema, seed, effort or budget; signatures go back |
//! | `openai-compatible:NAME` | Chat Completions of any server | `OPENAI_API_KEY` if it wants one | what the server takes |
//! | `replay:FILE` | that of the recording | none | what was recorded |
//!
//! The dialects are written after documentation and bug reports. Their fixtures are no captures.
//!
//! The crate knows nothing of tasks, prints nothing and reads no environment variable. Keys live in [`Secret`] and
//! are in no error, trace or recording.
//!
//! The transport may be the caller's own. This one answers from memory:
//!
//! ```
//! use std::sync::Arc;
//! use smith_llm::{
//!     ChatRequest, ConnectOptions, HttpRequest, HttpResponse, HttpTransport, Message, Secret, TransportError, connect,
//! };
//!
//! struct Echo;
//!
//! #[async_trait::async_trait]
//! impl HttpTransport for Echo {
//!     async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
//!         let words = &request.json()["messages"][0]["content"];
//!         let body = format!(
//!             r#"{{"choices":[{{"message":{{"content":{words}}}}}],"usage":{{"prompt_tokens":8,"completion_tokens":2}}}}"#
//!         );
//!         Ok(HttpResponse { status: 200, headers: Vec::new(), body: body.into_bytes() })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let options = ConnectOptions {
//!     transport: Some(Arc::new(Echo)),
//!     api_key: Some(Secret::new("not needed by an echo")),
//!     ..ConnectOptions::default()
//! };
//! let connection = connect(&"openai:gpt-4o".parse()?, options)?;
//! let request = ChatRequest { messages: vec![Message::user("hello")], ..ChatRequest::default() };
//! let response = connection.model.complete(&request).await?;
//! assert_eq!(response.message.text(), "hello");
//! assert_eq!(response.cost.map(|cost| cost.to_string()).as_deref(), Some("$0.000040"));
//! # Ok::<(), smith_llm::LlmError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod chat;
mod client;
pub mod conformance;
mod connect;
mod dialect;
mod error;
mod estimate;
mod fingerprint;
mod limits;
mod model;
mod money;
mod recording;
mod retry;
mod secret;
mod spec;
mod tokens;
mod transport;
mod windows;

pub use chat::{
    ChatRequest, ChatResponse, Effort, FinishReason, Image, Message, OutputSchema, Part, PromptCache,
    Reasoning, Role, Sampling, ToolArguments, ToolCall, ToolResult, ToolSpec, Usage,
};
pub use client::shown_url;
pub use connect::{ConnectOptions, Connection, connect};
pub use error::{Charged, LlmError};
pub use fingerprint::GrowingFingerprint;
pub use limits::{RateLimit, RateLimits};
pub use model::ChatModel;
pub use money::{Budget, LongPrice, Metered, MicroUsd, Price, PriceError, PriceTable, Reservation};
pub use recording::{
    DriftLog, Lenient, RecordTransport, RecordingHeader, RecordingInfo, ReplayTransport, header_of,
};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use spec::ModelSpec;
pub use tokens::{Calibration, TokenCounter};
pub use transport::{Credential, HttpRequest, HttpResponse, HttpTransport, ReqwestTransport, TransportError};
pub use windows::ContextWindow;
