//! A sample submission that knows something of the answers.

use std::collections::HashMap;

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{shown, warning};
use crate::leakage::agree::is_same;
use crate::leakage::chance::{ln_at_least, ln_correlates};
use crate::leakage::sheet::Sheet;
use crate::leakage::target::{Target, Values};
use crate::literature;
use crate::rank::{auc, spearman};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Subject, number};

pub(in crate::rules) const SAMPLE_TELLS: RuleInfo = RuleInfo {
    code: "A206",
    name: "sample-tells-answers",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The values of sample_submission.csv say nothing of the answers.",
    why: "Whoever hands the sample in, or begins from it, scores without having learned.",
    mend: "Fill the sample with one constant, or with random values drawn from the training answers.",
    references: &[literature::LEAKAGE],
};

/// Agreement beyond chance from which on the sample gives the answers away, and from which on it is worth a word.
const GIVES_AWAY: f64 = 0.9;
const SUSPICIOUS: f64 = 0.2;
/// Features that are tried, and test examples that share a value of one at least, on average.
const MAX_FEATURES: usize = 400;
const SHARED: usize = 3;
/// Natural logarithm of the probability below which chance is no explanation.
const LN_CHANCE: f64 = -20.0;

/// `A206`.
pub(in crate::rules) fn sample_tells(info: &RuleInfo, cx: &Subject) -> Measured {
    let pair = cx.pair()?;
    let sheet = Sheet::of(pair);
    let mut rows = vec![None; sheet.ids.len()];
    for (at, row) in pair.sample.rows.iter().enumerate() {
        let place = row.get(pair.id).and_then(|id| sheet.position(id)).and_then(|row| rows.get_mut(row));
        if let Some(place) = place.filter(|_| sheet.are_unique) {
            *place = Some(at);
        }
    }
    let (mut findings, mut most) = (Vec::new(), 0.0_f64);
    for target in &sheet.targets {
        let Some(column) = pair.sample.column(&target.name) else { continue };
        let given: Vec<&str> = rows
            .iter()
            .map(|at| at.and_then(|at| pair.sample.rows.get(at)?.get(column)).map_or("", |cell| cell.trim()))
            .collect();
        let Some(known) = knows(target, &given) else { continue };
        most = most.max(known);
        let is_derived = !repeats_answers(target, &given) && follows_a_feature(cx, &sheet, &given);
        findings.extend(finding(info, cx, target, known, is_derived));
    }
    findings.truncate(3);
    let figure = Figure::new("agreement of the sample with the answers beyond chance (0 none, 1 all)", most);
    Ok(Report::from(findings).with(figure.bounded(Bound::AtMost(GIVES_AWAY))))
}

/// Whether half of the sample's cells are the answers themselves.
fn repeats_answers(target: &Target, given: &[&str]) -> bool {
    hits(target, given) * 2 > given.len()
}

/// Cells of the sample that are the answers themselves.
fn hits(target: &Target, given: &[&str]) -> usize {
    target.cells.iter().zip(given).filter(|(truth, given)| is_same(truth, given)).count()
}

/// Whether a feature that test examples share has one value of the sample for each of its own, as the last known value
/// of each series has. Such a sample knows no more than that feature.
fn follows_a_feature(cx: &Subject, sheet: &Sheet, given: &[&str]) -> bool {
    let Ok(split) = cx.split() else { return false };
    let examples: Vec<Option<usize>> = {
        let places: HashMap<&str, usize> = split.test.ids.iter().zip(0..).collect();
        sheet.ids.iter().map(|id| places.get(id.as_str()).copied()).collect()
    };
    split.test.features.iter().take(MAX_FEATURES).any(|feature| {
        let mut first: HashMap<&str, &str> = HashMap::new();
        let pairs =
            examples.iter().zip(given).filter_map(|(at, cell)| Some((feature.cells.get((*at)?), *cell)));
        let pairs: Vec<(&str, &str)> = pairs.collect();
        let follows = pairs.iter().filter(|(own, cell)| first.entry(own).or_insert(cell) == cell).count();
        pairs.len() == given.len() && follows * 100 >= given.len() * 99 && first.len() * SHARED <= given.len()
    })
}

fn finding(info: &RuleInfo, cx: &Subject, target: &Target, known: f64, is_derived: bool) -> Option<Finding> {
    let path = cx.name(&cx.layout().sample_submission());
    let message = format!(
        "its column {} agrees with the answers: {known:.2}, where 0 is chance and 1 all of them. {}",
        shown(&target.name),
        info.mend
    );
    if known >= GIVES_AWAY && !is_derived {
        Some(info.finding(path, message))
    } else {
        (known >= SUSPICIOUS).then(|| warning(info, path, message))
    }
}

/// How well the sample's values agree with the answers, where chance does not explain it.
fn knows(target: &Target, given: &[&str]) -> Option<f64> {
    let first = given.first()?;
    if given.iter().all(|cell| cell == first) {
        return None;
    }
    let numbers: Option<Vec<f64>> = given.iter().map(|cell| number(cell)).collect();
    match (&target.values, numbers) {
        (Values::Numbers(truth), Some(numbers)) => {
            let rho = spearman(truth, &numbers)?.abs();
            (ln_correlates(rho, truth.len()) <= LN_CHANCE).then_some(rho)
        }
        (Values::Classes(codes, names), Some(numbers)) if names.len() == 2 => {
            let yes: Vec<bool> = codes.iter().map(|code| *code == 1).collect();
            let known = (auc(&numbers, &yes)? * 2.0 - 1.0).abs();
            let rare = yes.iter().filter(|yes| **yes).count().min(yes.iter().filter(|yes| !**yes).count());
            (ln_correlates(known, rare * 2) <= LN_CHANCE).then_some(known)
        }
        _ => agrees(target, given),
    }
}

fn agrees(target: &Target, given: &[&str]) -> Option<f64> {
    let rows = given.len();
    let hits = hits(target, given);
    let most = target.shares().into_iter().fold(0.0, f64::max);
    let known = (hits as f64 / rows.max(1) as f64 - most) / (1.0 - most);
    (ln_at_least(hits, rows, most) <= LN_CHANCE).then_some(known)
}
