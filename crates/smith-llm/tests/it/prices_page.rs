//! The page about prices shows the table as it is.

use std::path::Path;

use smith_llm::{Price, PriceTable};

#[test]
fn the_page_shows_every_price() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/prices.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut table = String::from(
        "| model | input | from the cache | into the cache | output | from | source |\n|---|---|---|---|---|---|---|\n",
    );
    for price in PriceTable::bundled().entries() {
        table += &row(price);
    }
    assert!(page.contains(&table), "put this into docs/prices.md:\n{table}");
}

/// One line for the usual price, and one for each that long inputs have.
fn row(price: &Price) -> String {
    let Price { name, effective_from, source, .. } = price;
    let usual = rates(price.input, price.cached, price.cache_write, price.output);
    let mut row = format!("| `{name}` | {usual} | {effective_from} | {source} |\n");
    for long in &price.long {
        let rates = rates(long.input, long.cached, long.cache_write, long.output);
        row += &format!("| above {} tokens of input | {rates} | | |\n", long.above);
    }
    row
}

fn rates(input: u64, cached: Option<u64>, cache_write: Option<u64>, output: u64) -> String {
    let rates = [Some(input), cached, cache_write, Some(output)];
    rates.map(|rate| rate.map_or_else(|| "as input".to_owned(), dollars)).join(" | ")
}

/// Dollars for a million tokens, without zeros at the end beyond cents.
fn dollars(micro: u64) -> String {
    let text = format!("${}.{:06}", micro / 1_000_000, micro % 1_000_000);
    let cents = text.len() - 4;
    let (start, rest) = text.split_at(cents);
    format!("{start}{}", rest.trim_end_matches('0'))
}
