//! Which metric a description promises, in its own words.

use std::collections::BTreeSet;

use super::super::families::metric_part;
use super::super::words::{Word, find, words as all_words};
use super::names::{HINTS, Hint, NUMBERS, OWN, PARTS, PHRASES, UNKNOWN};
use super::readings::Kind;
use crate::formulas::{Average, Weights};

/// What a description says of the metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Promise {
    /// The metrics that it names, those apart that it names in passing.
    pub(super) kinds: Vec<Kind>,
    /// How classes are averaged; empty when nothing is said.
    pub(super) averages: Vec<Average>,
    /// Lengths of lists; empty when nothing is said.
    pub(super) lengths: Vec<usize>,
    /// Weights of recall in an F score; empty when nothing is said.
    pub(super) betas: Vec<f64>,
    /// Weights of a kappa, when they are said.
    pub(super) weights: Option<Weights>,
    /// Numbers between 0 and 1.
    pub(super) shares: Vec<f64>,
    /// A word that says that the metric has something of its own.
    pub(super) own: Option<String>,
    /// Whether it says no more than a name and what everybody adds to it.
    pub(super) plain: bool,
    hints: BTreeSet<&'static str>,
}

impl Promise {
    /// What the description's part about the metric promises; nothing when it names no metric that is known here, or one
    /// that is not.
    pub(super) fn read(text: &str) -> Option<Self> {
        let part = split(&metric_part(text));
        let words = if kinds(&part).is_empty() { split(&said_of_scores(text)) } else { part };
        if UNKNOWN.iter().any(|pattern| find(&words, pattern).is_some()) {
            return None;
        }
        let kinds = kinds(&words);
        if kinds.is_empty() {
            return None;
        }
        let averages = averages(&words);
        let own = own(&words, &kinds);
        let plain = own.is_none() && !words.iter().any(|word| is_part(word, &kinds));
        let hints = HINTS.iter().filter(|hint| hint.is_in(&words)).map(|hint| hint.name).collect();
        Some(Self {
            lengths: lengths(&words),
            betas: betas(&words),
            weights: weights(&words),
            shares: shares(&words),
            kinds,
            averages,
            own,
            plain,
            hints,
        })
    }

    /// Whether a word that widens the meaning of others stands there.
    pub(super) fn hints(&self, name: &str) -> bool {
        self.hints.contains(name)
    }
}

/// Errors that are divided by what a naive forecast makes on the history.
const SCALED: &[&str] = &["mase|rmsse|wrmsse", "scaled error|errors"];

/// Whether a description promises a scaled error, which cannot be computed without the history.
pub(super) fn is_scaled(text: &str) -> bool {
    let words = split(&metric_part(text));
    SCALED.iter().any(|pattern| find(&words, pattern).is_some())
}

impl Hint {
    fn is_in(&self, words: &[Word]) -> bool {
        self.patterns.iter().any(|pattern| find(words, pattern).is_some())
    }
}

/// Lines that speak of the metric, with those below them, and lines that say which scores are better: where no section
/// tells of the metric, or a name alone was taken for a heading.
fn said_of_scores(text: &str) -> Vec<Word> {
    const BELOW: usize = 4;
    let lines: Vec<String> = text.lines().map(str::to_lowercase).collect();
    let has = |at: usize, words: &[&str]| {
        lines.get(at).is_some_and(|line| words.iter().any(|word| line.contains(word)))
    };
    let ranks = ["higher is better", "lower is better", "larger is better", "smaller is better", "score is"];
    let speaks = ["metric", "evaluat", "scoring", "scored", "judged", "graded"];
    // Words count lines from 1.
    let telling = |line: usize| {
        let own = line.saturating_sub(1);
        has(own, &ranks) || has(line, &ranks) || (own.saturating_sub(BELOW)..=own).any(|at| has(at, &speaks))
    };
    all_words(text).into_iter().filter(|word| telling(word.line)).collect()
}

