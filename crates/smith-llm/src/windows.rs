//! How much a model can be sent, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::chat::DEFAULT_OUTPUT_TOKENS;
use crate::spec::ModelSpec;
use crate::tokens::TokenCounter;

const BUNDLED: &str = include_str!("../data/windows.toml");

/// Tokens of the window of a model that is not listed: what most servers of today give at least. One that gives less says
/// so by refusing a request, of which an agent's loop makes the best.
const UNKNOWN: u64 = 128_000;

/// How much a model can be sent, and how its tokens are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextWindow {
    /// Tokens of a request and its answer.
    pub tokens: u64,
    /// Tokens of the longest answer, where they are known.
    pub longest_output: Option<u64>,
    /// How the tokens of this model are counted.
    pub counter: TokenCounter,
}

impl Default for ContextWindow {
    /// The window of a model of which nothing is known: 128,000 tokens.
    fn default() -> Self {
        Self { tokens: UNKNOWN, longest_output: None, counter: TokenCounter::default() }
    }
}

impl ContextWindow {
    /// The window of a model as the bundled table (`data/windows.toml`) has it, with the `given` number of tokens in place
    /// of the table's.
    #[must_use]
    pub fn of(spec: &ModelSpec, given: Option<u64>) -> Self {
        let row = spec.provider().and_then(|(name, _)| bundled().row(name).copied());
        Self {
            tokens: given.or(row.map(|row| row.context)).unwrap_or(UNKNOWN),
            longest_output: row.and_then(|row| row.output),
            counter: TokenCounter::of(spec),
        }
    }

    /// Another number of tokens.
    #[must_use]
    pub fn with_tokens(mut self, tokens: u64) -> Self {
        self.tokens = tokens;
        self
    }

    /// Tokens that a request may have, so that an answer of `max_output` tokens has room behind it; without a bound, one of
    /// 8,192. A quarter of a small window is kept free at most.
    #[must_use]
    pub fn room(&self, max_output: Option<u32>) -> u64 {
        let longest = u64::from(max_output.unwrap_or(DEFAULT_OUTPUT_TOKENS));
        let longest = self.longest_output.map_or(longest, |most| longest.min(most));
        self.tokens.saturating_sub(longest.min(self.tokens / 4))
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    context: u64,
    output: Option<u64>,
}

#[derive(Debug, Default)]
struct Windows(BTreeMap<String, Row>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowFile {
    sources: BTreeMap<String, String>,
    window: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    context: u64,
    output: Option<u64>,
    source: String,
    read: String,
}

fn bundled() -> Windows {
    // A test parses the bundled file, so no user gets the empty table.
    Windows::parse(BUNDLED).unwrap_or_default()
}

impl Windows {
    fn parse(text: &str) -> Result<Self, String> {
        let file: WindowFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let rows = file.window.into_iter().map(|entry| {
            if !file.sources.contains_key(&entry.source) || entry.read.len() != 10 {
                return Err(format!("{}: source or day is missing", entry.name));
            }
            Ok((entry.name, Row { context: entry.context, output: entry.output }))
        });
        Ok(Self(rows.collect::<Result<_, String>>()?))
    }

    /// Gateways put the maker before the name, and some write its version with other marks.
    fn row(&self, model: &str) -> Option<&Row> {
        let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let continues = |row: &str| {
            name.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':', '@']))
        };
        let fitting = self.0.iter().filter(|(row, _)| continues(row));
        fitting.max_by_key(|(row, _)| row.len()).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(spec: &str) -> ContextWindow {
        ContextWindow::of(&spec.parse().unwrap(), None)
    }

    #[test]
    fn the_bundled_table_is_valid() {
        let windows = Windows::parse(BUNDLED).unwrap();
        assert!(windows.0.len() > 50);
        for (name, row) in &windows.0 {
            assert!(row.context >= 8_000 && row.output.is_none_or(|output| output >= 4_000), "{name}");
        }
        assert!(
            Windows::parse(
                "[sources]\n[[window]]\nname = 'm'\ncontext = 1\nsource = 'x'\nread = '2026-01-01'"
            )
            .is_err()
        );
    }

    #[test]
    fn a_name_is_found_by_its_longest_beginning() {
        for (spec, tokens) in [
            ("openai:gpt-4", 8_192),
            ("openai:gpt-4-0613", 8_192),
            ("openai:gpt-4-turbo-2024-04-09", 128_000),
            ("openai:gpt-4o-mini-2024-07-18", 128_000),
            ("openai-responses:gpt-5.1-codex-max", 272_000),
            ("anthropic:claude-sonnet-4-5-20250929", 200_000),
            ("openai-compatible:anthropic/claude-opus-4-6", 1_000_000),
            ("gemini:gemini-2.5-pro", 1_048_576),
            ("openai-compatible:deepseek/deepseek-chat:free", 131_072),
            ("openai-compatible:gpt-4x", 128_000),
            ("openai-compatible:my-model", 128_000),
            ("replay:gpt-4", 128_000),
        ] {
            assert_eq!(window(spec).tokens, tokens, "{spec}");
        }
    }

    #[test]
    fn what_is_given_counts_and_room_is_left_for_the_answer() {
        let spec = "openai:gpt-4".parse().unwrap();
        let given = ContextWindow::of(&spec, Some(6_000));
        assert_eq!((given.tokens, given.longest_output), (6_000, Some(4_096)));
        assert_eq!(given.room(None), 4_500);
        assert_eq!(given.room(Some(100)), 5_900);
        assert_eq!(ContextWindow::default().room(None), 128_000 - 8_192);
        assert_eq!(window("openai:gpt-4o").room(Some(64_000)), 128_000 - 16_384);
        assert_eq!(ContextWindow::default().with_tokens(0).room(None), 0);
    }
}
