//! Texts that use nearly the same words, in whatever order: short ones with a few words exchanged.
//!
//! Words count the more the rarer they are, so that an article or a sign exchanged changes little, and common words do
//! not make texts alike.

use std::collections::HashMap;

use rayon::prelude::*;

use super::copies::Twins;
use super::random::hash;

/// Words of a text that are looked at; texts of fewer are left out.
const MAX_WORDS: usize = 400;
const MIN_WORDS: usize = 4;
/// Rarest words of a text that lead to candidates, and candidates of each.
const RAREST: usize = 6;
const CANDIDATES: usize = 32;
/// Share of the weight of all words of two texts that both have.
const ALIKE: f64 = 0.75;

/// A text as its words, each with what it weighs.
struct Worded {
    words: Vec<(u64, f64)>,
    weight: f64,
}

/// Which training text each text is like; texts come with their rows.
pub(crate) fn twins(train: &[(usize, &str)], test: &[(usize, &str)]) -> Twins {
    let read =
        |side: &[(usize, &str)]| -> Vec<Vec<u64>> { side.par_iter().map(|(_, text)| words(text)).collect() };
    let (known, asked) = (read(train), read(test));
    let mut holders: HashMap<u64, u32> = HashMap::new();
    known.iter().chain(&asked).flatten().for_each(|word| *holders.entry(*word).or_insert(0) += 1);
    let all = (known.len() + asked.len()) as f64;
    let weigh = |text: &Vec<u64>| {
        Worded::of(text, |word| (1.0 + all / f64::from(holders.get(&word).copied().unwrap_or(1))).ln())
    };
    let known: Vec<Worded> = known.par_iter().map(weigh).collect();
    let asked: Vec<Worded> = asked.par_iter().map(weigh).collect();
    let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
    for (place, text) in known.iter().enumerate() {
        for word in text.rarest() {
            let places = index.entry(word).or_default();
            if places.len() < CANDIDATES {
                places.push(u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
    }
    let find = |text: &Worded, own: Option<usize>| {
        let mut candidates: Vec<usize> = text
            .rarest()
            .into_iter()
            .filter_map(|word| index.get(&word))
            .flatten()
            .map(|place| *place as usize)
            .filter(|place| Some(*place) != own)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .find(|place| known.get(*place).is_some_and(|other| other.is_like(text)))
            .and_then(|place| train.get(place).map(|(row, _)| *row))
    };
    let rows = |side: &[(usize, &str)]| side.iter().map(|(row, _)| *row).collect::<Vec<_>>();
    let of_test: Vec<Option<usize>> = asked.par_iter().map(|text| find(text, None)).collect();
    let of_train: Vec<Option<usize>> =
        known.par_iter().enumerate().map(|(place, text)| find(text, Some(place))).collect();
    Twins {
        test: rows(test).into_iter().zip(of_test).collect(),
        train: rows(train).into_iter().zip(of_train).collect(),
    }
}

fn words(text: &str) -> Vec<u64> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<u64> = parts.take(MAX_WORDS).map(hash).collect();
    words.sort_unstable();
    words.dedup();
    words
}

impl Worded {
    fn of(words: &[u64], weight: impl Fn(u64) -> f64) -> Self {
        let words: Vec<(u64, f64)> = words.iter().map(|word| (*word, weight(*word))).collect();
        let sum = words.iter().map(|(_, weight)| weight).sum();
        Self { words, weight: sum }
    }

    fn rarest(&self) -> Vec<u64> {
        if self.words.len() < MIN_WORDS {
            return Vec::new();
        }
        let mut order = self.words.clone();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        order.into_iter().take(RAREST).map(|(word, _)| word).collect()
    }

    fn is_like(&self, other: &Self) -> bool {
        let (mut a, mut b, mut shared) = (self.words.iter().peekable(), other.words.iter().peekable(), 0.0);
        while let (Some((x, weight)), Some((y, _))) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => _ = a.next(),
                std::cmp::Ordering::Greater => _ = b.next(),
                std::cmp::Ordering::Equal => {
                    shared += weight;
                    a.next();
                    b.next();
                }
            }
        }
        shared >= ALIKE * (self.weight + other.weight - shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::random::mixed;

    fn sentence(seed: u64) -> Vec<String> {
        let word = |at: u64| format!("w{}", mixed(seed << 32 | at) % 900);
        vec!["a".into(), word(1), "of".into(), word(2), word(3), "the".into(), word(4), word(5)]
    }

    fn borrowed(texts: &[String]) -> Vec<(usize, &str)> {
        texts.iter().map(String::as_str).enumerate().collect()
    }

    #[test]
    fn short_texts_with_small_edits_are_found_and_others_are_not() {
        let train: Vec<String> = (0..200).map(|seed| sentence(seed).join(" ")).collect();
        let edited = |seed: u64| {
            let words: Vec<String> = sentence(seed)
                .into_iter()
                .map(|word| if word == "a" { "the".into() } else { word })
                .collect();
            format!("({}).", words.join(" "))
        };
        let test: Vec<String> = (0..50).map(edited).collect();
        let found = twins(&borrowed(&train), &borrowed(&test));
        assert!(found.test.iter().all(|(row, twin)| *twin == Some(*row)), "{found:?}");
        assert!(found.train.iter().all(|(_, twin)| twin.is_none()));
    }
}
