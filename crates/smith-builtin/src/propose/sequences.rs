//! Targets that are rows of symbols: a word in every line of a text, and what it is written as in another alphabet.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use smith_task_schema::profile::{DatasetProfile, TextProfile};
use smith_task_schema::{Formulation, Modality};

use super::{Considered, Draft};
use crate::plan::{About, Ask, Lexicon, Metric, Plan, Source, Split, Target};

/// How much speaks for a dictionary.
const SCORE: f64 = 0.8;
/// Bytes of a text that are looked at, and lines that it needs.
const HEAD: u64 = 4 << 20;
const MIN_LINES: usize = 400;
/// Share of the lines that must be a word and its symbols.
const LINES: f64 = 0.98;
/// Share of the words that must stand once, but for their variants.
const ONCE: f64 = 0.9;
/// Different symbols, letters of one, and symbols of a word on average.
const SYMBOLS: std::ops::RangeInclusive<usize> = 5..=200;
const LONGEST_SYMBOL: usize = 6;
const MEAN: std::ops::RangeInclusive<f64> = 2.0..=40.0;
/// Beginnings of lines that are remarks.
const REMARKS: [&str; 2] = ["#", ";;;"];

/// Considers the texts of the dataset.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    let usable = |text: &&TextProfile| text.lines >= MIN_LINES as u64 && !text.path.contains("!/");
    for text in profile.texts.iter().filter(usable) {
        if let Some(found) = read(&root.join(&text.path)) {
            considered.drafts.push(draft(about, text, &found));
        }
    }
}

/// What a dictionary holds.
struct Found {
    /// Share of the lines that were looked at that are kept: those of words that are no variant.
    kept: f64,
    symbols: usize,
    longest: usize,
    remarks: bool,
    variants: bool,
    /// The first row and the last one.
    shown: [String; 2],
}

fn draft(about: &About, text: &TextProfile, found: &Found) -> Draft {
    let rows = (text.lines as f64 * found.kept) as u64;
    let lexicon = Lexicon { path: text.path.clone(), remarks: found.remarks, variants: found.variants };
    let plan = Plan {
        about: about.clone(),
        source: Source::Lexicon(lexicon),
        target: Target {
            column: "symbols".to_owned(),
            ask: Ask::Sequence {
                symbols: found.symbols as u64,
                longest: found.longest as u64,
                shown: found.shown.clone(),
            },
        },
        metric: Metric::ErrorRate,
        split: Split::Random,
        features: Vec::new(),
        dropped: Vec::new(),
        rows,
        reasons: vec![format!(
            "each of about {rows} lines is a word and its row of {} symbols",
            found.symbols
        )],
        looks_once: false,
        mended: Vec::new(),
    };
    Draft {
        score: SCORE,
        formulation: Formulation::StructuredPrediction,
        modality: Modality::NaturalLanguage,
        plan,
    }
}

fn read(path: &Path) -> Option<Found> {
    let mut bytes = Vec::new();
    let length = std::fs::metadata(path).ok()?.len();
    File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<&str> = text.lines().collect();
    if length > HEAD {
        // The last line is cut.
        lines.pop();
    }
    look(&lines)
}

/// What these lines hold, where they are a dictionary.
fn look(lines: &[&str]) -> Option<Found> {
    let (mut words, mut symbols) = (BTreeSet::new(), BTreeSet::new());
    let (mut all, mut fitting, mut kept, mut count, mut longest) = (0_usize, 0_usize, 0_usize, 0_usize, 0);
    let (mut remarks, mut variants) = (false, false);
    let mut shown = [String::new(), String::new()];
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        if REMARKS.iter().any(|remark| line.starts_with(remark)) {
            remarks = true;
            continue;
        }
        all += 1;
        let said = line.split(" #").next().unwrap_or(line);
        remarks |= said.len() < line.len();
        let mut parts = said.split_whitespace();
        let Some(word) = parts.next() else { continue };
        let row: Vec<&str> = parts.collect();
        if row.is_empty() || row.iter().any(|symbol| symbol.chars().count() > LONGEST_SYMBOL) {
            continue;
        }
        fitting += 1;
        if is_variant(word) {
            variants = true;
            continue;
        }
        if words.insert(word) {
            kept += 1;
            (count, longest) = (count + row.len(), longest.max(row.len()));
            let [first, last] = &mut shown;
            *last = row.join(" ");
            if first.is_empty() {
                first.clone_from(last);
            }
            symbols.extend(row);
        }
        if symbols.len() > *SYMBOLS.end() {
            return None;
        }
    }
    let share = |part: usize| part as f64 / all.max(1) as f64;
    let is_one = all >= MIN_LINES
        && share(fitting) >= LINES
        && share(kept) >= ONCE - if variants { 0.2 } else { 0.0 }
        && SYMBOLS.contains(&symbols.len())
        && MEAN.contains(&(count as f64 / kept.max(1) as f64))
        // Numbers are measured and not spelt.
        && symbols.iter().filter(|symbol| symbol.parse::<f64>().is_ok()).count() * 2 < symbols.len();
    is_one.then(|| Found {
        kept: kept as f64 / lines.len().max(1) as f64,
        symbols: symbols.len(),
        longest,
        remarks,
        variants,
        shown,
    })
}

/// A further way of a word that stands above: `word(2)`.
fn is_variant(word: &str) -> bool {
    word.strip_suffix(')')
        .and_then(|word| word.rsplit_once('('))
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: impl Fn(usize) -> String) -> Vec<String> {
        (0..500).map(line).collect()
    }

    fn found(lines: &[String]) -> Option<Found> {
        look(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn spelt(number: usize) -> String {
        number.to_string().chars().map(|digit| format!("D{digit} ")).collect()
    }

    #[test]
    fn words_with_their_symbols_are_a_dictionary() {
        let plain = found(&lines(|at| format!("w{at} {}", spelt(at + 1000)))).unwrap();
        assert_eq!((plain.symbols, plain.longest, plain.remarks, plain.variants), (10, 4, false, false));
        let with_more = found(&lines(|at| match at {
            0 => ";;; words".to_owned(),
            at if at % 10 == 5 => format!("w{}(2) {}", at - 1, spelt(at + 1000)),
            at => format!("w{at} {} # said", spelt(at + 1000)),
        }))
        .unwrap();
        assert!(with_more.remarks && with_more.variants);
    }

    #[test]
    fn other_lines_are_none() {
        type Line = fn(usize) -> String;
        let cases: [(&str, Line); 4] = [
            ("prose", |at| format!("Word {at} said nothing of interest")),
            ("numbers", |at| format!("w{at} {} {} {}", at % 7, at % 11, at % 13)),
            ("one word", |at| format!("w {}", spelt(at + 1000))),
            ("too many symbols", |at| format!("w{at} s{at} t{at}")),
        ];
        for (what, line) in cases {
            assert!(found(&lines(line)).is_none(), "{what}");
        }
    }
}
