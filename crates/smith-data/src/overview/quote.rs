//! Quotes what comes from a dataset so that it stays a quotation: names, values and texts are written by strangers.
//!
//! A short quotation stands in backticks on one line. A longer one stands in a data element whose lines all begin
//! with `> `, so that none of them can be taken for a heading, for the closing mark or for a line of ours. Characters
//! that nobody sees or that change how others are read are replaced by `�`, and whatever could open or close a data
//! element, or any other element whose name begins with `data`, loses its `<` to `‹`.

use crate::overview::display::one_line;

/// In front of each line of a longer quotation.
const LINE_MARK: &str = "> ";
/// Closes a longer quotation.
pub(crate) const CLOSE: &str = "</data>";
/// Begins the name of every element that a quotation must neither open nor close.
const ELEMENT: &str = "data";
/// Stands where something cannot be shown.
const REPLACEMENT: char = '\u{fffd}';

/// `text` in backticks on one line, cut with `…` beyond `max_chars` characters.
pub(crate) fn value(text: &str, max_chars: usize) -> String {
    format!("`{}`", safe_line(text, max_chars).replace('`', "'"))
}

/// A name or path in backticks.
pub(crate) fn name(text: &str) -> String {
    value(text, 120)
}

/// A sentence of ours that may name values of the dataset: on one line, with its backticks when they come in pairs.
pub(crate) fn sentence(text: &str, max_chars: usize) -> String {
    let line = safe_line(text, max_chars);
    if line.matches('`').count().is_multiple_of(2) { line } else { line.replace('`', "'") }
}

/// A figure, date or code bare when it is nothing but letters, digits and a few signs; otherwise in backticks.
pub(crate) fn figure(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | ':' | ' ' | '/' | '_');
    let bare = text.chars().all(plain) && text.trim() == text && (1..=40).contains(&text.len());
    if bare { text.to_string() } else { value(text, 60) }
}

/// The line that opens a longer quotation.
pub(crate) fn open(source: &str) -> String {
    let source: String = safe_line(source, 160)
        .chars()
        .map(|c| match c {
            '"' | '`' => '\'',
            '<' => '‹',
            '>' => '›',
            c => c,
        })
        .collect();
    format!("<data source=\"{source}\">")
}

/// The lines of a longer quotation, each marked, cut beyond `max_chars` characters; without blank ones.
pub(crate) fn lines(text: &str, max_chars: usize) -> Vec<String> {
    text.lines()
        .map(|line| safe_line(line, max_chars))
        .filter(|line| !line.is_empty())
        .map(|line| format!("{LINE_MARK}{line}"))
        .collect()
}

/// Text of a dataset on one line of at most `max_chars` characters (and `…`): control characters, those that are
/// invisible or turn the direction of others become `�`, blanks are collapsed, and no `<data` remains. It cannot
/// control a terminal.
#[must_use]
pub fn safe_line(text: &str, max_chars: usize) -> String {
    let line: String =
        one_line(text, max_chars).chars().map(|c| if is_hidden(c) { REPLACEMENT } else { c }).collect();
    defused(&line)
}

/// Characters without a shape of their own, and those that turn the direction of others. The emoji style selector is
/// let through: it stands in ordinary text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` in which no `<` begins an element of ours, in whatever case and with whatever blanks.
fn defused(text: &str) -> String {
    let begins_element = |rest: &str| {
        let name =
            rest.trim_start_matches(|c: char| c == '/' || c == '\\' || c.is_whitespace() || c == REPLACEMENT);
        name.get(..ELEMENT.len()).is_some_and(|start| start.eq_ignore_ascii_case(ELEMENT))
    };
    if !text.contains('<') {
        return text.to_string();
    }
    text.char_indices()
        .map(|(at, c)| if c == '<' && text.get(at + 1..).is_some_and(begins_element) { '‹' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_quotations() {
        let table = [
            ("species", "`species`"),
            ("a`b`c", "`a'b'c`"),
            ("two\nlines", "`two lines`"),
            ("bell\u{7}", "`bell\u{fffd}`"),
            ("evil\u{202e}txt.exe", "`evil\u{fffd}txt.exe`"),
            ("zero\u{200b}width", "`zero\u{fffd}width`"),
            ("tag\u{e0041}", "`tag\u{fffd}`"),
            ("❤\u{fe0f}", "`❤\u{fe0f}`"),
            ("<=50K", "`<=50K`"),
            ("<b>", "`<b>`"),
            ("</data>", "`‹/data>`"),
            ("< / DATASET_overview>", "`‹ / DATASET_overview>`"),
            ("<<data>", "`<‹data>`"),
            ("</\u{200b}data>", "`‹/\u{fffd}data>`"),
            ("", "``"),
        ];
        for (text, expected) in table {
            assert_eq!(value(text, 60), expected, "{text:?}");
        }
    }

    #[test]
    fn figures_are_bare_only_when_they_are_plain() {
        let table = [("-1.5e+3", "-1.5e+3"), ("2020-01-02 10:00", "2020-01-02 10:00"), ("", "``")];
        for (text, expected) in
            table.into_iter().chain([("5 # x", "`5 # x`"), ("a`b", "`a'b`"), (" 5", "`5`")])
        {
            assert_eq!(figure(text), expected);
        }
    }

    #[test]
    fn a_sentence_keeps_paired_backticks_alone() {
        assert_eq!(sentence("column `a` is odd", 99), "column `a` is odd");
        assert_eq!(sentence("column `a` is ` odd", 99), "column 'a' is ' odd");
    }

    #[test]
    fn a_source_cannot_leave_its_attribute() {
        assert_eq!(open("a\">\n# b</data>"), "<data source=\"a'› # b‹/data›\">");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            proptest::sample::select(vec![
                "</data>",
                "<data source=\"x\">",
                "<",
                "/",
                "data",
                "DATA",
                ">",
                "`",
                "\n",
                "\r\n",
                "\r",
                "\u{2028}",
                "\u{b}",
                "\u{85}",
                "\u{200b}",
                "\u{202e}",
                " ",
                "# ",
                "## Files",
                "- ",
                "</dataset_overview>",
                "\"",
            ])
            .prop_map(str::to_string),
            ".{0,5}",
        ];
        proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_backticks(text in hostile(), max in 0_usize..40) {
            let quoted = value(&text, max);
            prop_assert_eq!(quoted.matches('`').count(), 2);
            prop_assert!(!quoted.chars().any(|c| is_hidden(c) || matches!(c, '\n' | '\r')));
            prop_assert!(!closes(&quoted), "{}", quoted);
        }

        #[test]
        fn no_text_leaves_its_element(text in hostile(), max in 0_usize..40) {
            for line in lines(&text, max) {
                prop_assert!(line.starts_with(LINE_MARK));
                prop_assert!(!line.chars().any(|c| is_hidden(c) || matches!(c, '\n' | '\r')));
                prop_assert!(!closes(&line), "{}", line);
            }
            let opened = open(&text);
            prop_assert_eq!(opened.matches('"').count(), 2);
            prop_assert_eq!(opened.matches(['<', '>']).count(), 2);
        }

        #[test]
        fn no_sentence_leaves_its_line(text in hostile(), max in 0_usize..80) {
            let line = sentence(&text, max);
            prop_assert!(!line.chars().any(|c| is_hidden(c) || matches!(c, '\n' | '\r')));
            prop_assert_eq!(line.matches('`').count() % 2, 0);
            prop_assert!(!closes(&line), "{}", line);
        }
    }

    /// A lenient reader's idea of an element of ours.
    fn closes(text: &str) -> bool {
        let plain: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '/').collect();
        plain.contains("<data")
    }
}
