//! Answers of several parts (lists, boxes, runs) in another text: the same words and numbers, however they are separated
//! and whatever stands between them.

use std::collections::HashMap;

/// Rows that are compared, spread evenly.
const MAX_ROWS: usize = 2_000;
const MIN_ROWS: usize = 20;
/// Rows that show whether it is worth comparing all.
const FIRST: usize = 60;
/// Share of the answers that have several parts.
const SEVERAL: f64 = 0.3;
/// Parts of a text that are looked at.
const MAX_PARTS: usize = 4_000;
/// Share of what the answers say that the texts must say, weighted by rarity, and the most that texts of other rows may.
const SAID: f64 = 0.95;
const SAID_BY_OTHERS: f64 = 0.6;
/// Share of what the texts say, in words of the answers, that is right: lists of candidates say much more.
const RIGHT: f64 = 0.6;
/// Share of the neighbouring parts of the answers that are neighbours in the texts, where the order is not that of the
/// alphabet.
const NEIGHBOURS: f64 = 0.6;
/// Share of the answers of several parts whose parts are sorted, from which on their order says nothing.
const SORTED: f64 = 0.85;

/// Words and numbers of a text; numbers as they are written shortest.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut word): (Vec<String>, String) = (Vec::new(), String::new());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    let finish = |word: &mut String, parts: &mut Vec<String>| {
        if !word.is_empty() {
            parts.push(plain(word));
            word.clear();
        }
    };
    while let Some(letter) = letters.next() {
        let next_is_digit = letters.peek().is_some_and(char::is_ascii_digit);
        let is_point = letter == '.' && before.is_ascii_digit() && next_is_digit && !word.contains('.');
        let is_sign = letter == '-' && next_is_digit && !before.is_alphanumeric();
        if is_sign {
            finish(&mut word, &mut parts);
        }
        if letter.is_alphanumeric() || is_point || is_sign {
            word.extend(letter.to_lowercase());
        } else {
            finish(&mut word, &mut parts);
            if parts.len() >= MAX_PARTS {
                return parts;
            }
        }
        before = letter;
    }
    finish(&mut word, &mut parts);
    parts
}

fn plain(word: &str) -> String {
    let is_number = word.len() <= 15 && word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match word.parse::<f64>() {
        Ok(number) if is_number && number.is_finite() => (number + 0.0).to_string(),
        _ => word.to_owned(),
    }
}

/// What texts say of answers.
struct Comparison {
    answers: Vec<Vec<String>>,
    texts: Vec<Vec<String>>,
    weights: HashMap<String, f64>,
}

/// Share of what the answers say that the texts beside them say, when it is nearly all and those of other rows do not;
/// none where answers are single words or numbers. Pairs of a row and its text.
pub(crate) fn listed(answers: &[String], pairs: &[(usize, &str)]) -> Option<f64> {
    if pairs.len() < MIN_ROWS {
        return None;
    }
    let step = pairs.len().div_ceil(MAX_ROWS).max(1);
    let chosen: Vec<(Vec<String>, &str)> = pairs
        .iter()
        .step_by(step)
        .filter_map(|(row, text)| Some((parts(answers.get(*row)?), *text)))
        .collect();
    let several = chosen.iter().filter(|(parts, _)| parts.len() > 1).count();
    if (several as f64) < SEVERAL * chosen.len() as f64 {
        return None;
    }
    let first = chosen.get(..chosen.len().min(FIRST)).unwrap_or_default();
    let of = |chosen: &[(Vec<String>, &str)]| {
        let texts = chosen.iter().map(|(_, text)| parts(text)).collect();
        Comparison::new(chosen.iter().map(|(parts, _)| parts.clone()).collect(), texts)
    };
    of(first).said(0).filter(|(said, _)| *said > SAID - 0.15)?;
    let all = of(&chosen);
    let (said, right) = all.said(0)?;
    let rows = chosen.len();
    let others = all.said(rows / 2)?.0.max(all.said(rows / 3)?.0);
    let in_order = || all.is_sorted() || all.neighbours() >= NEIGHBOURS;
    (said >= SAID && right >= RIGHT && others <= SAID_BY_OTHERS && in_order()).then_some(said)
}

impl Comparison {
    fn new(answers: Vec<Vec<String>>, texts: Vec<Vec<String>>) -> Self {
        let mut rows: HashMap<String, usize> = HashMap::new();
        for parts in &answers {
            let mut own: Vec<&String> = parts.iter().collect();
            own.sort_unstable();
            own.dedup();
            own.into_iter().for_each(|part| *rows.entry(part.clone()).or_default() += 1);
        }
        let all = answers.len().max(1) as f64;
        let weights: HashMap<String, f64> =
            rows.into_iter().map(|(part, rows)| (part, (all / rows as f64).ln())).collect();
        // What no answer says, or all do, tells nothing.
        let telling = |parts: Vec<String>| -> Vec<String> {
            parts.into_iter().filter(|part| weights.get(part).is_some_and(|weight| *weight > 0.0)).collect()
        };
        let answers = answers.into_iter().map(telling).collect();
        let texts = texts.into_iter().map(telling).collect();
        Self { answers, texts, weights }
    }

    fn weight(&self, part: &str) -> f64 {
        self.weights.get(part).copied().unwrap_or(0.0)
    }