/// Words split at hyphens, slashes and underscores, and before `@`.
fn split(words: &[Word]) -> Vec<Word> {
    let mut pieces = Vec::with_capacity(words.len());
    for word in words {
        let text = word.text.replace('₁', "1").replace('₂', "2").replace("f_", "f");
        let text = text.replace('@', " @");
        let parts = text.split([' ', '-', '_', '/', '‑', '=', ':']);
        for (at, part) in parts.filter(|part| !part.is_empty()).enumerate() {
            pieces.push(Word { text: part.to_owned(), begins: word.begins && at == 0, ..word.clone() });
        }
    }
    pieces
}

/// The kinds that are named, without those named in passing when others are left.
fn kinds(words: &[Word]) -> Vec<Kind> {
    let mut left = words.to_vec();
    let mut found: Vec<(Kind, bool)> = Vec::new();
    for (kind, phrases) in PHRASES {
        for phrase in *phrases {
            while let Some((from, to)) = find(&left, phrase) {
                if !is_vague(*kind, &left, to) {
                    found.push((*kind, in_passing(words, from)));
                }
                left.iter_mut().take(to).skip(from).for_each(|word| word.text.clear());
            }
        }
    }
    // `map` is a word of other meanings.
    let is_map = |pair: &[Word]| matches!(pair, [a, b] if a.text == "map" && (b.text.starts_with('@') || b.text == "at"));
    if words.windows(2).any(is_map) {
        found.push((Kind::AveragePrecision, false));
    }
    if found.is_empty()
        && find(words, "share|fraction|proportion|percentage|part ~6 correct|correctly|right").is_some()
    {
        found.push((Kind::Accuracy, false));
    }
    if found.is_empty() && find(words, "correlation").is_some() {
        found.push((Kind::Correlation, false));
    }
    let main: Vec<(Kind, bool)> = found.iter().copied().filter(|(_, passing)| !passing).collect();
    let mut kinds: Vec<Kind> =
        if main.is_empty() { found } else { main }.into_iter().map(|(kind, _)| kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    drop_explanations(&mut kinds);
    kinds
}

/// "The accuracy of the predictions" is no metric yet, and "the precision at rank k" explains another one.
fn is_vague(kind: Kind, words: &[Word], to: usize) -> bool {
    let next = |text: &str| words.get(to).is_some_and(|word| word.text == text && !word.begins);
    kind == Kind::Accuracy && next("of")
}

/// What explains another metric that is named too.
fn drop_explanations(kinds: &mut Vec<Kind>) {
    let explains: &[(Kind, &[Kind])] = &[
        (Kind::F, &[Kind::Precision, Kind::Recall]),
        (Kind::AveragePrecision, &[Kind::Precision, Kind::Recall, Kind::Auc]),
        (Kind::Balanced, &[Kind::Recall, Kind::Accuracy]),
        (Kind::Exact, &[Kind::Accuracy]),
        (Kind::HitAt, &[Kind::Accuracy]),
        (Kind::Rmse, &[Kind::Mse]),
        (Kind::Rmsle, &[Kind::Msle, Kind::Rmse, Kind::Mse]),
        (Kind::Gini, &[Kind::Auc]),
        (Kind::Pinball, &[Kind::Mae]),
        (Kind::Brier, &[Kind::Mse]),
        (Kind::Auc, &[Kind::Recall]),
    ];
    for (kind, explaining) in explains {
        if kinds.contains(kind) {
            kinds.retain(|other| !explaining.contains(other));
        }
    }
}

/// Whether what stands at `at` is only mentioned: after a `not`, or in a sentence that says so.
fn in_passing(words: &[Word], at: usize) -> bool {
    let before =
        |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).map_or("", |word| word.text.as_str());
    let denied = matches!(before(1), "not" | "unlike" | "than")
        || (before(1) == "of" && before(2) == "instead")
        || (matches!(before(1), "plain" | "simple" | "the" | "raw")
            && matches!(before(2), "not" | "unlike" | "than"))
        || (before(1) == "plain" && before(2) == "of" && before(3) == "instead");
    let from = (0..=at).rev().find(|at| words.get(*at).is_some_and(|word| word.begins)).unwrap_or(0);
    let sentence =
        words.iter().enumerate().skip(from).take_while(|(place, word)| *place == from || !word.begins);
    let aside = [
        "misleading",
        "informational",
        "additionally",
        "secondary",
        "reported",
        "reference",
        "tie",
        "ties",
        "unlike",
    ];
    denied || sentence.into_iter().any(|(_, word)| aside.contains(&word.text.as_str()))
}

