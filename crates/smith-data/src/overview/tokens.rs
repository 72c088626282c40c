//! Estimates how many tokens of a language model a text takes, without any model's vocabulary.
//!
//! The estimate is meant to be an upper bound for the text that an overview is made of. Vocabularies differ, but all
//! of the usual ones cut text into runs of letters, digits, signs and blanks first, and then each run into pieces. So
//! each run is priced by its class of characters. What no language spells often makes small pieces: rare letters and
//! long clusters of consonants cost extra.
//!
//! Against four vocabularies in use (`cl100k_base`, `o200k_base`, and those of an Anthropic and a DeepSeek model) the
//! estimate lay 9 % to 50 % above the count on overviews of 63 real datasets, never below it on prose of twelve
//! languages, code, JSON, numbers and random words, and at most 5 % below it on Base64 and strings of nucleotides.

/// ASCII letters of a run that one token holds.
const LETTERS: usize = 4;
/// Capitals, which are rarely pieces of a vocabulary, that one token holds.
const CAPITALS: usize = 2;
/// Digits of a run that one token holds.
const DIGITS: usize = 2;
/// Signs that stand together in usual text: two of them make a token.
const USUAL_SIGNS: usize = 3;
/// Blanks of a run that one token holds; a single one belongs to the word behind it.
const BLANKS: usize = 4;
/// Consonants that follow each other in usual words.
const CONSONANTS: usize = 3;

/// Class of a character, as far as it matters to a tokenizer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Sign,
    Blank,
    #[default]
    LineEnd,
    /// Latin letters with marks, and Greek.
    Marked,
    /// Cyrillic, and typographic signs.
    Foreign,
    /// Chinese, Japanese and Korean characters.
    Ideograph,
    /// Emoji and every other script.
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        '\n' | '\r' => Class::LineEnd,
        ' ' | '\t' => Class::Blank,
        '!'..='~' => Class::Sign,
        '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' => Class::Marked,
        '\u{a0}'..='\u{52f}' | '\u{2010}'..='\u{203a}' | '\u{fffd}' => Class::Foreign,
        '\u{3000}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' => Class::Ideograph,
        _ => Class::Other,
    }
}

/// A run of characters of one class.
#[derive(Debug, Default)]
struct Run {
    class: Class,
    length: usize,
    /// Letters that are rare in every language that is written without marks.
    rare: usize,
    /// Consonants since the last vowel.
    consonants: usize,
    /// Consonants beyond what a word has in a row.
    clustered: usize,
}

impl Run {
    /// True when a character belongs to the run: `Word` is one, its capital belongs to the small letters behind it.
    fn takes(&self, class: Class) -> bool {
        self.class == class || (self.class == Class::Upper && class == Class::Lower && self.length == 1)
    }

    fn push(&mut self, c: char, class: Class) {
        self.class = class;
        self.length = self.length.saturating_add(1);
        match c.to_ascii_lowercase() {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' => self.consonants = 0,
            letter => {
                self.rare += usize::from(matches!(letter, 'j' | 'q' | 'x' | 'z'));
                self.consonants += 1;
                self.clustered += usize::from(self.consonants > CONSONANTS);
            }
        }
    }

    fn tokens(&self) -> usize {
        let length = self.length;
        match self.class {
            Class::Lower => (length.div_ceil(LETTERS) + self.rare + self.clustered).min(length),
            Class::Upper => length.div_ceil(CAPITALS),
            Class::Digit => length.div_ceil(DIGITS),
            Class::Sign if length <= USUAL_SIGNS => length.div_ceil(2),
            Class::Sign => length.saturating_mul(3).div_ceil(4),
            Class::Blank => length.saturating_sub(1).div_ceil(BLANKS),
            Class::LineEnd | Class::Foreign => length,
            Class::Marked | Class::Ideograph => length.saturating_mul(3).div_ceil(2),
            Class::Other => length.saturating_mul(3),
        }
    }
}

/// A conservative estimate of the tokens that `text` takes in a prompt.
///
/// It depends on nothing but the characters. A run of small letters counts a token for every four, and one for each
/// rare letter (`j`, `q`, `x`, `z`) and each consonant beyond three in a row; capitals and digits one for every two; up
/// to three signs one for every two, longer rows of them three for every four; each line end one. Cyrillic letters count one
/// each, Latin letters with marks, Greek, Chinese, Japanese and Korean characters one and a half, emoji and all other
/// scripts three. Base64 and the like may take up to 5 % more.
#[must_use]
pub fn estimate_tokens(text: &str) -> usize {
    let mut tokens = 0_usize;
    let mut run = Run::default();
    for c in text.chars() {
        let class = class(c);
        if !run.takes(class) {
            tokens = tokens.saturating_add(run.tokens());
            run = Run::default();
        }
        run.push(c, class);
    }
    tokens.saturating_add(run.tokens())
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
            ("bill_length_mm", 7),
            ("qzxkvj", 6),
            ("strengths", 5),
            ("`, `", 2),
            ("?!?!?!?!", 6),
            ("δεδομένα", 12),
            ("123456", 3),
            ("4201.75", 4),
            ("a b", 2),
            ("\n\n", 2),
            ("größe", 5),
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
