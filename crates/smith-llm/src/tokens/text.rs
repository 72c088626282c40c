//! What of a text tokenizers charge for.

use std::iter::Peekable;
use std::str::Chars;

/// Hundredths of a token for each thing that is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    /// A run of letters; a capital after a small letter begins another one.
    word: u64,
    /// Each of its fifth to eighth letters.
    middle: u64,
    /// Each later letter.
    long: u64,
    /// Each pair of letters that is rare in words.
    odd: u64,
    /// Each digit.
    digit: u64,
    /// Each group of up to three digits.
    digits: u64,
    /// Punctuation: the first character of a run, one that differs from the one before, one that repeats it.
    mark: u64,
    mark_more: u64,
    mark_same: u64,
    /// A run of spaces that does not lead a word.
    space: u64,
    /// A run of line feeds.
    line: u64,
    /// Characters of two bytes, of East Asia, other ones of three bytes, and of four.
    two: u64,
    east: u64,
    three: u64,
    four: u64,
}

impl Weights {
    /// OpenAI's o200k.
    pub(super) const O200K: Self = Self {
        word: 73,
        middle: 38,
        long: 22,
        odd: 52,
        digit: 0,
        digits: 120,
        mark: 80,
        mark_more: 63,
        mark_same: 4,
        space: 83,
        line: 85,
        two: 47,
        east: 132,
        three: 54,
        four: 189,
    };

    /// Tokenizers that group digits in threes.
    pub(super) const THREES: Self = Self {
        word: 103,
        middle: 45,
        long: 28,
        odd: 41,
        digit: 0,
        digits: 131,
        mark: 73,
        mark_more: 66,
        mark_same: 5,
        space: 70,
        line: 37,
        two: 119,
        east: 147,
        three: 107,
        four: 228,
    };

    /// Tokenizers that take each digit alone.
    pub(super) const SINGLE: Self = Self {
        word: 83,
        middle: 34,
        long: 17,
        odd: 65,
        digit: 107,
        digits: 0,
        mark: 96,
        mark_more: 67,
        mark_same: 5,
        space: 90,
        line: 70,
        two: 118,
        east: 116,
        three: 99,
        four: 306,
    };

    /// Whatever the tokenizer.
    pub(super) const ANY: Self = Self {
        word: 96,
        middle: 45,
        long: 24,
        odd: 53,
        digit: 109,
        digits: 0,
        mark: 101,
        mark_more: 67,
        mark_same: 8,
        space: 85,
        line: 0,
        two: 118,
        east: 159,
        three: 106,
        four: 304,
    };
}

/// Every vocabulary knows Cyrillic better than the other scripts of two bytes.
const CYRILLIC: u64 = 62;

/// Pairs of letters that are common in words: the bit of the second letter in the row of the first. The 255 most frequent
/// of English prose and identifiers and of five other languages, 96 of 100 pairs.
const COMMON: [u32; 26] = [
    0b01111111101011110101001110,
    0b01000101100100101100010001,
    0b00000110100100110110010001,
    0b00000101100100100100011001,
    0b01111011111111100101111101,
    0b00000111100110100100110001,
    0b00000101100010100100010000,
    0b00000010000100000100010001,
    0b10101011101111100001111111,
    0b00000000000100000000010000,
    0b00000001000000000100010000,
    0b01000111000100100100111001,
    0b00000101001101000100010011,
    0b00001111001110110101111101,
    0b00011111101111110101101110,
    0b01000111101100100100010001,
    0b00000100000000000000000000,
    0b01001111100111010101011101,
    0b01000111001101110110010101,
    0b01010111101100100110111101,
    0b00000011101011100100110111,
    0b00000000000000000100010001,
    0b00000000100110000110010001,
    0b00000010001000000000000100,
    0b00000011001000000000000000,
    0b00000000000000000000010000,
];

/// Tokens of `text`, rounded up.
pub(super) fn tokens(text: &str, weights: &Weights) -> u64 {
    let mut rest = text.chars().peekable();
    let mut hundredths: u64 = 0;
    while let Some(first) = rest.next() {
        let cost = match first {
            'a'..='z' | 'A'..='Z' => word(first, &mut rest, weights),
            '0'..='9' => {
                let count = 1 + run(&mut rest, |c| c.is_ascii_digit());
                count * weights.digit + count.div_ceil(3) * weights.digits
            }
            ' ' | '\t' => spaces(&mut rest, weights),
            '\n' | '\r' => {
                run(&mut rest, |c| matches!(c, '\n' | '\r'));
                weights.line
            }
            '\0'..='\x7f' => marks(first, &mut rest, weights),
            other => foreign(other, weights),
        };
        hundredths = hundredths.saturating_add(cost);
    }
    hundredths.div_ceil(100)
}

/// Takes the characters that follow and are of a kind; tells how many.
fn run(rest: &mut Peekable<Chars<'_>>, is_of_it: impl Fn(char) -> bool) -> u64 {
    let mut count = 0;
    while rest.next_if(|next| is_of_it(*next)).is_some() {
        count += 1;
    }
    count
}

