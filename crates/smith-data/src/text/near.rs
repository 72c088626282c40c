//! Texts that are nearly the same: sketches of their word shingles, candidates by the least hashes, exact verification.
//!
//! Two sets with a Jaccard similarity of 0.8 share each of the least hashes of their union with that probability, so
//! that among a handful of them one is shared all but surely: those few make the index. What meets there is compared
//! whole. Everything depends on the texts and their order alone.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use rayon::prelude::*;

use crate::column::hash;

/// Words of a shingle, where nothing else is asked for.
pub(crate) const SHINGLE_WORDS: usize = 3;
/// Characters of a shingle, in languages that set no spaces between words.
const SHINGLE_CHARS: usize = 5;
/// Hashes that are kept of a text; of a shorter one all.
const SKETCH: usize = 64;
/// Two texts are nearly the same from this similarity on.
pub(crate) const THRESHOLD: f64 = 0.8;
/// Sketches that agree less than this (four standard errors below the threshold) are not worth a verification.
const WORTH_VERIFYING: f64 = 0.6;
/// Least hashes of a text that lead to candidates. All eight are missed by a true pair once in 400,000.
const INDEXED: usize = 8;
/// Earlier texts that a text is compared with for each of its hashes: bounds what boilerplate costs.
const CANDIDATES_PER_HASH: usize = 32;
/// Texts that are searched for earlier ones side by side, before their pairs are put in order.
const TEXTS_AT_ONCE: usize = 1 << 12;
/// Texts that one core searches for at least.
const TEXTS_A_TASK: usize = 256;
/// Pairs that are kept.
const MAX_PAIRS: usize = 1_000_000;

/// Two texts that are nearly the same, by their positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NearPair {
    pub(crate) earlier: u32,
    pub(crate) later: u32,
    /// Jaccard similarity of the shingles, at least [`THRESHOLD`].
    pub(crate) similarity: f64,
}

/// What is nearly the same among some texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct NearPairs {
    /// Texts with at least one word.
    pub(crate) compared: u64,
    /// How many of them are nearly the same as an earlier one.
    pub(crate) repeats: u64,
    /// The pairs in order of the later text, then of the earlier one; each repeat is in one at least, save beyond
    /// a million pairs.
    pub(crate) pairs: Vec<NearPair>,
}

/// The near-duplicates among texts, by shingles of [`SHINGLE_WORDS`] words.
pub(crate) fn near_duplicates<'t>(texts: impl Iterator<Item = &'t str>) -> NearPairs {
    near_duplicates_by(texts, SHINGLE_WORDS)
}

/// The near-duplicates among texts, by shingles of `words` words.
pub(crate) fn near_duplicates_by<'t>(texts: impl Iterator<Item = &'t str>, words: usize) -> NearPairs {
    let texts: Vec<&str> = texts.collect();
    let sketches: Vec<Sketch> = texts.par_iter().map(|text| Sketch::of(text, words)).collect();
    join(&sketches, words, |index| texts.get(index).map(|text| Cow::Borrowed(*text)))
}

/// What is kept of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// The least hashes of its different shingles, rising.
    least: Vec<u64>,
    /// Number of different shingles.
    shingles: usize,
    /// Equal for texts with the same words in the same order.
    fingerprint: u64,
}

impl Sketch {
    /// The sketch of a text, by shingles of `words` words.
    pub(crate) fn of(text: &str, words: usize) -> Self {
        let (mut least, fingerprint) = shingles(text, words);
        let shingles = least.len();
        least.truncate(SKETCH);
        least.shrink_to_fit();
        Self { least, shingles, fingerprint }
    }

    fn is_whole(&self) -> bool {
        self.least.len() == self.shingles
    }

    /// The hashes that lead to candidates: so many that two similar sets cannot have all of them apart.
    fn indexed(&self) -> &[u64] {
        let shared = (self.shingles as f64 * THRESHOLD).ceil() as usize;
        let prefix = (self.shingles - shared.min(self.shingles) + 1).min(INDEXED).min(self.least.len());
        &self.least[..prefix]
    }
}

