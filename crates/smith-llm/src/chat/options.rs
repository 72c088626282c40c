//! What a request may ask for beside an answer: a shape, a measure of thought, a memory of its beginning.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Output tokens of a call that nothing bounds, where a figure is needed: for wires that demand one, and for money
/// that is set aside.
pub(crate) const DEFAULT_OUTPUT_TOKENS: u32 = 8192;

/// An image, for models that see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// The file in standard Base64, without line breaks.
    pub data: String,
}

/// The JSON that an answer must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputSchema {
    /// Name of the schema: letters, digits, `_` and `-`.
    pub name: String,
    /// JSON Schema of the answer: an object. Providers take subsets; what one cannot express is left out of what is
    /// sent with a warning in the answer, so the caller still checks the answer.
    pub schema: Value,
}

/// How hard the model should think before it answers, in the measure that its provider takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reasoning {
    /// A word.
    Effort(Effort),
    /// Tokens at most (older models of Anthropic, Gemini 2.5).
    Budget(u32),
}

impl Reasoning {
    /// Output tokens that thoughts may take beside the answer: the budget, or what is allowed for an effort.
    pub(crate) fn most_tokens(self) -> u32 {
        match self {
            Self::Budget(tokens) => tokens,
            Self::Effort(Effort::Minimal) => 1024,
            Self::Effort(Effort::Low) => 4096,
            Self::Effort(Effort::Medium) => 16_384,
            Self::Effort(Effort::High) => 32_768,
        }
    }
}

/// How hard to think, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effort {
    /// As little as the model can.
    Minimal,
    /// Little.
    Low,
    /// Between.
    Medium,
    /// Much.
    High,
}

impl Effort {
    /// The word on every wire and in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Whether a provider that must be asked keeps the beginning of the conversation for the next call. Writing costs more
/// than sending, reading far less; providers that keep it by themselves are not asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PromptCache {
    /// When tools are on offer: such a conversation goes on.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl PromptCache {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
