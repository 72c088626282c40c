//! Takes values of the private answers out of a text before an agent reads it.

use std::collections::HashSet;
use std::path::Path;

/// What stands in the place of a value.
const MASK: &str = "***";

/// The words and numbers that occur in the rows of a table. Its header is not secret.
#[derive(Debug, Default)]
pub(super) struct PrivateValues {
    words: HashSet<String>,
    /// Bit patterns, so that `1`, `1.0` and `1e0` are one number.
    numbers: HashSet<u64>,
}

impl PrivateValues {
    /// Reads the values of a CSV file.
    ///
    /// # Errors
    /// Any error of reading; the caller must then show nothing that may hold a value.
    pub(super) fn read(path: &Path) -> Result<Self, csv::Error> {
        let mut values = Self::default();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path)?;
        for record in reader.byte_records() {
            for cell in &record? {
                for token in tokens(&String::from_utf8_lossy(cell)) {
                    values.insert(token);
                }
            }
        }
        Ok(values)
    }

    /// `text` with every word and number that occurs in the table replaced.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_token_char) {
            let end = rest[start..].find(|c| !is_token_char(c)).map_or(rest.len(), |length| start + length);
            out += &rest[..start];
            out += if tokens(&rest[start..end]).any(|token| self.contains(token)) {
                MASK
            } else {
                &rest[start..end]
            };
            rest = &rest[end..];
        }
        out + rest
    }

    fn insert(&mut self, token: &str) {
        match number(token) {
            Some(bits) => self.numbers.insert(bits),
            None => self.words.insert(token.to_owned()),
        };
    }

    fn contains(&self, token: &str) -> bool {
        match number(token) {
            Some(bits) => self.numbers.contains(&bits),
            None => self.words.contains(token),
        }
    }
}

/// The parts of `text` that are compared: runs of letters, digits and the marks inside numbers, without
/// full stops and dashes at their ends that belong to a sentence.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_token_char(c))
        .map(|token| token.trim_end_matches(['.', '-', '+']).trim_start_matches('.'))
        .filter(|token| !token.is_empty())
}

fn is_token_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')
}

fn number(token: &str) -> Option<u64> {
    // Adding zero makes negative zero positive.
    token.parse::<f64>().ok().map(|value| (value + 0.0).to_bits())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(csv: &str) -> PrivateValues {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        PrivateValues::read(file.path()).unwrap()
    }

    #[test]
    fn masks_values_in_every_spelling_and_keeps_the_rest() {
        let values = values("id,species\n41,Iris setosa\n42,-0.5\n");
        let masked = |text: &str| values.mask(text);
        assert_eq!(masked("KeyError: 'species'"), "KeyError: 'species'");
        assert_eq!(masked("got 'Iris setosa', 41.0 and 4.2e1."), "got '*** ***', *** and ***");
        assert_eq!(masked("[-0.5 0.5 43]"), "[*** 0.5 43]");
        assert_eq!(masked("could not convert setosa."), "could not convert ***");
    }

    proptest! {
        #[test]
        fn no_cell_survives(cells in prop::collection::vec("[a-z]{3,8}( [a-z]{3,8})?", 1..8), index in any::<prop::sample::Index>()) {
            let table = format!("y\n{}\n", cells.join("\n"));
            let secret = index.get(&cells);
            let masked = values(&table).mask(&format!("<< {secret}; {secret}>>"));
            prop_assert!(!masked.chars().any(|c| c.is_ascii_lowercase()), "{}", masked);
        }

        #[test]
        fn any_text_can_be_masked(text in any::<String>()) {
            prop_assert_eq!(PrivateValues::default().mask(&text), text);
        }
    }
}
