//! Writes values and figures so that they fit into a line of a prompt.

/// `text` on one line: runs of blanks and line ends become one space, control characters are replaced, and what
/// goes beyond `max_chars` is cut with `…`.
pub(crate) fn one_line(text: &str, max_chars: usize) -> String {
    // Four times as many characters as are shown: enough to collapse blanks, bounded for a text of any length.
    let start: String = text.chars().take(max_chars.saturating_mul(4)).collect();
    let cut_before = start.len() < text.len();
    let words: Vec<&str> = start.split_whitespace().collect();
    let line: String = words.join(" ").chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if line.chars().count() <= max_chars && !cut_before {
        return line;
    }
    let mut cut: String = line.chars().take(max_chars).collect();
    cut.push('…');
    cut
}

/// The longest beginning of `text` of at most `max_bytes` bytes that cuts no character.
pub(crate) fn prefix(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// A number with its noun: `1 row`, `2 rows`.
pub(crate) fn number_of(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A size such as `512 B`, `13.5 kB` or `2.1 GB`.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(one_line("  a\r\n b\tc ", 10), "a b c");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("größe", 5), "größe");
        assert_eq!(one_line("a\u{7}b", 9), "a\u{fffd}b");
        assert_eq!(one_line(&"x".repeat(100), 3), "xxx…");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(
            [number_of(0, "row"), number_of(1, "row"), number_of(2, "row")],
            ["0 rows", "1 row", "2 rows"]
        );
    }

    #[test]
    fn prefixes_cut_no_character() {
        assert_eq!(prefix("aü", 2), "a");
        assert_eq!(prefix("aü", 3), "aü");
        assert_eq!(prefix("a", 9), "a");
    }

    #[test]
    fn sizes() {
        assert_eq!(
            [size(0), size(999), size(1000), size(999_999), size(2_100_000_000)],
            ["0 B", "999 B", "1.0 kB", "1.0 MB", "2.1 GB"]
        );
    }
}
