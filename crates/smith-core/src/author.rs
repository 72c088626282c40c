//! Who makes the tasks of a run: a model, or the built-in stages.

use std::fmt;
use std::str::FromStr;

use smith_llm::{LlmError, ModelSpec};

/// The word for the built-in stages in the place of a model.
const BUILTIN: &str = "builtin";

/// Who makes the tasks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Author {
    /// The stages of `smith-builtin`: no model, no key, no network, no cost.
    Builtin,
    /// A model.
    Model(ModelSpec),
}

impl Author {
    /// The model; nothing for the built-in stages.
    #[must_use]
    pub fn model(&self) -> Option<&ModelSpec> {
        match self {
            Self::Builtin => None,
            Self::Model(spec) => Some(spec),
        }
    }
}

impl FromStr for Author {
    type Err = LlmError;

    /// `builtin`, or the specification of a model.
    fn from_str(text: &str) -> Result<Self, LlmError> {
        if text == BUILTIN { Ok(Self::Builtin) } else { text.parse().map(Self::Model) }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str(BUILTIN),
            Self::Model(spec) => spec.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_read_and_written() {
        assert_eq!("builtin".parse::<Author>().unwrap(), Author::Builtin);
        for text in ["builtin", "openai:gpt", "replay:a.jsonl"] {
            assert_eq!(text.parse::<Author>().unwrap().to_string(), text);
        }
        assert!("builtins".parse::<Author>().is_err());
    }
}
