//! Chat models behind one narrow trait.

pub mod chat;
pub mod connect;
pub mod error;
pub mod model;
pub mod money;
pub mod recording;
pub mod retry;
pub mod transport;

mod canonical;
mod client;
mod dialect;
mod secret;

pub use chat::{
    ChatRequest, ChatResponse, FinishReason, Message, Part, Role, ToolArguments, ToolCall, ToolResult, ToolSpec, Usage,
};
pub use connect::{ConnectOptions, Connection, ModelSpec, connect};
pub use error::LlmError;
pub use model::ChatModel;
pub use money::{Budget, Metered, MicroUsd, Price, PriceError, PriceTable, Reservation};
pub use recording::{DriftLog, RecordTransport, RecordingHeader, RecordingInfo, ReplayTransport};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use transport::{Credential, HttpRequest, HttpResponse, HttpTransport, ReqwestTransport, TransportError};