    /// How much of the answers the texts so many rows further say, and how much of what they say is right.
    fn said(&self, shift: usize) -> Option<(f64, f64)> {
        let (mut said, mut wanted, mut given) = (0.0, 0.0, 0.0);
        let rows = self.answers.len();
        for (row, answer) in self.answers.iter().enumerate() {
            let Some(text) = self.texts.get((row + shift) % rows.max(1)) else { continue };
            let mut counts: HashMap<&str, usize> = HashMap::new();
            text.iter().for_each(|part| *counts.entry(part).or_default() += 1);
            given += text.iter().map(|part| self.weight(part)).sum::<f64>();
            for part in answer {
                let weight = self.weight(part);
                wanted += weight;
                if let Some(left) = counts.get_mut(part.as_str()).filter(|left| **left > 0) {
                    *left -= 1;
                    said += weight;
                }
            }
        }
        (wanted > 0.0).then(|| (said / wanted, if given > 0.0 { said / given } else { 0.0 }))
    }

    fn is_sorted(&self) -> bool {
        let number = |part: &String| part.parse::<f64>().ok();
        let is_sorted = |parts: &Vec<String>| {
            parts.is_sorted()
                || parts.is_sorted_by(|a, b| number(a).zip(number(b)).is_some_and(|(a, b)| a <= b))
        };
        let several: Vec<&Vec<String>> = self.answers.iter().filter(|parts| parts.len() > 1).collect();
        let sorted = several.iter().filter(|parts| is_sorted(parts)).count();
        sorted as f64 >= SORTED * several.len() as f64
    }

    /// Share of the neighbours in the answers that are neighbours in the texts too.
    fn neighbours(&self) -> f64 {
        let (mut kept, mut all) = (0_usize, 0_usize);
        for (answer, text) in self.answers.iter().zip(&self.texts) {
            let there: std::collections::HashSet<&[String]> = text.windows(2).collect();
            let own = answer.windows(2);
            all += own.len();
            kept += own.filter(|pair| there.contains(pair)).count();
        }
        kept as f64 / all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    fn box_of(row: usize, at: usize) -> [usize; 4] {
        let own = mixed(row * 7 + at);
        [own % 90, own / 90 % 80, own % 90 + 20, own / 90 % 80 + 31]
    }

    fn compare(answers: &[String], texts: &[String]) -> Option<f64> {
        let pairs: Vec<(usize, &str)> = texts.iter().map(String::as_str).enumerate().collect();
        listed(answers, &pairs)
    }

    #[test]
    fn boxes_in_another_notation() {
        let boxes = |row: usize| (0..1 + row % 3).map(move |at| box_of(row, at));
        let answers: Vec<String> = (0..60)
            .map(|row| {
                boxes(row).map(|[a, b, c, d]| format!("1 {a} {b} {c} {d}")).collect::<Vec<_>>().join(";")
            })
            .collect();
        let plain: Vec<String> = (0..60)
            .map(|row| {
                boxes(row).map(|[a, b, c, d]| format!("{a}.0,{b}.0,{c},{d}")).collect::<Vec<_>>().join(" | ")
            })
            .collect();
        let json: Vec<String> = (0..60)
            .map(|row| {
                let one = |[a, b, c, d]: [usize; 4]| {
                    format!(r#"{{"xmin": {a}, "ymin": {b}, "xmax": {c}, "ymax": {d}}}"#)
                };
                format!(
                    "{{\"file\": \"t{row:04}.jpg\", \"boxes\": [{}]}}",
                    boxes(row).map(one).collect::<Vec<_>>().join(", ")
                )
            })
            .collect();
        assert!(compare(&answers, &plain).is_some());
        assert!(compare(&answers, &json).is_some());
        let others: Vec<String> = plain.iter().cycle().skip(3).take(60).cloned().collect();
        assert!(compare(&answers, &others).is_none());
    }

    #[test]
    fn lists_of_candidates_are_no_answers() {
        let word = |at: usize| format!("item{}", at % 97);
        let answers: Vec<String> =
            (0..80).map(|row| format!("{} {}", word(mixed(row)), word(mixed(row) + 5))).collect();
        let candidates: Vec<String> =
            (0..80).map(|row| (0..8).map(|at| word(mixed(row) + at)).collect::<Vec<_>>().join(" ")).collect();
        assert!(compare(&answers, &candidates).is_none());
        // The same items to be put in order.
        let ranked: Vec<String> = (0..80)
            .map(|row| {
                let mut order: Vec<usize> = (0..6).collect();
                order.sort_by_key(|at| mixed(row * 31 + at) % 101);
                order.iter().map(|at| word(mixed(row) + at)).collect::<Vec<_>>().join(" ")
            })
            .collect();
        let given: Vec<String> =
            (0..80).map(|row| (0..6).map(|at| word(mixed(row) + at)).collect::<Vec<_>>().join(" ")).collect();
        assert!(compare(&ranked, &given).is_none());
        assert!(
            compare(&ranked, &ranked.iter().map(|list| list.replace(' ', "|")).collect::<Vec<_>>()).is_some()
        );
    }

    #[test]
    fn single_words_are_for_others() {
        let words: Vec<String> = (0..60).map(|row| format!("w{}", mixed(row) % 9)).collect();
        assert!(compare(&words, &words).is_none());
    }
}