/// The near-duplicates among sketched texts. `text` gives a text again, for the verification of those that are longer
/// than a sketch; a pair whose text is gone is left out.
pub(crate) fn join<'t>(
    sketches: &[Sketch],
    words: usize,
    text: impl Fn(usize) -> Option<Cow<'t, str>> + Sync,
) -> NearPairs {
    let firsts = first_of_equals(sketches);
    let index = Index::of(sketches, &firsts);
    let mut found = NearPairs::default();
    for (part, begin) in sketches.chunks(TEXTS_AT_ONCE).zip((0..).step_by(TEXTS_AT_ONCE)) {
        let met: Vec<Vec<NearPair>> = (begin..begin + part.len())
            .into_par_iter()
            .with_min_len(TEXTS_A_TASK)
            .map(|later| earlier_ones(later, sketches, (&index, &firsts), words, &text))
            .collect();
        found.compared += part.iter().filter(|sketch| sketch.shingles > 0).count() as u64;
        for pairs in met.iter().filter(|pairs| !pairs.is_empty()) {
            found.repeats += 1;
            let room = MAX_PAIRS.saturating_sub(found.pairs.len());
            found.pairs.extend(pairs.iter().take(room));
        }
    }
    found
}

/// The pairs of a text with earlier ones, in order of these.
fn earlier_ones<'t>(
    later: usize,
    sketches: &[Sketch],
    (index, firsts): (&Index, &[u32]),
    words: usize,
    text: &impl Fn(usize) -> Option<Cow<'t, str>>,
) -> Vec<NearPair> {
    let Some(sketch) = sketches.get(later).filter(|sketch| sketch.shingles > 0) else { return Vec::new() };
    let pair =
        |earlier: usize, similarity| NearPair { earlier: earlier as u32, later: later as u32, similarity };
    let first = firsts.get(later).map_or(later, |&first| first as usize);
    if first != later {
        return vec![pair(first, 1.0)];
    }
    let similarity = |&earlier: &usize| {
        verify((earlier, sketches.get(earlier)?), (later, sketch), words, text)
            .map(|found| pair(earlier, found))
    };
    index.candidates(later, sketch).iter().filter_map(similarity).collect()
}

/// For each text the first one with the same words.
fn first_of_equals(sketches: &[Sketch]) -> Vec<u32> {
    let mut first: HashMap<(u64, usize), u32> = HashMap::with_capacity(sketches.len());
    let keys = sketches.iter().map(|sketch| (sketch.fingerprint, sketch.shingles));
    keys.enumerate().map(|(at, key)| *first.entry(key).or_insert(at as u32)).collect()
}

/// Which texts hold a hash among their least ones.
struct Index {
    /// Hash and text, in order of both.
    postings: Vec<(u64, u32)>,
}

impl Index {
    fn of(sketches: &[Sketch], firsts: &[u32]) -> Self {
        let mut postings: Vec<(u64, u32)> = Vec::new();
        for (at, sketch) in sketches.iter().enumerate().filter(|&(at, _)| firsts[at] as usize == at) {
            postings.extend(sketch.indexed().iter().map(|&hash| (hash, at as u32)));
        }
        postings.par_sort_unstable();
        // A hash of a single text leads nowhere.
        let mut kept: Vec<(u64, u32)> = Vec::new();
        for run in postings.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            kept.extend_from_slice(run);
        }
        Self { postings: kept }
    }

    /// The nearest earlier texts that share one of the indexed hashes, each once, in their order.
    fn candidates(&self, later: usize, sketch: &Sketch) -> Vec<usize> {
        let mut candidates = Vec::new();
        for &hash in sketch.indexed() {
            let end = self.postings.partition_point(|posting| *posting < (hash, later as u32));
            let run = self.postings[..end].iter().rev().take_while(|posting| posting.0 == hash);
            candidates.extend(run.take(CANDIDATES_PER_HASH).map(|&(_, earlier)| earlier as usize));
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

/// The similarity of two texts when it reaches the threshold.
fn verify<'t>(
    (a, first): (usize, &Sketch),
    (b, second): (usize, &Sketch),
    words: usize,
    text: &impl Fn(usize) -> Option<Cow<'t, str>>,
) -> Option<f64> {
    let (small, large) = (first.shingles.min(second.shingles), first.shingles.max(second.shingles));
    if (small as f64) < THRESHOLD * large as f64 {
        return None;
    }
    let similarity = if first.is_whole() && second.is_whole() {
        jaccard(&first.least, &second.least)
    } else {
        if agreement(&first.least, &second.least) < WORTH_VERIFYING {
            return None;
        }
        jaccard(&shingles(&text(a)?, words).0, &shingles(&text(b)?, words).0)
    };
    (similarity >= THRESHOLD).then_some(similarity)
}

/// The share of the union's elements that two rising lists have in common.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (shared, union) = overlap(a, b, usize::MAX);
    shared as f64 / union.max(1) as f64
}

