//! What counts as evidence: a passage that stands where it is said to stand, and that is more than a scrap.

use std::sync::OnceLock;

use crate::material::{Kind, Part, seal};

/// Words that make a passage.
const WORDS: usize = 3;
/// Characters of a whole line, blanks apart: shorter ones stand in almost any file.
const LINE: usize = 6;
/// Characters of a cell's value.
const CELL: usize = 3;
/// Words from which on a passage that smith's prompts hold too is theirs: fewer may meet by chance.
const OWN: usize = 5;

/// Why a quotation is no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No file of that name was shown.
    #[error("no such file was shown")]
    UnknownFile,
    /// It does not stand in the file, as far as that was shown.
    #[error("it does not stand in the file")]
    NotThere,
    /// Neither three words nor a whole line, and no column or cell either.
    #[error("it is too short to prove anything")]
    TooShort,
    /// It is what smith tells every model, and says nothing of this task.
    #[error("it is smith's own text, which stands in every task")]
    OwnText,
}

/// Whether a quotation is evidence out of this part.
pub(crate) fn check(part: &Part, quotation: &str) -> Result<(), Refusal> {
    let wanted = squeeze(&seal(quotation));
    if !wanted.contains(char::is_alphanumeric) {
        return Err(Refusal::TooShort);
    }
    if !stands_in(&squeeze(&part.text), &wanted) {
        return Err(Refusal::NotThere);
    }
    let words = words(&wanted);
    if words >= OWN && stands_in(own_texts(), &wanted) {
        return Err(Refusal::OwnText);
    }
    let is_enough = words >= WORDS
        || is_whole_line(&part.text, &wanted)
        || (part.kind != Kind::Source && is_cell(&part.text, &wanted));
    if is_enough { Ok(()) } else { Err(Refusal::TooShort) }
}

/// Everything that smith tells models, as one line.
fn own_texts() -> &'static str {
    static TEXTS: OnceLock<String> = OnceLock::new();
    TEXTS.get_or_init(|| squeeze(&smith_prompts::texts().collect::<Vec<_>>().join("\n")))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters, digits and underscores in a row.
fn words(text: &str) -> usize {
    text.split(|c| !is_of_word(c)).filter(|word| !word.is_empty()).count()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `wanted` stands in `text` without cutting a word in two.
fn stands_in(text: &str, wanted: &str) -> bool {
    let begins_word = wanted.starts_with(is_of_word);
    let ends_word = wanted.ends_with(is_of_word);
    text.match_indices(wanted).any(|(at, _)| {
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at + wanted.len()..).unwrap_or_default());
        !(begins_word && before.ends_with(is_of_word) || ends_word && after.starts_with(is_of_word))
    })
}

fn is_whole_line(text: &str, wanted: &str) -> bool {
    let characters = wanted.chars().filter(|c| !c.is_whitespace()).count();
    characters >= LINE && text.lines().any(|line| squeeze(line) == wanted)
}

/// Whether it is the name of a column, or the value of a cell that is no mere digit or two. Of a list the cells are the
/// names of files; of JSON, keys and values.
fn is_cell(text: &str, wanted: &str) -> bool {
    let is_long = wanted.chars().count() >= CELL;
    text.lines()
        .enumerate()
        .any(|(at, line)| (at == 0 || is_long) && cells(line).any(|cell| cell == bare(wanted)))
}

fn cells(line: &str) -> impl Iterator<Item = String> {
    line.split([',', ';', '\t', '|', ':', '(', ')', '{', '}', '[', ']'])
        .map(bare)
        .filter(|cell| !cell.is_empty())
}

fn bare(cell: &str) -> String {
    squeeze(cell.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: Kind, text: &str) -> Part {
        Part { name: "f".to_owned(), shows: "all of it", kind, text: text.to_owned() }
    }

    #[test]
    fn a_passage_is_three_words_or_a_line_and_stands_there() {
        let code = "def prepare(raw: Path, public: Path, private: Path):\n    rows = pd.read_csv(raw / 'rows.csv')\n    del rows\n    pass\n)\n";
        let code = part(Kind::Source, code);
        for (quotation, expected) in [
            ("rows = pd.read_csv(raw / 'rows.csv')", Ok(())),
            ("rows   =\n pd.read_csv(raw", Ok(())),
            ("raw / 'rows.csv'", Ok(())),
            ("del rows", Ok(())),
            ("del  rows", Ok(())),
            ("rows =", Err(Refusal::TooShort)),
            ("pass", Err(Refusal::TooShort)),
            (")", Err(Refusal::TooShort)),
            ("…", Err(Refusal::TooShort)),
            ("", Err(Refusal::TooShort)),
            (" \n", Err(Refusal::TooShort)),
            ("Rows = pd.read_csv", Err(Refusal::NotThere)),
            ("rows=pd.read_csv(raw", Err(Refusal::NotThere)),
            ("ows = pd.read_csv", Err(Refusal::NotThere)),
            ("rows = pd.read_c", Err(Refusal::NotThere)),
            ("rows = pd.read_csv(raw …", Err(Refusal::NotThere)),
            ("def prepare(raw: Path, public: Path, private: Path)", Err(Refusal::OwnText)),
        ] {
            assert_eq!(check(&code, quotation), expected, "{quotation}");
        }
    }

    #[test]
    fn of_data_a_column_or_a_cell_will_do() {
        let rows = part(Kind::Data, "id,\"repair cost\",ok\n7,12.50,yes\n8,0,no\n");
        for (quotation, expected) in [
            ("repair cost", Ok(())),
            ("id", Ok(())),
            ("12.50", Ok(())),
            ("\"repair cost\"", Ok(())),
            ("yes", Ok(())),
            ("7,12.50,yes", Ok(())),
            ("no", Err(Refusal::TooShort)),
            ("8", Err(Refusal::TooShort)),
            ("repair", Err(Refusal::TooShort)),
            ("cost", Err(Refusal::TooShort)),
            ("price", Err(Refusal::NotThere)),
        ] {
            assert_eq!(check(&rows, quotation), expected, "{quotation}");
        }
        let records = part(Kind::Data, "[{\"giver\": \"ann\",\n  \"answer\": 5}]");
        assert_eq!(check(&records, "giver"), Ok(()));
        assert_eq!(check(&records, "answer"), Ok(()));
        let list = part(Kind::List, "cat_1.png (12 bytes)\ncats/ (3 entries)");
        assert_eq!(check(&list, "cat_1.png"), Ok(()));
        assert_eq!(check(&list, "dog_1.png"), Err(Refusal::NotThere));
    }
}
