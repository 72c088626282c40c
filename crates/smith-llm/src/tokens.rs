//! How many tokens something is, for each family of tokenizers.
//!
//! No vocabulary is carried along: they are megabytes for each family, two families have none that is public, and a count
//! that depends on which of them a build has would make a replay depend on it too. A text is read once instead, and what
//! tokenizers charge for (words, digits, punctuation, characters of other scripts) is counted and weighed. The weights are
//! bounds, found by linear programming over texts of which real tokenizers said the count; `tests/it/tokens.rs` holds them
//! to those tokenizers. What a provider counted takes their place as soon as it is known: see [`Calibration`].

mod calibration;
mod family;
mod image;
mod text;

pub use calibration::Calibration;

use serde_json::Value;

use crate::chat::{ChatRequest, Image, Message, Part, ToolArguments, ToolSpec};
use crate::spec::ModelSpec;
use family::Family;

/// Counts tokens as one family of models does, rather too many than too few.
///
/// Measured against the tokenizers of GPT-4o, GPT-4, Llama 3, DeepSeek, Qwen and Mistral (`tests/it/tokens.rs`, pieces of
/// 4,000 bytes): for code, prose and tables the estimate is 0.98 to 1.6 times the real count; for other languages than
/// English up to 2.5 times; for what no vocabulary knows (random letters, Base64) at least 0.83 times. Models of Anthropic
/// and Gemini have no public tokenizer: their margins, 1.25 and 1.1 over the most of the others, are set and not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenCounter {
    family: Family,
}

impl Default for TokenCounter {
    /// The counter of a model of which nothing is known: no less than any family's.
    fn default() -> Self {
        Self { family: Family::Unknown }
    }
}

/// Tokens that frame a message: role, separators.
const MESSAGE: u64 = 6;
/// Tokens that frame a call, its result or a tool.
const CALL: u64 = 12;

impl TokenCounter {
    /// The counter of a model; for a recording the one of an unknown model.
    #[must_use]
    pub fn of(spec: &ModelSpec) -> Self {
        Self { family: Family::of(spec) }
    }

    /// Tokens of a text.
    #[must_use]
    pub fn text(&self, text: &str) -> u64 {
        text::tokens(text, &self.family.weights()).saturating_mul(self.family.percent()).div_ceil(100)
    }

    /// Tokens of a message of a conversation.
    #[must_use]
    pub fn message(&self, message: &Message) -> u64 {
        message.parts.iter().fold(MESSAGE, |sum, part| sum.saturating_add(self.part(part)))
    }

    /// Tokens of what is the same in every request of a conversation: tools, and the schema of the answer.
    #[must_use]
    pub fn fixed(&self, request: &ChatRequest) -> u64 {
        let tools = request.tools.iter().map(|tool| self.tool(tool)).fold(0, u64::saturating_add);
        let prompt = if request.tools.is_empty() { 0 } else { self.family.tool_prompt() };
        let schema = request.output_schema.as_ref().map_or(0, |schema| self.json(&schema.schema) + CALL);
        tools.saturating_add(prompt).saturating_add(schema)
    }

    /// Tokens of a whole request.
    #[must_use]
    pub fn request(&self, request: &ChatRequest) -> u64 {
        let messages = request.messages.iter().map(|message| self.message(message));
        messages.fold(self.fixed(request), u64::saturating_add)
    }

    /// Tokens of an image, by its size and the formula that the provider publishes.
    #[must_use]
    pub fn image(&self, image: &Image) -> u64 {
        self.family.image(image::size(image))
    }

    fn part(&self, part: &Part) -> u64 {
        match part {
            Part::Text { text } => self.text(text),
            Part::Image(image) => self.image(image),
            Part::ToolCall(call) => {
                let arguments = match &call.arguments {
                    ToolArguments::Json(value) => self.json(value),
                    ToolArguments::Malformed(text) => self.text(text),
                };
                arguments.saturating_add(self.text(&call.name)).saturating_add(CALL)
            }
            Part::ToolResult(result) => self.text(&result.content).saturating_add(CALL),
            Part::Opaque { value, .. } => self.json(value),
        }
    }

    fn tool(&self, tool: &ToolSpec) -> u64 {
        let words = self.text(&tool.name).saturating_add(self.text(&tool.description));
        words.saturating_add(self.json(&tool.parameters)).saturating_add(CALL)
    }

    fn json(&self, value: &Value) -> u64 {
        self.text(&value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Role, ToolCall, ToolResult};
    use serde_json::json;

    fn counter(spec: &str) -> TokenCounter {
        TokenCounter::of(&spec.parse().unwrap())
    }

    #[test]
    fn everything_of_a_request_counts() {
        let counter = TokenCounter::default();
        let tool = ToolSpec { name: "ls".into(), description: "Lists.".into(), parameters: json!({"a": 1}) };
        let call = ToolCall {
            id: "c".into(),
            name: "ls".into(),
            arguments: ToolArguments::Json(json!({"path": "a long path"})),
        };
        let result = ToolResult {
            call_id: "c".into(),
            name: "ls".into(),
            content: "one two three".into(),
            is_error: false,
        };
        let opaque = Part::Opaque { provider: "p".into(), value: json!({"thinking": "about it"}) };
        let steps = [
            Message::user("hello"),
            Message { role: Role::Assistant, parts: vec![Part::ToolCall(call), opaque] },
            Message::tool_result(result),
        ];
        let mut request = ChatRequest::default();
        assert_eq!(counter.request(&request), 0);
        let mut last = 0;
        for message in steps {
            request.messages.push(message.clone());
            let now = counter.request(&request);
            assert_eq!(now, last + counter.message(&message));
            assert!(now > last + MESSAGE);
            last = now;
        }
        request.tools.push(tool);
        assert!(counter.request(&request) > last + CALL);
    }

    #[test]
    fn the_order_of_families_is_that_of_their_tokenizers() {
        let digits = "0.123456,98.765432\n".repeat(50);
        let of = |spec: &str| counter(spec).text(&digits);
        assert!(
            of("openai:gpt-4o") < of("openai-compatible:Qwen/Qwen2.5-7B"),
            "digits in threes, and one by one"
        );
        for spec in ["openai:gpt-4o", "openai-compatible:llama3.1:8b", "openai-compatible:mistral-large"] {
            for text in [&digits, "def f(x):\n    return x\n", "Ein Satz auf Deutsch.", "这是一个句子"]
            {
                let text = text.repeat(20);
                let (known, unknown) = (counter(spec).text(&text), TokenCounter::default().text(&text));
                assert!(unknown * 100 >= known * 90, "{spec} {text:.20}: {known} {unknown}");
            }
        }
    }
}
