//! What a description says of a column: whether the test rows have it, or the training rows only.

/// Clauses of a description that are looked at, and the longest name.
const MAX_CLAUSES: usize = 5_000;
const MAX_NAME: usize = 100;
/// Words by which a column is said to be none of the test rows, beside the word `test`, and without it.
const KEPT_FROM_TEST: [&str; 22] = [
    "not ",
    "n't ",
    "without",
    "withheld",
    "except",
    "absent",
    "lack",
    "remove",
    "hidden",
    "unavailable",
    "missing",
    "masked",
    "blank",
    "empty",
    "drop",
    "omit",
    "exclud",
    " no ",
    "unknown",
    "held back",
    "other than",
    "stripped",
];
const KNOWN_LATER: [&str; 9] = [
    "withheld",
    "afterwards",
    "hindsight",
    "at prediction time",
    "after the fact",
    "only known",
    "known only",
    "held back",
    "not available for",
];

/// A description, clause by clause.
pub(crate) struct Said {
    clauses: Vec<String>,
}

/// What a description says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The test rows have it, by what is said.
    Promised,
    /// It is named, but not clearly as one of the test rows.
    Named,
    /// It is said that the test rows do not have it.
    Withheld,
    /// It is not named.
    Unnamed,
}

impl Said {
    /// The clauses of a text, in lower case.
    pub(crate) fn of(text: &str) -> Self {
        let mut paragraphs: Vec<String> = Vec::new();
        let mut is_open = false;
        for line in text.lines() {
            let bare = line.trim();
            let begins = bare.starts_with(['-', '*', '|', '#', ':', '+', '•'])
                || bare.split_whitespace().next().is_some_and(|first| first.ends_with(':'))
                || bare.split_once(['.', ')']).is_some_and(|(number, _)| number.parse::<u32>().is_ok());
            match paragraphs.last_mut().filter(|_| is_open && !begins && !bare.is_empty()) {
                Some(last) => {
                    last.push(' ');
                    last.push_str(bare);
                }
                None => paragraphs.push(bare.to_owned()),
            }
            is_open = !bare.is_empty() && !bare.starts_with(['#', '|']);
        }
        let mut clauses = Vec::new();
        for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_empty()) {
            let lower = paragraph.to_lowercase();
            clauses
                .extend(lower.split(". ").flat_map(|part| part.split("; ")).map(|part| format!(" {part} ")));
        }
        clauses.truncate(MAX_CLAUSES);
        Self { clauses }
    }

    /// What is said of a column.
    pub(crate) fn of_column(&self, name: &str) -> Standing {
        let name = name.trim().to_lowercase();
        if name.is_empty() || name.len() > MAX_NAME {
            return Standing::Unnamed;
        }
        let named: Vec<usize> = self
            .clauses
            .iter()
            .enumerate()
            .filter(|(_, clause)| holds(clause, &name))
            .map(|(at, _)| at)
            .collect();
        if named.is_empty() {
            return Standing::Unnamed;
        }
        let clause = |at: usize| self.clauses.get(at).map_or("", String::as_str);
        if named.iter().any(|at| is_kept(clause(*at))) {
            return Standing::Withheld;
        }
        if named.iter().any(|at| is_marked(clause(*at), &name) && self.is_of_test(*at)) {
            return Standing::Promised;
        }
        Standing::Named
    }

    /// True when what a clause lists are columns of the test rows too.
    fn is_of_test(&self, at: usize) -> bool {
        let before = self.clauses.get(..=at).unwrap_or_default();
        let head = before.iter().rev().find(|clause| clause.contains("test") || clause.contains("train"));
        let is_same = || {
            let alike = ["same", "identical", "likewise", "as train", "as the train", "like train"];
            self.clauses
                .iter()
                .any(|clause| clause.contains("test") && alike.iter().any(|word| clause.contains(word)))
        };
        match head {
            None => true,
            Some(head) => head.contains("test") || head.contains("both") || is_same(),
        }
    }
}

/// True for a clause by which something is kept from the test rows.
fn is_kept(clause: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| clause.contains(word));
    (clause.contains("train") && has(&["only", "exclusive", "solely"]))
        || (clause.contains("test") && has(&KEPT_FROM_TEST))
        || has(&KNOWN_LATER)
}

/// True when a name stands in a clause as a word of its own.
fn holds(clause: &str, name: &str) -> bool {
    places(clause, name).next().is_some()
}

fn places<'c>(clause: &'c str, name: &'c str) -> impl Iterator<Item = (&'c str, &'c str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    clause.match_indices(name).filter_map(move |(at, _)| {
        let (before, after) = (clause.get(..at)?, clause.get(at + name.len()..)?);
        let is_whole =
            !before.chars().next_back().is_some_and(is_part) && !after.chars().next().is_some_and(is_part);
        is_whole.then_some((before, after))
    })
}

/// True when a name stands there as the name of a column: quoted, marked, at the beginning of an item, or written as no
/// word of a language is.
fn is_marked(clause: &str, name: &str) -> bool {
    let is_odd = name.contains('_') || name.chars().any(|c| c.is_ascii_digit());
    places(clause, name).any(|(before, after)| {
        let quotes = |c: char| matches!(c, '`' | '"' | '\'' | '*' | '“' | '”');
        let is_quoted = before.ends_with(quotes) && after.starts_with(quotes);
        let is_first =
            before.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '*' | '|' | '•' | '+' | '`'))
                && before.trim().len() < before.len()
                && after.trim_start().starts_with([':', '-', '|', '(', '–', '—', ',', '=']);
        let is_listed = before.trim_end().ends_with(',') && after.trim_start().starts_with([',', '(']);
        is_odd || is_quoted || is_first || is_listed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_promised_kept_or_only_named() {
        let cases = [
            (
                "- `train.csv` and `test.csv`: a row per bottle\n  - `price`: cents",
                "price",
                Standing::Promised,
            ),
            ("train.csv: `a`, `price`, `y`\ntest.csv: the same without `y`", "price", Standing::Promised),
            ("train.csv: `a`, `price`, `y`\ntest.csv: the same without `y`", "y", Standing::Withheld),
            ("train.csv: `a`, `price`, `y`\n\ntest.csv: `a`", "price", Standing::Named),
            ("Columns: `id`, `price` (cents), `kind`.", "price", Standing::Promised),
            ("| price | cents (train only) |", "price", Standing::Withheld),
            ("- casual: riders, not given for the test days", "casual", Standing::Withheld),
            ("The price of a bottle is what counts.", "price", Standing::Named),
            ("Columns: `id`, `prices`.", "price", Standing::Unnamed),
            ("`arr_time` is known only after landing", "arr_time", Standing::Withheld),
        ];
        for (text, name, expected) in cases {
            assert_eq!(Said::of(text).of_column(name), expected, "{text}");
        }
    }
}