/// A run of letters, capitals first. The last of several capitals belongs to the small letters behind it.
fn word(first: char, rest: &mut Peekable<Chars<'_>>, weights: &Weights) -> u64 {
    let mut letters = Letters::begin(first);
    if first.is_ascii_uppercase() {
        while let Some(next) = rest.next_if(char::is_ascii_uppercase) {
            letters.push(next);
        }
    }
    let mut capitals = 0;
    if letters.count > 1 && rest.peek().is_some_and(char::is_ascii_lowercase) {
        capitals = letters.without_last().cost(weights);
        letters = Letters::begin(letters.last);
    }
    while let Some(next) = rest.next_if(char::is_ascii_lowercase) {
        letters.push(next);
    }
    capitals + letters.cost(weights)
}

struct Letters {
    count: u64,
    odd: u64,
    last: char,
    last_was_odd: bool,
}

impl Letters {
    fn begin(first: char) -> Self {
        Self { count: 1, odd: 0, last: first, last_was_odd: false }
    }

    fn push(&mut self, next: char) {
        self.last_was_odd = !is_common(self.last, next);
        self.odd += u64::from(self.last_was_odd);
        self.count += 1;
        self.last = next;
    }

    fn without_last(&self) -> Self {
        Self { count: self.count - 1, odd: self.odd - u64::from(self.last_was_odd), ..*self }
    }

    fn cost(&self, weights: &Weights) -> u64 {
        let middle = self.count.min(8).saturating_sub(4);
        let long = self.count.saturating_sub(8);
        weights.word + middle * weights.middle + long * weights.long + self.odd * weights.odd
    }
}

fn is_common(first: char, second: char) -> bool {
    let place = |letter: char| u32::from(letter.to_ascii_lowercase()).checked_sub(u32::from('a'));
    let (Some(row), Some(bit)) = (place(first), place(second)) else { return false };
    let row = usize::try_from(row).ok().and_then(|row| COMMON.get(row)).copied().unwrap_or_default();
    row.checked_shr(bit).is_some_and(|row| row & 1 == 1)
}

/// One space leads the word or mark behind it, but no digit.
fn spaces(rest: &mut Peekable<Chars<'_>>, weights: &Weights) -> u64 {
    let several = run(rest, |c| matches!(c, ' ' | '\t')) > 0;
    let before_digit = rest.peek().is_some_and(char::is_ascii_digit);
    (u64::from(several) + u64::from(before_digit)) * weights.space
}

fn marks(first: char, rest: &mut Peekable<Chars<'_>>, weights: &Weights) -> u64 {
    let is_mark =
        |c: &char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, ' ' | '\t' | '\n' | '\r');
    let (mut cost, mut last) = (weights.mark, first);
    while let Some(next) = rest.next_if(is_mark) {
        cost += if next == last { weights.mark_same } else { weights.mark_more };
        last = next;
    }
    cost
}

/// Chinese, Japanese and Korean, with their punctuation and wide forms.
fn is_east_asian(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
}

fn foreign(character: char, weights: &Weights) -> u64 {
    match u32::from(character) {
        _ if is_east_asian(character) => weights.east,
        0x400..=0x52F => weights.two.min(CYRILLIC),
        0..=0x3FF | 0x530..=0x7FF => weights.two,
        0x800..=0xFFFF => weights.three,
        _ => weights.four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: Weights = Weights { word: 100, middle: 0, long: 0, odd: 0, mark: 100, ..Weights::O200K };

    #[test]
    fn words_end_where_their_case_changes() {
        for (text, words) in [
            ("name", 1),
            ("camelCase", 2),
            ("HTTPServer", 2),
            ("HTTP", 1),
            ("aBC", 2),
            ("snake_case", 3),
            ("A", 1),
        ] {
            assert_eq!(tokens(text, &ONE), words, "{text}");
        }
    }

    #[test]
    fn digits_count_in_threes_or_one_by_one() {
        let tokens = |text: &str, weights| tokens(text, weights);
        assert!(tokens(&"123".repeat(100), &Weights::O200K) < tokens(&"123".repeat(100), &Weights::SINGLE));
        assert_eq!(tokens("1234567", &Weights { digits: 100, ..Weights::O200K }), 3);
    }

    #[test]
    fn words_of_a_language_cost_less_than_random_letters() {
        for weights in [Weights::O200K, Weights::THREES, Weights::SINGLE, Weights::ANY] {
            assert!(tokens("information", &weights) * 2 <= tokens("xqzjkvwpfgh", &weights) + 1);
        }
    }

    proptest! {
        /// What is cut anywhere costs no less in its two parts, but for the one token that the cut can save or split.
        #[test]
        fn a_text_costs_about_the_sum_of_its_parts(a in any::<String>(), b in any::<String>()) {
            for weights in [Weights::O200K, Weights::ANY] {
                let (whole, parts) = (tokens(&format!("{a}{b}"), &weights), tokens(&a, &weights) + tokens(&b, &weights));
                prop_assert!(whole <= parts + 2 && parts <= whole + 5, "{whole} {parts}");
            }
        }
    }
}
