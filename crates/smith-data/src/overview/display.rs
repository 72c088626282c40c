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

/// A number with its noun: `1 row`, `2 rows`, `3 directories`.
#[must_use]
pub fn number_of(count: u64, noun: &str) -> String {
    format!("{count} {}", plural(noun, count))
}

/// A noun in the form that belongs to a number.
pub(crate) fn plural(noun: &str, count: u64) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 || noun == "series" => noun.to_string(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// A size such as `512 B`, `13.5 kB` or `2.1 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
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

/// A share from 0 to 1 in per cent; a share that is not quite 0 or 1 is not written as such.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p > 0.0 && p < 0.1 => String::from("< 0.1 %"),
        p if p < 100.0 && p > 99.9 => String::from("> 99.9 %"),
        p if (p > 0.0 && p < 1.0) || (p > 99.0 && p < 100.0) => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// `part` of `whole` in per cent.
#[must_use]
pub fn percent_of(part: u64, whole: u64) -> String {
    if whole == 0 { percent(0.0) } else { percent(part as f64 / whole as f64) }
}

/// A duration in the unit that suits it.
#[must_use]
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.2} s"),
        s if s < 7_200.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
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
        assert_eq!(
            [
                number_of(2, "directory"),
                number_of(2, "key"),
                number_of(2, "series"),
                number_of(1, "directory")
            ],
            ["2 directories", "2 keys", "2 series", "1 directory"]
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

    #[test]
    fn shares_in_per_cent() {
        let table = [(0.0, "0 %"), (0.0004, "< 0.1 %"), (0.004, "0.4 %"), (0.442, "44 %"), (0.996, "99.6 %")];
        for (share, expected) in table.into_iter().chain([(0.9999, "> 99.9 %"), (1.0, "100 %")]) {
            assert_eq!(percent(share), expected);
        }
        assert_eq!(percent_of(1, 0), "0 %");
    }

    #[test]
    fn durations() {
        assert_eq!([duration(1.5), duration(150.0), duration(9_000.0)], ["1.50 s", "2.5 min", "2.5 h"]);
    }
}
