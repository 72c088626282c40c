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
    /// What requests with a long input cost instead.
    #[serde(default)]
    pub long: Vec<LongPrice>,
    /// First day from which the figure is used, `YYYY-MM-DD`; without one it has always been used.
    #[serde(default = "always", deserialize_with = "day_or_text")]
    pub effective_from: String,
    /// Where the figure was read; may be empty.
    #[serde(default)]
    pub source: String,
}

/// A day before all others.
fn always() -> String {
    "0001-01-01".to_owned()
}

/// A day as TOML writes it, with or without quotation marks.
fn day_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Day {
        Text(String),
        Date(toml::value::Datetime),
    }
    Ok(match Day::deserialize(deserializer)? {
        Day::Text(text) => text,
        Day::Date(date) => date.to_string(),
    })
}

/// What a request costs whose input is longer than `above`: all of its tokens, in micro-USD for a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LongPrice {
    /// Tokens of the input, cached ones included, above which this price counts.
    pub above: u64,
    /// See [`Price::input`].
    pub input: u64,
    /// See [`Price::cached`].
    pub cached: Option<u64>,
    /// See [`Price::cache_write`].
    pub cache_write: Option<u64>,
    /// See [`Price::output`].
    pub output: u64,
}

impl Price {
    fn cost(&self, usage: &Usage) -> MicroUsd {
        let longest = self.long.iter().filter(|long| usage.input_tokens > long.above);
        longest.max_by_key(|long| long.above).map_or(self.short(), Rates::from).cost(usage)
    }

    /// The most that a request of about this length costs. An estimate may fall short of the length that is counted,
    /// so a price for long inputs is feared from half its threshold.
    fn ceiling(&self, usage: &Usage) -> MicroUsd {
        let feared = self.long.iter().filter(|long| usage.input_tokens > long.above / 2);
        let costs = feared.map(|long| Rates::from(long).cost(usage));
        costs.chain([self.short().cost(usage)]).max().unwrap_or_default()
    }

    fn short(&self) -> Rates {
        let Self { input, cached, cache_write, output, .. } = *self;
        Rates { input, cached: cached.unwrap_or(input), cache_write: cache_write.unwrap_or(input), output }
    }
}

/// Micro-USD for a million tokens of each kind.
struct Rates {
    input: u64,
    cached: u64,
    cache_write: u64,
    output: u64,
}

impl From<&LongPrice> for Rates {
    fn from(long: &LongPrice) -> Self {
        let LongPrice { input, cached, cache_write, output, .. } = *long;
        Self { input, cached: cached.unwrap_or(input), cache_write: cache_write.unwrap_or(input), output }
    }
}

impl Rates {
    fn cost(&self, usage: &Usage) -> MicroUsd {
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let written = usage.cache_write_tokens.min(usage.input_tokens - cached);
        let fresh = usage.input_tokens - cached - written;
        let parts = [
            (fresh, self.input),
            (cached, self.cached),
            (written, self.cache_write),
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
    /// By name, the earliest first; no list is empty.
    prices: BTreeMap<String, Vec<Price>>,
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

    /// Reads a price file: TOML tables `[[model]]` with `name`, `input`, `output` and optionally `cached`,
    /// `cache_write`, `long`, `effective_from` and `source`, prices being integers in micro-USD for a million tokens. Of
    /// several entries for one name, the latest that is in force counts.
    ///
    /// # Errors
    /// [`PriceError`] with the place if the text is not such a file.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let file: PriceFile = toml::from_str(text).map_err(|e| PriceError(e.to_string()))?;
        let mut prices: BTreeMap<String, Vec<Price>> = BTreeMap::new();
        for price in file.model {
            check(&price)?;
            prices.entry(price.name.clone()).or_default().push(price);
        }
        for entries in prices.values_mut() {
            entries.sort_by(|a, b| a.effective_from.cmp(&b.effective_from));
        }
        Ok(Self { prices })
    }

    /// This table with the entries of `other` added; where both know a model, `other` counts, whatever the dates.
    #[must_use]
    pub fn overlay(mut self, other: Self) -> Self {
        self.prices.extend(other.prices);
        self
    }

    /// All entries, by name and date.
    pub fn entries(&self) -> impl Iterator<Item = &Price> {
        self.prices.values().flatten()
    }

    /// Today's price of `model`, see [`PriceTable::price_on`].
    #[must_use]
    pub fn price(&self, model: &str) -> Option<&Price> {
        let today = time::OffsetDateTime::now_utc().date();
        self.price_on(model, &day(today.year(), today.month().into(), today.day()))
    }

    /// The price of `model` on a day `YYYY-MM-DD`: of exactly that name, or else of the longest listed name that `model`
    /// continues with a date or a version of at least three digits (`gpt-4o-2024-08-06` is a `gpt-4o`; `gpt-4o-mini` is
    /// none, nor is `claude-opus-4-5` a `claude-opus-4`). Before the first entry of a name, the first one counts.
    #[must_use]
    pub fn price_on(&self, model: &str, day: &str) -> Option<&Price> {
        let is_family = |name: &str| model.strip_prefix(name).is_some_and(is_dated);
        let entries = self.prices.get(model).or_else(|| {
            let families = self.prices.iter().filter(|(name, _)| is_family(name));
            families.max_by_key(|(name, _)| name.len()).map(|(_, entries)| entries)
        })?;
        entries.iter().rev().find(|price| price.effective_from.as_str() <= day).or_else(|| entries.first())
    }

    /// Cost of one call today, rounded up to a whole micro-USD; `None` if the model's price is not known.
    #[must_use]
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<MicroUsd> {
        self.price(model).map(|price| price.cost(usage))
    }

    /// The most that a call of about this size costs today.
    pub(crate) fn ceiling(&self, model: &str, usage: &Usage) -> Option<MicroUsd> {
        self.price(model).map(|price| price.ceiling(usage))
    }
}

/// What TOML cannot check: a date that sorts, and thresholds that say something.
fn check(price: &Price) -> Result<(), PriceError> {
    let name = &price.name;
    if !is_day(&price.effective_from) {
        return Err(PriceError(format!(
            "effective_from = {:?} of model {name:?} is no day: write YYYY-MM-DD",
            price.effective_from
        )));
    }
    let mut thresholds: Vec<u64> = price.long.iter().map(|long| long.above).collect();
    thresholds.sort_unstable();
    if thresholds.first() == Some(&0) || thresholds.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(PriceError(format!(
            "the thresholds of `long` of model {name:?} must be above 0 and differ: {thresholds:?}"
        )));
    }
    Ok(())
}

/// Whether a text is a day of the calendar as [`day`] writes it.
fn is_day(text: &str) -> bool {
    let mut parts = text.splitn(3, '-').map(str::parse::<u16>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(number))) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(month), Ok(number)) = (u8::try_from(month), u8::try_from(number)) else { return false };
    let is_real = time::Month::try_from(month)
        .is_ok_and(|month| time::Date::from_calendar_date(year.into(), month, number).is_ok());
    is_real && text == day(year.into(), month, number)
}

fn day(year: i32, month: u8, day: u8) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// Whether the rest of a name is `-`, at least three digits, and then only digits and hyphens. Fewer digits are not a
/// date but another model.
fn is_dated(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|date| {
        let digits = date.chars().take_while(char::is_ascii_digit).count();
        digits >= 3 && date.chars().all(|c| c.is_ascii_digit() || c == '-')
    })
}

#[cfg(test)]
mod tests;
