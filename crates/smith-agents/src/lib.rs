//! The agents that make and try machine-learning tasks: Brainstormer, Designer, Refactor and the
//! validation agent, with their tools and the loop that drives them.
//!
//! Each agent implements one stage trait of `smith-task-schema` and knows its model only as an
//! `Arc<dyn ChatModel>`. Whatever a model writes — an unknown tool, broken arguments, a path outside
//! its work directory, nothing at all — is answered with an error that it can act on; only the
//! machine's own failures stop a stage.
//!
//! The toolbox is useful alone. A tool is a schema and one function:
//!
//! ```
//! use async_trait::async_trait;
//! use serde_json::{Value, json};
//! use smith_agents::{Effect, Tool, ToolError, Toolbox};
//! use smith_llm::{ToolArguments, ToolCall, ToolSpec};
//!
//! struct Count;
//!
//! #[async_trait]
//! impl Tool for Count {
//!     fn spec(&self) -> ToolSpec {
//!         ToolSpec {
//!             name: "count".to_owned(),
//!             description: "Counts the words of a text.".to_owned(),
//!             parameters: json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}),
//!         }
//!     }
//!     fn effect(&self) -> Effect {
//!         Effect::Reads
//!     }
//!     async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
//!         Ok(arguments["text"].as_str().unwrap_or_default().split_whitespace().count().to_string())
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let toolbox = Toolbox::new(vec![Box::new(Count)])?;
//! let call = |arguments| ToolCall { id: "1".to_owned(), name: "count".to_owned(), arguments: ToolArguments::Json(arguments) };
//! assert_eq!(toolbox.call(&call(json!({"text": "two words"}))).await?.text, "2");
//! assert!(toolbox.call(&call(json!({}))).await?.is_error);
//! # Ok::<(), String>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod agent_loop;
mod brainstormer;
mod builders;
mod environment_tools;
mod folding;
mod outputs;
mod setup;
mod tool;
mod toolbox;
pub mod tools;
mod validation_agent;
mod workspace;

pub use agent_loop::{AgentLoop, Conversation, LoopEnd};
pub use brainstormer::Brainstormer;
pub use builders::{Designer, Refactorer};
pub use environment_tools::{SharedEnvironment, action_tools};
pub use folding::Folding;
pub use setup::{AgentSetup, MoreTools};
pub use tool::{Effect, Tool, ToolError};
pub use toolbox::{MAX_OUTPUT, Reply, Toolbox, cut_middle};
pub use validation_agent::ValidationAgent;
pub use workspace::Workspace;
