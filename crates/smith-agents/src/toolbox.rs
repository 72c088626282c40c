//! Dispatch of tool calls: whatever a model writes, something that it can act on comes back.

use serde_json::Value;
use smith_llm::{ToolArguments, ToolCall, ToolSpec};

use crate::outputs::Outputs;
use crate::tool::{Effect, Tool, ToolError};

/// Upper bound of the text of one tool result, in bytes.
pub const MAX_OUTPUT: usize = 16_000;

struct Entry {
    spec: ToolSpec,
    tool: Box<dyn Tool>,
    arguments: jsonschema::Validator,
}

/// What goes back to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Text.
    pub text: String,
    /// Whether it is an error.
    pub is_error: bool,
}

/// Beginning of the line that says where a whole output is.
pub(crate) const WHOLE: &str = "The whole output is in ";

/// The tools of one agent.
#[derive(Default)]
pub struct Toolbox {
    entries: Vec<Entry>,
    outputs: Option<Outputs>,
}

impl Toolbox {
    /// A toolbox of these tools, offered in this order.
    ///
    /// # Errors
    /// A tool whose schema is not a JSON schema, by name: a mistake of the tool's author.
    pub fn new(tools: Vec<Box<dyn Tool>>) -> Result<Self, String> {
        let entries = tools
            .into_iter()
            .map(|tool| {
                let spec = tool.spec();
                let arguments = jsonschema::validator_for(&spec.parameters)
                    .map_err(|error| format!("the schema of the tool {} is not valid: {error}", spec.name))?;
                Ok(Entry { spec, tool, arguments })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { entries, outputs: None })
    }

    /// Where results that cannot be had again are kept when they are folded.
    #[must_use]
    pub(crate) fn with_outputs(mut self, outputs: Outputs) -> Self {
        self.outputs = Some(outputs);
        self
    }

    /// Keeps a result as a file where its tool changed something, so that the call should not be made again for its sake.
    pub(crate) fn keep_if_lost(&self, name: &str, text: &str) -> Option<String> {
        if self.effect(name) == Effect::Reads {
            return None;
        }
        self.outputs.as_ref()?.keep(text)
    }

    /// The schemas, for the request.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.entries.iter().map(|entry| entry.spec.clone()).collect()
    }

    /// Whether a call of this name may change anything; unknown names change nothing.
    #[must_use]
    pub fn effect(&self, name: &str) -> Effect {
        self.find(name).map_or(Effect::Reads, |entry| entry.tool.effect())
    }

    /// Carries out a call.
    ///
    /// # Errors
    /// The words of a fault of the infrastructure. Everything that the model did wrong is a reply.
    pub async fn call(&self, call: &ToolCall) -> Result<Reply, String> {
        match self.dispatch(call).await {
            Ok(text) => Ok(Reply { text: cut_and_say(&text, MAX_OUTPUT), is_error: false }),
            Err(ToolError::Reply(text)) => Ok(Reply { text: cut_and_say(&text, MAX_OUTPUT), is_error: true }),
            Err(ToolError::Fault(text)) => Err(text),
        }
    }

    async fn dispatch(&self, call: &ToolCall) -> Result<String, ToolError> {
        let entry = self.find(&call.name).ok_or_else(|| {
            let names: Vec<_> = self.entries.iter().map(|entry| entry.spec.name.as_str()).collect();
            ToolError::reply(format!(
                "There is no tool \"{}\". The tools are: {}.",
                call.name,
                names.join(", ")
            ))
        })?;
        let arguments = match &call.arguments {
            ToolArguments::Json(Value::Null) => Value::Object(serde_json::Map::new()),
            ToolArguments::Json(value) => value.clone(),
            ToolArguments::Malformed(text) => {
                let why = serde_json::from_str::<Value>(text)
                    .err()
                    .map_or_else(|| "nested too deeply".to_owned(), |error| error.to_string());
                return Err(ToolError::reply(format!(
                    "The arguments of {} are not valid JSON ({why}). Send the call again with a JSON object.",
                    call.name,
                )));
            }
        };
        check(entry, &arguments)?;
        entry.tool.call(&arguments).await
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.spec.name == name)
    }
}

