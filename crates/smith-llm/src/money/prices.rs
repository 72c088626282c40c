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
    /// First day from which the figure is used, `YYYY-MM-DD`.
    pub effective_from: String,
    /// Where the figure was read.
    pub source: String,
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

    /// Reads a price file: TOML tables `[[model]]` with `name`, `input`, `output`, `effective_from`, `source` and
    /// optionally `cached`, `cache_write` and `long`, prices being integers in micro-USD for a million tokens. Of
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
        assert_eq!(parsed.cost("gpt-4o", &usage(1000, 0, 1000)), Some(MicroUsd(2_500 + 10_000)));
        for price in parsed.entries() {
            let rates =
                [price.input, price.output, price.cached.unwrap_or(1), price.cache_write.unwrap_or(1)];
            assert!(rates.iter().all(|rate| *rate > 0) && price.source.contains("read 20"), "{price:?}");
            assert!(price.cached <= Some(price.input), "a cache saves: {price:?}");
            for long in &price.long {
                assert!(long.input > price.input && long.output > price.output, "{price:?}");
            }
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
            ("gpt-4o-2024-08-06", Some("gpt-4o")),
            ("gpt-4o-2024-0806", Some("gpt-4o-2024")),
            ("gpt-4o-mini-2024-07-18", Some("gpt-4o-mini")),
            ("gpt-4o-audio", None),
            ("gpt-4-32k", None),
            ("gpt-4-", None),
            ("gpt-4--1", None),
            ("gpt-4-1", None),
            ("gpt-4-05-06", None),
            ("gpt-4-001", Some("gpt-4")),
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
    fn the_entry_in_force_on_the_day_counts() {
        let table = table(&[
            ("m", 3, None, 3, "2999-01-01"),
            ("m", 1, None, 1, "2025-01-01"),
            ("m", 2, None, 2, "2026-06-01"),
        ]);
        for (day, input) in [
            ("2024-12-31", 1), // before the first: the nearest that is known
            ("2025-01-01", 1),
            ("2026-05-31", 1),
            ("2026-06-01", 2),
            ("2998-12-31", 2),
            ("2999-01-01", 3),
        ] {
            assert_eq!(table.price_on("m", day).unwrap().input, input, "{day}");
            assert_eq!(table.price_on("m-2024-01-01", day).unwrap().input, input, "{day}");
        }
        assert_ne!(table.price("m").unwrap().input, 3, "not in force yet");
    }

    #[test]
    fn a_long_input_costs_more_from_its_first_token_on() {
        let table = PriceTable::parse(
            "[[model]]\nname = 'm'\ninput = 1_000_000\ncached = 100_000\noutput = 2_000_000\n\
             long = [{ above = 1000, input = 9_000_000, output = 9_000_000 },\n\
             { above = 100, input = 2_000_000, cached = 200_000, output = 3_000_000 }]\n\
             effective_from = '2026-01-01'\nsource = 'test'\n",
        )
        .unwrap();
        for (usage, cost) in [
            (usage(100, 10, 1), 90 + 1 + 2),
            (usage(101, 10, 1), 182 + 2 + 3),
            (usage(1000, 0, 1), 2000 + 3),
            (usage(1001, 1, 1), 1001 * 9 + 9),
        ] {
            assert_eq!(table.cost("m", &usage), Some(MicroUsd(cost)), "{usage:?}");
        }
        // What is set aside fears the next price before it counts.
        for (input, ceiling) in [(50, 50), (51, 102), (500, 1000), (501, 501 * 9)] {
            assert_eq!(table.ceiling("m", &usage(input, 0, 0)), Some(MicroUsd(ceiling)), "{input}");
        }
    }

    #[test]
    fn days_and_thresholds_are_checked() {
        let with = |day: &str, long: &str| {
            PriceTable::parse(&format!(
                "[[model]]\nname = 'm'\ninput = 1\noutput = 1\n{long}\neffective_from = '{day}'\nsource = 't'\n"
            ))
        };
        assert!(with("2024-02-29", "").is_ok());
        for day in [
            "2025-02-29",
            "2025-2-03",
            "25-02-03",
            "2025-13-01",
            "2025-00-01",
            "yesterday",
            "",
            "2025-01-01-",
        ] {
            let error = with(day, "").unwrap_err().to_string();
            assert!(error.contains("YYYY-MM-DD") && error.contains("\"m\""), "{day}: {error}");
        }
        let tier = |above: u64| format!("{{ above = {above}, input = 1, output = 1 }}");
        for thresholds in [[0, 5], [5, 5]] {
            let long = format!("long = [{}]", thresholds.map(tier).join(", "));
            let error = with("2025-01-01", &long).unwrap_err().to_string();
            assert!(error.contains("thresholds"), "{error}");
        }
    }

    #[test]
    fn an_overlay_wins_whatever_the_dates() {
        let ours = table(&[("m", 2, None, 2, "2026-06-01"), ("m", 1, None, 1, "2025-01-01")]);
        let other = table(&[("m", 9, None, 9, "2020-01-01"), ("n", 8, None, 8, "2020-01-01")]);
        let merged = ours.overlay(other);
        assert_eq!((merged.price("m").unwrap().input, merged.price("n").unwrap().input), (9, 8));
    }

    #[test]
    fn broken_files_say_where() {
        let error = PriceTable::parse("[[model]]\nname = 'm'\ninput = 1.5\n").unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        assert!(PriceTable::parse("[[modell]]\nname = 'm'\n").is_err());
    }
}
