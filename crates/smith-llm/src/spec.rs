//! Which model to talk to, and what is known of its provider.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::dialect::Dialect;
use crate::dialect::anthropic::Anthropic;
use crate::dialect::gemini::Gemini;
use crate::dialect::openai_chat::OpenAiChat;
use crate::dialect::openai_responses::OpenAiResponses;
use crate::error::LlmError;

const FORMS: &str = "openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME, openai-compatible:NAME (with \
                     --base-url) or replay:FILE";

/// Which model to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelSpec {
    /// A model of OpenAI, by Chat Completions.
    OpenAi(String),
    /// A model of OpenAI, by Responses, which keeps what a reasoning model thought.
    OpenAiResponses(String),
    /// A model of Anthropic, by Messages.
    Anthropic(String),
    /// A model of Google, by the Gemini API.
    Gemini(String),
    /// A model behind any endpoint that speaks OpenAI's Chat Completions: vLLM, Ollama, llama.cpp, a gateway.
    OpenAiCompatible(String),
    /// The answers of a recording.
    Replay(PathBuf),
}

impl FromStr for ModelSpec {
    type Err = LlmError;

    fn from_str(text: &str) -> Result<Self, LlmError> {
        let unknown = || LlmError::Mistake(format!("unknown model {text:?}: give {FORMS}"));
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        if rest.trim().is_empty() {
            return Err(LlmError::Mistake(format!(
                "model {text:?} lacks what follows the colon: give {FORMS}"
            )));
        }
        match kind {
            "openai" => Ok(Self::OpenAi(rest.to_owned())),
            "openai-responses" => Ok(Self::OpenAiResponses(rest.to_owned())),
            "anthropic" => Ok(Self::Anthropic(rest.to_owned())),
            "gemini" => Ok(Self::Gemini(rest.to_owned())),
            "openai-compatible" => Ok(Self::OpenAiCompatible(rest.to_owned())),
            "replay" => Ok(Self::Replay(PathBuf::from(rest))),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenAi(name) => write!(f, "openai:{name}"),
            Self::OpenAiResponses(name) => write!(f, "openai-responses:{name}"),
            Self::Anthropic(name) => write!(f, "anthropic:{name}"),
            Self::Gemini(name) => write!(f, "gemini:{name}"),
            Self::OpenAiCompatible(name) => write!(f, "openai-compatible:{name}"),
            Self::Replay(path) => write!(f, "replay:{}", path.display()),
        }
    }
}

impl ModelSpec {
    /// Name of the environment variable that usually holds the key of this provider; a replay needs none. This crate
    /// does not read it.
    #[must_use]
    pub fn key_variable(&self) -> Option<&'static str> {
        self.provider().map(|(_, provider)| provider.key_variable)
    }

    /// The name of a live model and its provider.
    pub(crate) fn provider(&self) -> Option<(&str, Provider)> {
        match self {
            Self::OpenAi(name) => Some((name, OPENAI)),
            Self::OpenAiResponses(name) => Some((name, OPENAI)),
            Self::Anthropic(name) => Some((name, ANTHROPIC)),
            Self::Gemini(name) => Some((name, GEMINI)),
            Self::OpenAiCompatible(name) => Some((name, OPENAI_COMPATIBLE)),
            Self::Replay(_) => None,
        }
    }

    /// Another model of the same provider; a recording stays what it is.
    pub(crate) fn with_name(&self, name: &str) -> Self {
        let name = name.to_owned();
        match self {
            Self::OpenAi(_) => Self::OpenAi(name),
            Self::OpenAiResponses(_) => Self::OpenAiResponses(name),
            Self::Anthropic(_) => Self::Anthropic(name),
            Self::Gemini(_) => Self::Gemini(name),
            Self::OpenAiCompatible(_) => Self::OpenAiCompatible(name),
            Self::Replay(path) => Self::Replay(path.clone()),
        }
    }

    /// The wire format.
    pub(crate) fn dialect(&self) -> Box<dyn Dialect> {
        match self {
            // OpenAI's newer models refuse `max_tokens`; most other servers know nothing else.
            Self::OpenAi(_) => Box::new(OpenAiChat { token_limit_field: "max_completion_tokens" }),
            Self::OpenAiResponses(_) => Box::new(OpenAiResponses),
            Self::Anthropic(_) => Box::new(Anthropic),
            Self::Gemini(_) => Box::new(Gemini),
            Self::OpenAiCompatible(_) | Self::Replay(_) => {
                Box::new(OpenAiChat { token_limit_field: "max_tokens" })
            }
        }
    }
}

/// Where a provider is, and how it wants its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Provider {
    /// Name in traces.
    pub(crate) name: &'static str,
    /// Its own endpoint; without one, the caller must give it, and a key is not demanded.
    pub(crate) url: Option<&'static str>,
    pub(crate) key_variable: &'static str,
    pub(crate) key_header: &'static str,
    /// What comes before the key in the header.
    pub(crate) key_prefix: &'static str,
}

const OPENAI: Provider = Provider {
    name: "openai",
    url: Some("https://api.openai.com/v1"),
    key_variable: "OPENAI_API_KEY",
    key_header: "authorization",
    key_prefix: "Bearer ",
};

const OPENAI_COMPATIBLE: Provider = Provider { name: "openai-compatible", url: None, ..OPENAI };

const ANTHROPIC: Provider = Provider {
    name: "anthropic",
    url: Some("https://api.anthropic.com/v1"),
    key_variable: "ANTHROPIC_API_KEY",
    key_header: "x-api-key",
    key_prefix: "",
};

const GEMINI: Provider = Provider {
    name: "gemini",
    url: Some("https://generativelanguage.googleapis.com/v1beta"),
    key_variable: "GEMINI_API_KEY",
    key_header: "x-goog-api-key",
    key_prefix: "",
};