fn averages(words: &[Word]) -> Vec<Average> {
    let has = |pattern: &str| find(words, pattern).is_some();
    let mut averages = Vec::new();
    let unweighted = has("unweighted") || has("without weights|weighting|weight");
    if has("macro|macrof1|macroaveraged") || unweighted {
        averages.extend([Average::Macro, Average::MacroOfTrue]);
    }
    if has("micro|microf1|microaveraged") {
        averages.push(Average::Micro);
    }
    if has("weighted") || has("weighted|averaged by|with support") || has("support") {
        averages.push(Average::Weighted);
    }
    if has("samples|sample|example|instance averaged|based|average")
        || has("mean f1")
        || has("per|each row|sample|example|image|instance|document|user")
    {
        averages.push(Average::Samples);
    }
    if has("binary") || has("positive class|label|one|ones|examples") {
        averages.extend([Average::One(true), Average::One(false)]);
    }
    // The kinds of rows may be averaged as well as the classes.
    let only_rows = averages == [Average::Samples];
    if only_rows { Vec::new() } else { averages }
}

fn lengths(words: &[Word]) -> Vec<usize> {
    let number = |text: &str| {
        let named = NUMBERS.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
        named.or_else(|| text.parse().ok()).filter(|number| (1..=1_000).contains(number))
    };
    let mut lengths: Vec<usize> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = || words.get(at + 1).filter(|next| !next.begins).and_then(|next| number(&next.text));
        match word.text.strip_prefix('@') {
            Some("") => lengths.extend(next()),
            Some(text) => lengths.extend(number(text)),
            None if matches!(word.text.as_str(), "at" | "top" | "k") => lengths.extend(next()),
            None => {}
        }
    }
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

fn betas(words: &[Word]) -> Vec<f64> {
    let mut betas = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", |next| next.text.as_str());
        match (word.text.as_str(), next) {
            ("f1" | "f1score" | "macrof1" | "microf1", _) | ("f", "1") => betas.push(1.0),
            ("f2", _) | ("f", "2") => betas.push(2.0),
            ("f0.5", _) | ("f", "0.5") => betas.push(0.5),
            ("beta" | "β", number) => {
                betas.extend(number.parse::<f64>().ok().filter(|beta| *beta > 0.0 && *beta < 100.0));
            }
            _ => {}
        }
    }
    betas
}

fn weights(words: &[Word]) -> Option<Weights> {
    if find(words, "quadratic|quadratically|qwk|squared").is_some() {
        Some(Weights::Quadratic)
    } else if find(words, "linear|linearly").is_some() {
        Some(Weights::Linear)
    } else if find(words, "unweighted").is_some() {
        Some(Weights::None)
    } else {
        None
    }
}

fn shares(words: &[Word]) -> Vec<f64> {
    let numbers = words.iter().filter_map(|word| word.text.parse::<f64>().ok());
    numbers.filter(|number| *number > 0.0 && *number < 1.0).take(9).collect()
}

