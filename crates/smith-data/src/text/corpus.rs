//! Collections of text files: words, encodings, files that say nearly the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use rayon::prelude::*;
use smith_task_schema::profile::{CorpusProfile, DuplicateFiles, FileGroup, FileKind, Range};

use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::source::encoding::{decode, looks_binary, utf16};
use crate::source::reader;
use crate::source::walk::Found;
use crate::spread::spread;
use crate::text::near::{self, NearPairs, SHINGLE_WORDS, Sketch};

/// Text files from which on they are a collection.
const MIN_FILES: usize = 10;
/// Files of a collection that are read.
pub(crate) const MAX_FILES: usize = 50_000;
/// Bytes of a collection that are read.
const MAX_TOTAL_BYTES: u64 = 512 << 20;
/// Bytes of a file that are decoded and compared; what follows is only counted.
const MAX_BYTES: u64 = 1 << 20;
/// Sets of files alike that are named, and files of each.
const EXAMPLES: usize = 5;

/// The collections among the groups of a dataset's files, without the files that are annotations.
pub(crate) fn profile(
    files: &[(Found, FileKind)],
    groups: &[FileGroup],
    taken: &BTreeSet<&str>,
    findings: &mut Findings,
) -> Vec<CorpusProfile> {
    let mut texts: Vec<&Found> = files
        .iter()
        .filter(|(found, kind)| *kind == FileKind::Text && !taken.contains(found.relative.as_str()))
        .map(|(found, _)| found)
        .collect();
    let mut directories: Vec<&str> = groups
        .iter()
        .filter(|group| group.files as usize >= MIN_FILES)
        .map(|group| group.directory.as_str())
        .collect();
    // The widest patterns first, so that no file is in two collections.
    directories.sort_by_key(|directory| (std::cmp::Reverse(directory.matches('*').count()), *directory));
    directories.dedup();
    let mut corpora = Vec::new();
    for directory in directories {
        let (members, others): (Vec<&Found>, Vec<&Found>) =
            texts.iter().partition(|found| lies_in(found.directory(), directory));
        if members.len() >= MIN_FILES {
            texts = others;
            corpora.push(describe(directory, &members, findings));
        }
    }
    corpora.sort_by(|a, b| a.directory.cmp(&b.directory));
    corpora
}

/// True when a directory is one of those that a pattern with `*` folds.
fn lies_in(directory: &str, pattern: &str) -> bool {
    let (mut parts, mut wanted) = (directory.split('/'), pattern.split('/'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some(want)) if want == "*" || part == want => {}
            _ => return false,
        }
    }
}

/// What one file tells.
struct Read1 {
    words: u64,
    encoding: &'static str,
    sketch: Sketch,
}

fn describe(directory: &str, members: &[&Found], findings: &mut Findings) -> CorpusProfile {
    let bytes: u64 = members.iter().map(|found| found.bytes.min(MAX_BYTES)).sum();
    let share = (MAX_TOTAL_BYTES as f64 / bytes.max(1) as f64).min(1.0);
    let chosen = spread(members, ((members.len() as f64 * share) as usize).clamp(1, MAX_FILES));
    let read: Vec<Option<Read1>> = chosen.par_iter().map(|found| read_one(found).ok().flatten()).collect();
    let mut corpus = CorpusProfile::default();
    corpus.directory = directory.to_string();
    corpus.files = members.len() as u64;
    let (mut counts, mut encodings) = (Vec::new(), BTreeMap::new());
    let (mut paths, mut sketches) = (Vec::new(), Vec::new());
    for (found, one) in chosen.iter().zip(read) {
        let Some(one) = one else { continue };
        counts.push(one.words);
        *encodings.entry(one.encoding.to_string()).or_default() += 1;
        paths.push(*found);
        sketches.push(one.sketch);
    }
    counts.sort_unstable();
    corpus.measured = counts.len() as u64;
    corpus.words = counts.first().zip(counts.last()).map(|(min, max)| Range { min: *min, max: *max });
    corpus.median_words = counts.get(counts.len() / 2).copied().unwrap_or(0);
    corpus.encodings = most_frequent(encodings, EXAMPLES);
    let unread = chosen.len() - counts.len();
    if unread > 0 {
        findings.warn(directory, format!("{unread} of {} text files cannot be read as text", chosen.len()));
    }
    let text = |index: usize| {
        paths.get(index).and_then(|found| text_of(found).ok().flatten()).map(|(text, ..)| Cow::Owned(text))
    };
    let pairs = near::join(&sketches, SHINGLE_WORDS, text);
    corpus.near_duplicates = Some(duplicates(&pairs, &paths, members.len()));
    corpus
}

