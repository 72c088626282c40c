//! A key that cannot be printed by accident.

use std::fmt;

/// Shorter values are placeholders that local servers ignore (`EMPTY`, `ollama`). They are ordinary words,
/// so blotting them out would garble texts and protect nothing.
const SHORTEST_REAL_KEY: usize = 12;

/// What stands for a secret in any text.
const MASK: &str = "***";

/// An API key. `Debug` and `Display` print `***`; it serialises to nothing because it cannot be serialised.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key; surrounding white space, which `.env` files are prone to, is dropped.
    pub fn new(key: impl AsRef<str>) -> Self {
        Self(key.as_ref().trim().to_owned())
    }

    /// The key itself, for the one place that puts it into a header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no key at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with every occurrence of the key masked, also where JSON escaped it. Keys of fewer than 12
    /// bytes are taken for placeholders and stay.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < SHORTEST_REAL_KEY {
            return text.to_owned();
        }
        let quoted = serde_json::Value::from(self.0.as_str()).to_string();
        let escaped = quoted.trim_matches('"');
        text.replace(&self.0, MASK).replace(escaped, MASK)
    }
}

impl Secret {
    /// A body with the key masked; nearly always the body as it came.
    pub(crate) fn redact_body(&self, body: Vec<u8>) -> Vec<u8> {
        match std::str::from_utf8(&body) {
            Ok(text) if self.is_in(text) => self.redact(text).into_bytes(),
            _ => body,
        }
    }

    fn is_in(&self, text: &str) -> bool {
        let quoted = serde_json::Value::from(self.0.as_str()).to_string();
        self.0.len() >= SHORTEST_REAL_KEY
            && (text.contains(&self.0) || text.contains(quoted.trim_matches('"')))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_asterisks() {
        let secret = Secret::new(" sk-planted-0123456789\n");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "sk-planted-0123456789");
    }

    #[test]
    fn only_real_keys_are_redacted() {
        for (key, text, expected) in [
            ("sk-planted-0123456789", "Bearer sk-planted-0123456789!", "Bearer ***!"),
            ("quote\"inside-the-key", r#"{"m":"quote\"inside-the-key"}"#, r#"{"m":"***"}"#),
            ("ollama", "ollama answered", "ollama answered"),
            ("", "text", "text"),
        ] {
            assert_eq!(Secret::new(key).redact(text), expected);
            assert_eq!(Secret::new(key).redact_body(text.into()), expected.as_bytes());
        }
    }
}
