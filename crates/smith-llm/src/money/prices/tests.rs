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
        let rates = [price.input, price.output, price.cached.unwrap_or(1), price.cache_write.unwrap_or(1)];
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
    for day in
        ["2025-02-29", "2025-2-03", "25-02-03", "2025-13-01", "2025-00-01", "yesterday", "", "2025-01-01-"]
    {
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

#[test]
fn a_day_may_be_bare_or_absent() {
    for line in ["effective_from = 2026-01-01", "effective_from = \"2026-01-01\"", ""] {
        let table = PriceTable::parse(&format!("[[model]]\nname = 'm'\ninput = 1\noutput = 1\n{line}\n"));
        assert!(table.unwrap().price_on("m", "2026-11-01").is_some(), "{line}");
    }
    let odd = PriceTable::parse(
        "[[model]]\nname = 'm'\ninput = 1\noutput = 1\neffective_from = 2026-01-01T07:00:00\n",
    );
    assert!(odd.unwrap_err().to_string().contains("YYYY-MM-DD"));
}