/// The same, judged by the least hashes of the union.
fn agreement(a: &[u64], b: &[u64]) -> f64 {
    let (shared, union) = overlap(a, b, SKETCH);
    shared as f64 / union.max(1) as f64
}

/// How many of the first `limit` elements of the union of two rising lists are in both, and how many there are.
fn overlap(a: &[u64], b: &[u64], limit: usize) -> (usize, usize) {
    let (mut i, mut j, mut shared, mut union) = (0, 0, 0, 0);
    while union < limit {
        let (Some(x), Some(y)) = (a.get(i), b.get(j)) else {
            let rest = (a.len() - i) + (b.len() - j);
            return (shared, union + rest.min(limit - union));
        };
        let order = x.cmp(y);
        i += usize::from(order != Ordering::Greater);
        j += usize::from(order != Ordering::Less);
        shared += usize::from(order == Ordering::Equal);
        union += 1;
    }
    (shared, union)
}

/// The hashes of the different shingles of a text, rising, and the fingerprint of its words in their order. A text of
/// fewer words than a shingle has is one shingle.
fn shingles(text: &str, words: usize) -> (Vec<u64>, u64) {
    let lower: Cow<'_, str> =
        if text.is_ascii() { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Owned(text.to_lowercase()) };
    let (units, window): (Vec<u64>, usize) = if lower.is_ascii() {
        (lower.split_ascii_whitespace().map(|word| hash::of_bytes(word.as_bytes())).collect(), words)
    } else if is_written_without_spaces(&lower) {
        let letters = lower.chars().filter(|c| !c.is_whitespace());
        (letters.map(|c| hash::mixed(u64::from(u32::from(c)))).collect(), SHINGLE_CHARS)
    } else {
        (lower.split_whitespace().map(|word| hash::of_bytes(word.as_bytes())).collect(), words)
    };
    let fingerprint = fold(&units);
    let mut hashes: Vec<u64> = match units.len() {
        0 => Vec::new(),
        few if few <= window => vec![fingerprint],
        _ => units.windows(window.max(1)).map(fold).collect(),
    };
    hashes.sort_unstable();
    hashes.dedup();
    (hashes, fingerprint)
}

