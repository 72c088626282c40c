//! Test support: a model that plays a script and checks every conversation it is given, and an endpoint that fails.
//!
//! For tests only, never a dependency of a program: what is wrong **panics**, because that is how a test fails.
//!
//! ```
//! use serde_json::json;
//! use smith_llm::{ChatModel, ChatRequest, Message};
//! use smith_testkit::{ScriptedModel, answer};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let model = ScriptedModel::answers([answer::call("list_files", json!({"path": "."})), answer::text("Done.")]);
//! let messages = vec![Message::system("You tidy up."), Message::user("Begin.")];
//! let response = model.complete(&ChatRequest { messages, ..ChatRequest::default() }).await?;
//! assert_eq!(response.message.tool_calls().next().map(|call| call.name.as_str()), Some("list_files"));
//! assert_eq!(model.requests().len(), 1);
//! # Ok::<(), smith_llm::LlmError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![allow(clippy::panic, reason = "a violated expectation must fail the test that met it")]

pub mod answer;
pub mod chaos;
mod conversation;
pub mod http;
mod scripted;

pub use conversation::check;
pub use scripted::ScriptedModel;