fn check(entry: &Entry, arguments: &Value) -> Result<(), ToolError> {
    let problems: Vec<String> = entry
        .arguments
        .iter_errors(arguments)
        .take(5)
        .map(|error| {
            let place = error.instance_path().to_string();
            if place.is_empty() { error.to_string() } else { format!("{place}: {error}") }
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(ToolError::reply(format!(
        "The arguments of {} do not fit its schema: {}. The schema is {}",
        entry.spec.name,
        problems.join("; "),
        entry.spec.parameters
    )))
}

/// As [`cut_middle`], with a last line that says how to see the rest. A last line that says so already is kept.
pub(crate) fn cut_and_say(text: &str, limit: usize) -> String {
    const ADVICE: &str = "The middle is missing: ask for less at a time to see it.";
    if text.len() <= limit {
        return text.to_owned();
    }
    let told = text.lines().next_back().filter(|line| line.starts_with(WHOLE)).unwrap_or(ADVICE);
    format!("{}\n{told}", cut_middle(text, limit.saturating_sub(told.len() + 1)))
}

/// Keeps the beginning and the end of a text and says how much is missing between them.
#[must_use]
pub fn cut_middle(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(limit / 2);
    let tail = text.ceil_char_boundary(text.len() - limit / 2);
    format!("{}\n[… {} bytes left out …]\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use serde_json::json;

    struct Double;

    #[async_trait]
    impl Tool for Double {
        fn spec(&self) -> ToolSpec {
            ToolSpec {
                name: "double".to_owned(),
                description: "Doubles.".to_owned(),
                parameters: json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}),
            }
        }
        fn effect(&self) -> Effect {
            Effect::Reads
        }
        async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
            Ok((arguments["n"].as_i64().unwrap() * 2).to_string())
        }
    }

    async fn answer(name: &str, arguments: ToolArguments) -> Reply {
        let toolbox = Toolbox::new(vec![Box::new(Double)]).unwrap();
        let call = ToolCall { id: "1".to_owned(), name: name.to_owned(), arguments };
        toolbox.call(&call).await.unwrap()
    }

    #[tokio::test]
    async fn whatever_is_called_an_answer_comes_back() {
        let good = answer("double", ToolArguments::Json(json!({"n": 4}))).await;
        assert_eq!(good, Reply { text: "8".to_owned(), is_error: false });
        for (name, arguments, part) in [
            ("treble", ToolArguments::Json(json!({})), "The tools are: double"),
            ("double", ToolArguments::Malformed("{\"n\": ".to_owned()), "not valid JSON"),
            ("double", ToolArguments::Json(json!({"n": "four"})), "/n: \"four\" is not of type"),
            ("double", ToolArguments::Json(json!({"m": 4})), "\"n\" is a required property"),
            ("double", ToolArguments::Json(json!([4])), "is not of type \"object\""),
            ("double", ToolArguments::Json(Value::Null), "required property"),
        ] {
            let reply = answer(name, arguments).await;
            assert!(reply.is_error && reply.text.contains(part), "{}", reply.text);
        }
    }

    #[test]
    fn cutting_says_what_is_missing_and_respects_characters() {
        let text = "ä".repeat(100);
        let cut = cut_middle(&text, 51);
        assert!(cut.contains("bytes left out"), "{cut}");
        assert!(cut.len() < 100);
        assert_eq!(cut_middle("short", 51), "short");
    }

    #[test]
    fn a_cut_result_says_how_to_see_the_rest() {
        let long = "line\n".repeat(100);
        let cut = cut_and_say(&long, 200);
        assert!(cut.len() < 260 && cut.ends_with("ask for less at a time to see it."), "{cut}");
        let kept = cut_and_say(&format!("{long}{WHOLE}.outputs/1.txt: read_file shows any part of it."), 200);
        assert!(
            kept.ends_with("The whole output is in .outputs/1.txt: read_file shows any part of it."),
            "{kept}"
        );
        assert!(cut_and_say(&long, 0).contains("500 bytes left out"));
    }
}
