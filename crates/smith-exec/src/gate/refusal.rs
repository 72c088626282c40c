//! Why a submission is not scored.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a submission is not scored, in words that its author can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refusal {
    /// What is wrong.
    pub kind: RefusalKind,
    /// Line of the file, from 1; line breaks inside quoted values count.
    pub line: Option<u64>,
    /// Number of the value within its row, from 1.
    pub column: Option<usize>,
    /// What was found and what to do, without the place.
    pub message: String,
}

/// The kinds of [`Refusal`]. Their names in JSON are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalKind {
    /// There is no file.
    NotFound,
    /// The system failed to read or to copy. A fault of the machine, not of the submission.
    Io,
    /// A link, a directory, a pipe or a device.
    NotRegular,
    /// The file has another name too, so it may be one of the task's own.
    HardLink,
    /// More bytes than are taken.
    TooLarge,
    /// No header, or no row below it.
    Empty,
    /// The file was written to between two looks at it.
    Changed,
    /// Compressed, or named as if it were.
    Compressed,
    /// UTF-16 or UTF-32.
    WideEncoding,
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// A zero byte.
    Nul,
    /// Lines that end with a carriage return alone.
    LineEnds,
    /// A row of too many bytes.
    LineTooLong,
    /// A value of too many bytes.
    FieldTooLong,
    /// A row of too many values.
    TooManyColumns,
    /// Too many rows.
    TooManyRows,
    /// A quoted value that does not end.
    UnclosedQuote,
    /// Text between a closing quote and the next comma.
    StrayQuote,
    /// A column without a name.
    EmptyName,
    /// Two columns of one name.
    DuplicateName,
    /// Values are separated by something other than a comma.
    WrongSeparator,
    /// Columns that the task expects are not there.
    MissingColumns,
    /// Columns that the task does not expect.
    ExtraColumns,
    /// A row with more or fewer values than the header has names.
    RaggedRow,
    /// Ids that the task does not know.
    UnknownIds,
    /// Ids that occur more than once.
    DuplicateIds,
    /// Ids that the task expects are not there.
    MissingIds,
    /// An empty value, or what pandas reads as one.
    MissingValue,
    /// An infinite number.
    InfiniteValue,
    /// A number beyond a float, or with more digits before the point than 64 bits hold. pandas then reads the
    /// column as text (it spares the digits behind an earlier fraction, which the gate does not).
    OutOfRange,
    /// Text where every answer is a number.
    NotANumber,
}

impl RefusalKind {
    /// True when the machine failed, which says nothing about the submission.
    #[must_use]
    pub fn is_fault(self) -> bool {
        self == Self::Io
    }
}

impl Refusal {
    /// A refusal of the file as a whole.
    pub(super) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, line: None, column: None, message: message.into() }
    }

    /// A fault of the machine while it was `doing` something.
    pub(super) fn io(doing: &str, error: impl fmt::Display) -> Self {
        Self::new(RefusalKind::Io, format!("{doing}: {error}"))
    }

    /// The same refusal at a line, counted from 1.
    pub(super) fn on_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same refusal at a value, counted from 0.
    pub(super) fn at_value(self, at: usize) -> Self {
        Self { column: Some(at + 1), ..self }
    }
}

impl fmt::Display for Refusal {
    /// `line 3, column 2: …`, as far as the place is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, _) => {}
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// How many examples a message shows.
pub(super) const EXAMPLES: usize = 3;
/// How much of a value a message shows, in characters.
const SHOWN_CHARS: usize = 40;

/// A value as it is shown in a message: quoted, escaped, cut.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The first of `values` as they are shown in a message, and how many more there are.
pub(super) fn listed(values: &[&str]) -> String {
    let first: Vec<String> = values.iter().take(EXAMPLES).map(|value| shown(value)).collect();
    let more = values.len().saturating_sub(EXAMPLES);
    let first = first.join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_place_as_far_as_it_is_known() {
        let refusal = Refusal::new(RefusalKind::Nul, "a zero byte");
        assert_eq!(refusal.to_string(), "a zero byte");
        let refusal = refusal.on_line(3);
        assert_eq!(refusal.to_string(), "line 3: a zero byte");
        assert_eq!(refusal.at_value(1).to_string(), "line 3, column 2: a zero byte");
    }

    #[test]
    fn kinds_are_snake_case_in_json() {
        let json = serde_json::to_value(Refusal::new(RefusalKind::InvalidUtf8, "m")).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"kind": "invalid_utf8", "line": null, "column": null, "message": "m"})
        );
    }

    #[test]
    fn only_a_failure_of_the_system_is_a_fault() {
        assert!(Refusal::io("reading", "disk").kind.is_fault());
        assert!(!RefusalKind::NotFound.is_fault());
    }

    #[test]
    fn values_are_quoted_and_cut() {
        assert_eq!(shown("a\n\"b"), r#""a\n\"b""#);
        assert_eq!(shown(&"é".repeat(40)), format!("\"{}\"", "é".repeat(40)));
        assert_eq!(shown(&"é".repeat(41)), format!("\"{}\"…", "é".repeat(40)));
        assert_eq!(listed(&["a", "b", "c"]), r#""a", "b", "c""#);
        assert_eq!(listed(&["a", "b", "c", "d", "e"]), r#""a", "b", "c" and 2 more"#);
    }
}