/// True when a good part of the letters belongs to scripts that set no spaces between words.
fn is_written_without_spaces(text: &str) -> bool {
    let (mut letters, mut without) = (0_usize, 0_usize);
    for c in text.chars().take(2_000).filter(|c| c.is_alphabetic()) {
        letters += 1;
        without += usize::from(matches!(
            u32::from(c),
            0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0x20000..=0x3ffff
        ));
    }
    without * 10 > letters * 3
}

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A hash of hashes in their order.
fn fold(hashes: &[u64]) -> u64 {
    hash::mixed(hashes.iter().fold(SPREAD, |state, hash| (state.rotate_left(23) ^ hash).wrapping_mul(SPREAD)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Sentences of `words` words from a small vocabulary, different for each seed.
    fn sentence(seed: u64, words: usize) -> Vec<String> {
        (0..words as u64).map(|i| format!("w{}", hash::mixed(seed * 1_000 + i) % 500)).collect()
    }

    fn exact(a: &str, b: &str, words: usize) -> f64 {
        let set = |text: &str| -> HashSet<Vec<String>> {
            let split: Vec<String> = text.to_lowercase().split_whitespace().map(String::from).collect();
            if split.len() <= words {
                [split].into()
            } else {
                split.windows(words).map(<[_]>::to_vec).collect()
            }
        };
        let (a, b) = (set(a), set(b));
        a.intersection(&b).count() as f64 / a.union(&b).count() as f64
    }

    fn pairs(texts: &[String], words: usize) -> Vec<(u32, u32)> {
        let found = near_duplicates_by(texts.iter().map(String::as_str), words);
        found.pairs.iter().map(|pair| (pair.earlier, pair.later)).collect()
    }

    #[test]
    fn edits_of_short_and_long_texts_are_found_and_verified() {
        for words in [12, 40, 900] {
            let mut texts: Vec<String> = (0..60).map(|seed| sentence(seed, words).join(" ")).collect();
            for seed in 0..60 {
                let mut edited = sentence(seed, words);
                let at = seed as usize % words;
                edited[at] = String::from("edited");
                texts.push(edited.join("  "));
            }
            let expected: Vec<(u32, u32)> = (0..60)
                .filter(|&i| exact(&texts[i], &texts[i + 60], 3) >= THRESHOLD)
                .map(|i| (i as u32, i as u32 + 60))
                .collect();
            assert_eq!(pairs(&texts, 3), expected, "{words} words");
            assert!(words == 12 || expected.len() == 60, "{words} words: {}", expected.len());
        }
    }

    #[test]
    fn what_differs_more_is_no_pair() {
        let half = |seed: u64| format!("{} {}", sentence(1, 40).join(" "), sentence(seed, 40).join(" "));
        let texts: Vec<String> = (2..40).map(half).collect();
        assert!(pairs(&texts, 3).is_empty());
    }

    #[test]
    fn repeats_are_counted_once_whatever_case_and_blanks() {
        let texts = [
            "The cat sat on the mat.",
            "the  cat sat on THE mat.",
            "",
            " ",
            "The cat sat on the mat.",
            "Other.",
        ];
        let found = near_duplicates(texts.into_iter());
        assert_eq!((found.compared, found.repeats), (4, 2));
        let pairs: Vec<_> = found.pairs.iter().map(|p| (p.earlier, p.later, p.similarity)).collect();
        assert_eq!(pairs, [(0, 1, 1.0), (0, 4, 1.0)]);
    }

    #[test]
    fn texts_without_spaces_are_compared_by_characters() {
        let text: String =
            (0..80).map(|i| char::from_u32(0x4e00 + hash::mixed(i) as u32 % 3_000).unwrap()).collect();
        let edited = text.replacen(text.chars().nth(40).unwrap(), "们", 1);
        let found =
            near_duplicates([text.as_str(), edited.as_str(), "一个完全不同的句子,没有相似之处"].into_iter());
        assert_eq!((found.compared, found.repeats, found.pairs.len()), (3, 1, 1));
    }

    #[test]
    fn a_flood_of_alike_texts_stays_cheap_and_is_counted() {
        let text = |i: u64| format!("{} {}", sentence(7, 60).join(" "), i);
        let texts: Vec<String> = (0..3_000).map(text).collect();
        let found = near_duplicates(texts.iter().map(String::as_str));
        assert_eq!(found.repeats, 2_999);
        assert!(found.pairs.len() <= 3_000 * INDEXED * CANDIDATES_PER_HASH);
    }

    #[test]
    fn an_empty_shingle_and_no_text_harm_nothing() {
        assert_eq!(near_duplicates_by(["a b c", "a b c"].into_iter(), 0).repeats, 1);
        assert_eq!(near_duplicates(std::iter::empty()), NearPairs::default());
    }
}
