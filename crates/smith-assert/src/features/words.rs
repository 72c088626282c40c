//! Words and pieces of words of a text, hashed.

use rapidhash::v3::rapidhash_v3;

/// Numbers that words are hashed to.
pub(crate) const WORDS: usize = 1 << 13;
/// Bytes of a text that are looked at.
const MOST_BYTES: usize = 3_000;
/// Characters of which runs of three and four are counted.
const MOST_CHARACTERS: usize = 300;

/// Figures of a whole text.
pub(super) const FIGURES: [fn(&str) -> f32; 5] = [
    |text| (text.len() as f32).ln_1p(),
    |text| (text.split_whitespace().count() as f32).ln_1p(),
    |text| share(text, |c| c.is_ascii_digit()),
    |text| share(text, char::is_uppercase),
    |text| share(text, |c| c.is_ascii_punctuation()),
];

fn share(text: &str, is: impl Fn(char) -> bool) -> f32 {
    let (mut all, mut found) = (0_u32, 0_u32);
    for c in text.chars().take(MOST_BYTES) {
        all += 1;
        found += u32::from(is(c));
    }
    found as f32 / all.max(1) as f32
}

/// Hashed words, pairs of words and runs of characters with their counts, in order. `salt` tells columns apart.
pub(super) fn count(salt: u64, text: &str) -> Vec<(u32, f32)> {
    let end = text.floor_char_boundary(MOST_BYTES);
    let text = text.get(..end).unwrap_or(text).to_lowercase();
    let mut hashes: Vec<u32> = Vec::new();
    let mut push = |kind: u64, parts: [&str; 2]| {
        let [first, second] = parts.map(|part| rapidhash_v3(part.as_bytes()));
        let hash = (first ^ second.rotate_left(23) ^ (salt * 4 + kind).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_mul(0xff51_afd7_ed55_8ccd);
        hashes.push((hash >> 32) as u32 % WORDS as u32);
    };
    let mut before = "";
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        push(1, [word, ""]);
        if !before.is_empty() {
            push(2, [before, word]);
        }
        before = word;
    }
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(MOST_CHARACTERS).collect();
    for length in [3, 4] {
        for run in starts.windows(length + 1) {
            if let Some(piece) = run.first().zip(run.last()).and_then(|(&from, &to)| text.get(from..to)) {
                push(3, [piece, ""]);
            }
        }
    }
    counted(hashes)
}

fn counted(mut hashes: Vec<u32>) -> Vec<(u32, f32)> {
    hashes.sort_unstable();
    hashes.chunk_by(|a, b| a == b).filter_map(|same| Some((*same.first()?, same.len() as f32))).collect()
}

/// Adds the counts of another column.
pub(super) fn merge(row: &mut Vec<(u32, f32)>, more: Vec<(u32, f32)>) {
    if row.is_empty() {
        *row = more;
        return;
    }
    row.extend(more);
    row.sort_by_key(|(word, _)| *word);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}