fn read_one(found: &Found) -> io::Result<Option<Read1>> {
    let Some((text, encoding, further)) = text_of(found)? else { return Ok(None) };
    let sketch = Sketch::of(&text, SHINGLE_WORDS);
    Ok(Some(Read1 { words: text.split_whitespace().count() as u64 + further, encoding, sketch }))
}

/// The beginning of a file as text, its encoding, and the number of words that follow; none when it is no text.
fn text_of(found: &Found) -> io::Result<Option<(String, &'static str, u64)>> {
    let mut input = reader::open(&found.path)?;
    let mut bytes = Vec::new();
    (&mut input).take(MAX_BYTES).read_to_end(&mut bytes)?;
    if looks_binary(bytes.get(..bytes.len().min(4_096)).unwrap_or_default()) {
        return Ok(None);
    }
    let further = if bytes.len() as u64 == MAX_BYTES { words_of(input, bytes.last().copied())? } else { 0 };
    Ok(Some(match utf16(&bytes) {
        Some(encoding) => {
            let name = if encoding.name() == "UTF-16LE" { "utf-16le" } else { "utf-16be" };
            (encoding.decode(&bytes).0.into_owned(), name, further / 2)
        }
        None => {
            // The last character may be cut in two.
            let cut =
                std::str::from_utf8(&bytes).err().filter(|error| error.error_len().is_none() && further > 0);
            let whole = bytes.get(..cut.map_or(bytes.len(), |error| error.valid_up_to())).unwrap_or_default();
            let (text, is_utf8) = decode(whole.strip_prefix(b"\xef\xbb\xbf").unwrap_or(whole));
            (text.into_owned(), if is_utf8 { "utf-8" } else { "windows-1252" }, further)
        }
    }))
}

/// Words of what is left of an input, by blanks alone.
fn words_of(mut input: impl Read, last: Option<u8>) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let (mut words, mut in_word) = (0, last.is_some_and(|byte| !byte.is_ascii_whitespace()));
    loop {
        let n = match input.read(&mut buffer) {
            Ok(0) => return Ok(words),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        for byte in buffer.get(..n).unwrap_or_default() {
            let letter = !byte.is_ascii_whitespace();
            words += u64::from(letter && !in_word);
            in_word = letter;
        }
    }
}

/// Pairs of near-duplicates as sets of files.
fn duplicates(pairs: &NearPairs, paths: &[&Found], all: usize) -> DuplicateFiles {
    let mut found = DuplicateFiles::default();
    found.compared = pairs.compared;
    found.exact = paths.len() == all;
    found.repeats = pairs.repeats;
    // The first text of the set that each text belongs to.
    let mut first: Vec<usize> = (0..paths.len()).collect();
    let mut across: BTreeSet<u32> = BTreeSet::new();
    for pair in &pairs.pairs {
        let (earlier, later) =
            (root(&mut first, pair.earlier as usize), root(&mut first, pair.later as usize));
        let (low, high) = (earlier.min(later), earlier.max(later));
        if let Some(place) = first.get_mut(high) {
            *place = low;
        }
        let directory = |index: u32| paths.get(index as usize).map(|found| found.directory());
        if directory(pair.earlier) != directory(pair.later) {
            across.insert(pair.later);
        }
    }
    found.across_directories = across.len() as u64;
    let mut sets: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for index in pairs.pairs.iter().flat_map(|pair| [pair.earlier, pair.later]).collect::<BTreeSet<u32>>() {
        let set = sets.entry(root(&mut first, index as usize)).or_default();
        if let Some(path) = paths.get(index as usize).filter(|_| set.len() < EXAMPLES) {
            set.push(path.relative.clone());
        }
    }
    found.examples = sets.into_values().take(EXAMPLES).collect();
    found
}

fn root(first: &mut [usize], mut at: usize) -> usize {
    while let Some(&above) = first.get(at)
        && above != at
    {
        let further = first.get(above).copied().unwrap_or(above);
        if let Some(place) = first.get_mut(at) {
            *place = further;
        }
        at = above;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_directories() {
        assert!(lies_in("a/b", "a/*") && lies_in("", "") && lies_in("a/b/c", "*/b/*"));
        assert!(!lies_in("a", "a/*") && !lies_in("a/b/c", "a/*") && !lies_in("b", "a"));
    }

    #[test]
    fn words_beyond_the_beginning() {
        assert_eq!(words_of(&b"rest of it\nall"[..], Some(b'x')).unwrap(), 3);
        assert_eq!(words_of(&b" of it "[..], Some(b'x')).unwrap(), 2);
    }
}
