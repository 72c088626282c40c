//! Estimates how many tokens of a language model a text takes, without any model's vocabulary.
//!
//! The estimate is meant to be an upper bound for the text that an overview is made of. Vocabularies differ; all of
//! the usual ones cut text into runs of letters, digits, signs and blanks first, and then each run into pieces. So a
//! run is taken to need one token for every [`LETTERS`] letters, [`DIGITS`] digits or [`SIGNS`] signs; a letter
//! outside of ASCII counts for itself, a character of a script without blanks for more than one.

/// ASCII letters of a run that one token holds.
const LETTERS: usize = 4;
/// Digits of a run that one token holds.
const DIGITS: usize = 2;
/// ASCII signs of a run that one token holds.
const SIGNS: usize = 2;
/// Blanks of a run that one token holds; a single one belongs to the word behind it.
const BLANKS: usize = 4;

/// Class of a character, as far as it matters to a tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Sign,
    Blank,
    LineEnd,
    /// Letters of other alphabets, and typographic signs.
    Foreign,
    /// Chinese, Japanese and Korean characters.
    Ideograph,
    /// Emoji and everything rare.
    Rare,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        '\n' | '\r' => Class::LineEnd,
        ' ' | '\t' => Class::Blank,
        '!'..='~' => Class::Sign,
        '\u{a0}'..='\u{52f}' | '\u{2010}'..='\u{203a}' | '\u{fffd}' => Class::Foreign,
        '\u{3000}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' => Class::Ideograph,
        _ => Class::Rare,
    }
}

/// Tokens of a run of `length` characters of one class.
fn run(class: Class, length: usize) -> usize {
    match class {
        Class::Lower => length.div_ceil(LETTERS),
        // Capitals are rarely pieces of a vocabulary.
        Class::Upper => length.div_ceil(LETTERS / 2),
        Class::Digit => length.div_ceil(DIGITS),
        Class::Sign => length.div_ceil(SIGNS),
        Class::Blank => length.saturating_sub(1).div_ceil(BLANKS),
        Class::LineEnd | Class::Foreign => length,
        Class::Ideograph => length.saturating_mul(3).div_ceil(2),
        Class::Rare => length.saturating_mul(3),
    }
}

/// A conservative estimate of the tokens that `text` takes in a prompt.
///
/// It depends on nothing but the characters: ASCII words count a token for every four letters of a run, numbers one
/// for every two digits, signs one for every two, each line end one; letters beyond ASCII count one each, Chinese,
/// Japanese and Korean characters one and a half, emoji and rare scripts three.
#[must_use]
pub fn estimate_tokens(text: &str) -> usize {
    let (mut tokens, mut length, mut before) = (0_usize, 0, None);
    for class in text.chars().map(class) {
        // `Word` is one run: its capital belongs to the small letters behind it.
        let joins =
            before == Some(class) || (before == Some(Class::Upper) && class == Class::Lower && length == 1);
        if let Some(before) = before
            && !joins
        {
            tokens = tokens.saturating_add(run(before, length));
            length = 0;
        }
        length += 1;
        before = Some(class);
    }
    tokens.saturating_add(before.map_or(0, |class| run(class, length)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_class_has_its_measure() {
        let table = [
            ("", 0),
            ("the", 1),
            ("Word", 1),
            ("bill_length_mm", 6),
            ("123456", 3),
            ("4201.75", 4),
            ("a b", 2),
            ("\n\n", 2),
            ("größe", 4),
            ("данные", 6),
            ("数据集", 5),
            ("데이터", 5),
            ("データ", 5),
            ("😀", 3),
            ("ACGTACGT", 4),
        ];
        for (text, expected) in table {
            assert_eq!(estimate_tokens(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn lines_add_up(lines in proptest::collection::vec("[^\r\n]{0,30}", 1..5)) {
            let sum: usize = lines.iter().map(|line| estimate_tokens(line) + 1).sum();
            prop_assert_eq!(estimate_tokens(&(lines.join("\n") + "\n")), sum);
        }

        #[test]
        fn a_script_without_blanks_takes_a_token_a_character_at_least(text in "[\u{4e00}-\u{9fff}]{0,40}") {
            prop_assert!(estimate_tokens(&text) >= text.chars().count());
        }
    }
}