/// What says that the metric is no usual one.
fn own(words: &[Word], kinds: &[Kind]) -> Option<String> {
    let weights_belong = kinds.iter().any(|kind| {
        matches!(
            kind,
            Kind::F
                | Kind::Precision
                | Kind::Recall
                | Kind::Jaccard
                | Kind::Kappa
                | Kind::Auc
                | Kind::Dice
                | Kind::Wape
        )
    });
    let without = |at: usize| {
        at > 0
            && words.get(at - 1).is_some_and(|word| matches!(word.text.as_str(), "without" | "no" | "equal"))
    };
    let is_own = |(at, word): &(usize, &Word)| {
        OWN.contains(&word.text.as_str())
            || (!weights_belong
                && matches!(word.text.as_str(), "weight" | "weights" | "weighted")
                && !without(*at))
    };
    let explained = |word: &Word| {
        // "Divided by the number of …" and formulas explain most metrics.
        matches!(word.text.as_str(), "divided" | "minus" | "relative" | "plus" | "adjusted" | "baseline")
    };
    let mut own = words.iter().enumerate().filter(is_own);
    let first = own.next()?.1;
    if !explained(first) {
        return Some(first.text.clone());
    }
    own.find(|(_, word)| !explained(word)).map(|(_, word)| word.text.clone())
}

/// Words of the names themselves are no parts.
fn is_part(word: &Word, kinds: &[Kind]) -> bool {
    let of_name = matches!(word.text.as_str(), "mean" | "root" | "over" | "average" | "log")
        && !kinds.contains(&Kind::Accuracy)
        && !kinds.contains(&Kind::R2);
    OWN.contains(&word.text.as_str()) || (PARTS.contains(&word.text.as_str()) && !of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(text: &str) -> Promise {
        Promise::read(&format!("# Metric\n{text}\n")).unwrap()
    }

    #[test]
    fn the_main_metric_is_found() {
        for (text, kinds) in [
            (
                "Macro-averaged F1 score: the F1 of each of the four sections, averaged without weights.",
                vec![Kind::F],
            ),
            ("Root mean squared error (RMSE) in degrees. Lower is better.", vec![Kind::Rmse]),
            ("Mean average precision at 10 (MAP@10): precision at k, recall …", vec![Kind::AveragePrecision]),
            ("MAP@3, higher is better", vec![Kind::AveragePrecision]),
            ("Mean column-wise ROC AUC: the area under the ROC curve of each fault", vec![Kind::Auc]),
            ("The Dice coefficient 2|A∩B| / (|A| + |B|), averaged over the images", vec![Kind::Dice]),
            ("F1, the harmonic mean of precision and recall", vec![Kind::F]),
            ("Accuracy would be misleading here. Submissions are scored by the MCC.", vec![Kind::Matthews]),
            ("We use macro F1, not accuracy.", vec![Kind::F]),
            ("Balanced accuracy (the mean over the five voices of the recall)", vec![Kind::Balanced]),
            ("The share of reviews whose topic is right.", vec![Kind::Accuracy]),
            ("Coefficient of determination R2 = 1 - SSE/SST", vec![Kind::R2]),
            ("phone error rate: edits (insertions …) by length", vec![Kind::Edit]),
            ("NDCG@20, averaged over viewers", vec![Kind::Ndcg]),
            ("half of accuracy and half of log loss", vec![Kind::LogLoss, Kind::Accuracy]),
        ] {
            let (mut found, mut expected) = (promise(text).kinds, kinds);
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_said_of_it_is_found_too() {
        assert_eq!(promise("MAP@3").lengths, [3]);
        assert_eq!(promise("mean average precision at 12").lengths, [12]);
        assert_eq!(promise("micro-averaged F1").averages, [Average::Micro]);
        assert_eq!(promise("the F2 score").betas, [2.0]);
        assert_eq!(promise("quadratic weighted kappa").weights, Some(Weights::Quadratic));
        assert!(promise("macro-F1, classes averaged without weights").own.is_none());
        assert_eq!(promise("Weighted accuracy. Cones weigh 2.").own.as_deref(), Some("weighted"));
        assert!(promise("RMSE in degrees. Lower is better.").plain);
        assert!(!promise("RMSE averaged over stations.").plain);
    }

    #[test]
    fn metrics_of_which_no_formula_is_known_are_left_alone() {
        for text in [
            "The concordance index.",
            "BLEU",
            "Be good.",
            "mean average precision (mAP) at an intersection over union of 0.5",
        ] {
            assert_eq!(Promise::read(&format!("# Metric\n{text}\n")), None, "{text}");
        }
    }
}
