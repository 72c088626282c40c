//! The actions of the interactive environment as tools, so that the same loop drives them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_exec::environment::{Action, Environment};
use smith_llm::ToolSpec;
use tokio::sync::Mutex;

use crate::tool::{Effect, Tool, ToolError};

/// One environment shared by its action tools.
pub type SharedEnvironment = Arc<Mutex<Environment>>;

struct ActionTool {
    name: &'static str,
    description: &'static str,
    parameters: Value,
    environment: SharedEnvironment,
}

/// All actions of an environment.
#[must_use]
pub fn action_tools(environment: &SharedEnvironment) -> Vec<Box<dyn Tool>> {
    let code = json!({
        "type": "object",
        "properties": {"code": {"type": "string", "minLength": 1, "description": "A whole Python script."}},
        "required": ["code"],
        "additionalProperties": false
    });
    let none = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let info = json!({
        "type": "object",
        "properties": {"info_type": {"type": "string", "enum": ["overview", "sample_submission", "data_structure", "data_path", "output_path", "name", "metadata", "all"]}},
        "required": ["info_type"],
        "additionalProperties": false
    });
    [
        ("request_info", "Gives information about the task.", info),
        ("validate_code", "Checks the syntax of a Python script and runs it without scoring.", code.clone()),
        (
            "execute_code",
            "Runs a Python script that writes submission.csv, and scores that submission.",
            code,
        ),
        ("get_history", "Gives what was done so far.", none.clone()),
        ("reset", "Puts the environment back to its beginning; used steps stay used.", none),
    ]
    .into_iter()
    .map(|(name, description, parameters)| {
        Box::new(ActionTool { name, description, parameters, environment: environment.clone() })
            as Box<dyn Tool>
    })
    .collect()
}

#[async_trait]
impl Tool for ActionTool {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            parameters: self.parameters.clone(),
        }
    }

    /// Every action counts in the environment's own state, so all are made again after a crash.
    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let action = Action::parse(self.name, arguments);
        let observation = self.environment.lock().await.step(action).await;
        observation.map(|seen| seen.to_text()).map_err(|error| ToolError::Fault(error.to_string()))
    }
}
