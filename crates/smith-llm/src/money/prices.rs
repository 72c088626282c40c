//! Prices per million tokens, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::MicroUsd;
use crate::chat::Usage;

const BUNDLED: &str = include_str!("../../data/prices.toml");
const MILLION: u128 = 1_000_000;

/// What a model costs, in micro-USD for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Price {
    /// Model, as its provider names it.
    pub name: String,
    /// Tokens sent.
    pub input: u64,
    /// Tokens read from the provider's cache; absent means that they cost what other sent tokens cost.
    pub cached: Option<u64>,
    /// Tokens written to the provider's cache; absent means that they cost what other sent tokens cost.
    pub cache_write: Option<u64>,
    /// Tokens received.
    pub output: u64,
    /// First day from which the figure is used, `YYYY-MM-DD`.
    pub effective_from: String,
    /// Where the figure was read.
    pub source: String,
}

impl Price {
    fn cost(&self, usage: &Usage) -> MicroUsd {
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let written = usage.cache_write_tokens.min(usage.input_tokens - cached);
        let fresh = usage.input_tokens - cached - written;
        let parts = [
            (fresh, self.input),
            (cached, self.cached.unwrap_or(self.input)),
            (written, self.cache_write.unwrap_or(self.input)),
            (usage.output_tokens, self.output),
        ];
        let total = parts.iter().fold(0_u128, |sum, (tokens, price)| {
            sum.saturating_add(u128::from(*tokens) * u128::from(*price))
        });
        MicroUsd(u64::try_from(total.div_ceil(MILLION)).unwrap_or(u64::MAX))
    }
}

/// A price file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the price table is not valid: {0}")]
pub struct PriceError(String);

/// Prices by model. A model that is not listed has no known cost, which is not a cost of zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceTable {
    prices: BTreeMap<String, Price>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    #[serde(default)]
    model: Vec<Price>,
}

impl PriceTable {
    /// The table that comes with this crate (`data/prices.toml`).
    #[must_use]
    pub fn bundled() -> Self {
        // A test parses the bundled file, so the empty table is never what a user gets.
        Self::parse(BUNDLED).unwrap_or_default()
    }

    /// Reads a price file: TOML tables `[[model]]` with `name`, `input`, `output`, `effective_from`, `source` and
    /// optionally `cached` and `cache_write`, prices being integers in micro-USD for a million tokens. Of several entries for
    /// one name the latest counts.
    ///
    /// # Errors
    /// [`PriceError`] with the place if the text is not such a file.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let mut file: PriceFile = toml::from_str(text).map_err(|e| PriceError(e.to_string()))?;
        file.model.sort_by(|a, b| a.effective_from.cmp(&b.effective_from));
        Ok(Self { prices: file.model.into_iter().map(|price| (price.name.clone(), price)).collect() })
    }

    /// This table with the entries of `other` added; where both know a model, `other` counts.
    #[must_use]
    pub fn overlay(mut self, other: Self) -> Self {
        self.prices.extend(other.prices);
        self
    }

    /// The price of `model`: of exactly that name, or else of the longest listed name that `model` continues
    /// with a date or version in digits (`gpt-4o-2024-08-06` is a `gpt-4o`, `gpt-4o-mini` is not).
    #[must_use]
    pub fn price(&self, model: &str) -> Option<&Price> {
        let is_family = |name: &str| model.strip_prefix(name).is_some_and(is_dated);
        self.prices.get(model).or_else(|| {
            let family = self.prices.values().filter(|price| is_family(&price.name));
            family.max_by_key(|price| price.name.len())
        })
    }

    /// Cost of one call, rounded up to a whole micro-USD; `None` if the model's price is not known.
    #[must_use]
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<MicroUsd> {
        self.price(model).map(|price| price.cost(usage))
    }
}

