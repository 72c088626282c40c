//! Cells as they are compared: the same value may be written in more than one way.

use std::collections::HashSet;

use smith_data::TextColumn;

use crate::quality::{hash_of, is_missing, number, spread};

/// Digits behind the point that count.
const MAX_PLACES: usize = 9;
/// Bytes of a cell that is no text yet.
const SHORT: usize = 12;
/// Greatest number that is compared as a whole number of its last place.
const MOST: f64 = 9e15;

/// How the cells of a column are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// Numbers, rounded to so many places.
    Places(usize),
    Text,
}

/// What a cell stands for: equal for cells of the same value; 0 for none.
pub(super) fn value(cell: &str, notation: Notation) -> u64 {
    if is_missing(cell) {
        return 0;
    }
    match (number(cell), notation) {
        (Some(number), Notation::Places(places)) => rounded(number, places),
        (Some(number), Notation::Text) if number.fract() == 0.0 && number.abs() < MOST => rounded(number, 0),
        _ => hash_of(&plain(cell)).max(1),
    }
}

/// A number at so many places.
pub(super) fn rounded(number: f64, places: usize) -> u64 {
    let scaled = number * 10_f64.powi(i32::try_from(places.min(MAX_PLACES)).unwrap_or(0));
    let bits = if scaled.abs() < MOST { (scaled.round() + 0.0).to_bits() } else { number.to_bits() };
    crate::quality::mixed(bits ^ 0x51).max(1)
}

/// Letters and digits in lower case: what cleaning a text leaves alone. In short cells other signs mean something.
pub(super) fn plain(cell: &str) -> String {
    let is_short = cell.len() <= SHORT;
    let counts =
        |c: &char| c.is_alphanumeric() || (is_short && !c.is_whitespace() && !matches!(c, '_' | '"'));
    let letters: String = cell.chars().filter(counts).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { cell.to_owned() } else { letters }
}

/// A column's name without case and punctuation.
pub(super) fn plain_name(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { name.to_owned() } else { letters }
}

/// Places behind the point of a cell.
fn places(cell: &str) -> usize {
    if cell.contains(['e', 'E']) {
        return MAX_PLACES;
    }
    let digits = cell.split_once('.').map_or("", |(_, digits)| digits);
    digits.trim_end_matches('0').len().min(MAX_PLACES)
}

/// How a column is written, judged by some of its cells: as precise as the most precise of them.
pub(super) fn notation<'c>(cells: impl Iterator<Item = &'c str>) -> Notation {
    let (mut most, mut numbers, mut filled) = (0, 0_usize, 0_usize);
    for cell in cells.filter(|cell| !is_missing(cell)) {
        filled += 1;
        if number(cell).is_some() {
            numbers += 1;
            most = most.max(places(cell));
        }
    }
    if numbers * 20 >= filled * 19 && filled > 0 { Notation::Places(most) } else { Notation::Text }
}

/// How a column is written that both sides have, by some cells of each.
pub(super) fn notation_of_both(known: &TextColumn, asked: &TextColumn, some: usize) -> Notation {
    let rows = |column: &TextColumn| spread(column.len(), some).into_iter();
    notation(rows(known).map(|row| known.get(row)).chain(rows(asked).map(|row| asked.get(row))))
}

/// Half a unit of a column's last place, twice: two numbers are rounded.
pub(super) fn slack(column: &TextColumn) -> f64 {
    let cells = spread(column.len(), 200).into_iter().map(|row| column.get(row));
    10_f64.powi(-i32::try_from(cells.map(places).max().unwrap_or(0)).unwrap_or(0))
}

/// The values of a column.
pub(super) fn values(column: &TextColumn, notation: Notation) -> Vec<u64> {
    column.iter().map(|cell| value(cell, notation)).collect()
}

/// Different values, but for what is missing.
pub(super) fn distinct(values: &[u64]) -> HashSet<u64> {
    values.iter().copied().filter(|value| *value != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_many_forms() {
        let text = |cell: &str| value(cell, Notation::Text);
        assert_eq!(text("A  Text, that goes on."), text("a text that goes on"));
        assert_eq!(text("3"), text("3.0"));
        assert_ne!(text("a"), text("b"));
        assert_ne!(text(">50K"), text("<=50K"));
        assert_eq!((text("NaN"), text("")), (0, 0));
        let two = |cell: &str| value(cell, Notation::Places(2));
        assert_eq!(two("1.2345"), two("1.23"));
        assert_eq!((two("0"), two("1e3")), (two("-0.0"), two("1000")));
        assert_ne!(two("1.24"), two("1.23"));
    }

    #[test]
    fn columns_are_as_precise_as_their_cells() {
        assert_eq!(notation(["1.5", "2.250", "", "7"].into_iter()), Notation::Places(2));
        assert_eq!(notation(["a", "2", "b"].into_iter()), Notation::Text);
    }
}