/// Whether the rest of a name is `-` and then only digits and hyphens.
fn is_dated(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|date| {
        date.starts_with(|c: char| c.is_ascii_digit()) && date.chars().all(|c| c.is_ascii_digit() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(&str, u64, Option<u64>, u64, &str)]) -> PriceTable {
        let text: String = entries
            .iter()
            .map(|(name, input, cached, output, day)| {
                let cached = cached.map(|c| format!("cached = {c}\n")).unwrap_or_default();
                format!(
                    "[[model]]\nname = '{name}'\ninput = {input}\n{cached}output = {output}\n\
                     effective_from = '{day}'\nsource = 'test'\n"
                )
            })
            .collect();
        PriceTable::parse(&text).unwrap()
    }

    fn usage(input_tokens: u64, cached_tokens: u64, output_tokens: u64) -> Usage {
        Usage { input_tokens, cached_tokens, output_tokens, ..Usage::default() }
    }

    #[test]
    fn the_bundled_table_is_valid_and_complete() {
        let parsed = PriceTable::parse(BUNDLED).unwrap();
        assert_eq!(parsed, PriceTable::bundled());
        assert_eq!(parsed.cost("gpt-4o", &usage(1000, 0, 1000)), Some(MicroUsd(3_750 + 15_000)));
        for price in parsed.prices.values() {
            assert!(price.input > 0 && price.output > 0 && price.effective_from.len() == 10, "{price:?}");
        }
    }

    #[test]
    fn names_match_exactly_or_by_the_longest_family_with_a_date() {
        let table = table(&[
            ("gpt-4", 4, None, 4, "2026-01-01"),
            ("gpt-4o", 40, None, 40, "2026-01-01"),
            ("gpt-4o-2024", 41, None, 41, "2026-01-01"),
            ("gpt-4o-mini", 1, None, 1, "2026-01-01"),
        ]);
        for (model, expected) in [
            ("gpt-4", Some("gpt-4")),
            ("gpt-4-0613", Some("gpt-4")),
            ("gpt-4o-2024-08-06", Some("gpt-4o-2024")),
            ("gpt-4o-mini-2024-07-18", Some("gpt-4o-mini")),
            ("gpt-4o-audio", None),
            ("gpt-4-32k", None),
            ("gpt-4-", None),
            ("gpt-4--1", None),
            ("llama3", None),
        ] {
            assert_eq!(table.price(model).map(|price| price.name.as_str()), expected, "{model}");
        }
    }

    #[test]
    fn each_call_is_rounded_up_once() {
        let table = table(&[("m", 1_500_000, Some(500_000), 2_000_000, "2026-01-01")]);
        for (usage, cost) in [
            (usage(0, 0, 0), 0),
            (usage(1, 0, 0), 2),
            (usage(3, 2, 1), 5), // 1.5 + 2 * 0.5 + 2 = 4.5
            (usage(1, 9, 0), 1), // more cached than sent: all of it is cached
            (usage(2, 0, 1), 5),
        ] {
            assert_eq!(table.cost("m", &usage), Some(MicroUsd(cost)), "{usage:?}");
        }
    }

    #[test]
    fn tokens_that_are_written_to_a_cache_have_a_price_of_their_own_or_the_usual_one() {
        let with = |line: &str| {
            let text = format!(
                "[[model]]\nname = 'm'\ninput = 1_000_000\ncached = 100_000\noutput = 1\n{line}\n\
                 effective_from = '2026-01-01'\nsource = 'test'\n"
            );
            let usage =
                Usage { input_tokens: 100, cached_tokens: 50, cache_write_tokens: 40, ..Usage::default() };
            PriceTable::parse(&text).unwrap().cost("m", &usage)
        };
        assert_eq!(with("cache_write = 1_250_000"), Some(MicroUsd(10 + 5 + 50)));
        assert_eq!(with(""), Some(MicroUsd(10 + 5 + 40)));
        // More than was sent: what was not read was written.
        let odd = Usage { input_tokens: 10, cached_tokens: 4, cache_write_tokens: 99, ..Usage::default() };
        assert_eq!(table(&[("m", 1_000_000, None, 1, "2026-01-01")]).cost("m", &odd), Some(MicroUsd(10)));
    }

    #[test]
    fn cached_tokens_cost_as_much_as_others_unless_listed() {
        let table = table(&[("m", 1_000_000, None, 1, "2026-01-01")]);
        assert_eq!(table.cost("m", &usage(10, 10, 0)), Some(MicroUsd(10)));
    }

    #[test]
    fn the_latest_entry_counts_and_an_overlay_wins() {
        let old_last = table(&[("m", 2, None, 2, "2026-06-01"), ("m", 1, None, 1, "2025-01-01")]);
        assert_eq!(old_last.price("m").unwrap().input, 2);
        let other = table(&[("m", 9, None, 9, "2020-01-01"), ("n", 8, None, 8, "2020-01-01")]);
        let merged = old_last.overlay(other);
        assert_eq!((merged.price("m").unwrap().input, merged.price("n").unwrap().input), (9, 8));
    }

    #[test]
    fn broken_files_say_where() {
        let error = PriceTable::parse("[[model]]\nname = 'm'\ninput = 1.5\n").unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        assert!(PriceTable::parse("[[modell]]\nname = 'm'\n").is_err());
    }
}
