//! Features that were computed from the answers, and rows that hold the answers of others.

use rayon::prelude::*;
use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::{place, shown, warning};
use crate::AssertError;
use crate::leakage::own::shows_own;
use crate::leakage::panel::{Numbers, Panel, Truth};
use crate::leakage::search::{Hit, Search};
use crate::leakage::sequence::Sequence;
use crate::leakage::statistics::computed;
use crate::leakage::windows::{Made, Reach};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const COMPUTED: RuleInfo = RuleInfo {
    code: "A215",
    name: "feature-computed-from-answers",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No feature of the test rows is computed from their answers: as a statistic of a group with the row in it, or \
             from the rows before and behind it by a mean, a sum, an extreme, a difference or what is carried on.",
    why: "Such a feature would not be known when a prediction is wanted, and can be solved for the answer.",
    mend: "Compute statistics of the target in prepare.py from the training rows alone, and windows from rows before the \
           row only (`shift(1)` before `rolling`), or drop the feature.",
    references: &[literature::LEAKAGE],
};

pub(in crate::rules) const NEIGHBOURS: RuleInfo = RuleInfo {
    code: "A216",
    name: "answers-in-neighbouring-rows",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The answer of a test row does not stand among the features of another row, in the order of the tables, of \
             time or of a group.",
    why: "A value that moves to the next row as what was last seen answers the row before by a look at the next.",
    mend: "Let no row of train or test follow a test row so closely that its features show the answer: test on the last \
           part in time, with a gap between the test rows, and without features from the future.",
    references: &[literature::LEAKAGE],
};

/// Share of the test rows whose answers stand in other rows, from which on it is told.
const TOLD: f64 = 0.3;
/// Share from which on they can simply be read off.
const NEARLY_ALL: f64 = 0.9;
/// Findings of one rule.
const MAX_FINDINGS: usize = 3;

/// `A215`.
pub(in crate::rules) fn computed_from_answers(info: &RuleInfo, cx: &Subject) -> Measured {
    let search = search(cx)?;
    let panel = &search.panel;
    let table = place(cx, &cx.split()?.test.path);
    let features: Vec<&Numbers> = panel.numbers.iter().filter(|feature| feature.is_fine()).collect();
    let found: Vec<Option<(&Truth, String)>> =
        features.par_iter().map(|feature| computed(panel, feature).or_else(|| own(panel, feature))).collect();
    let mut findings: Vec<Finding> = features
        .iter()
        .zip(found)
        .filter_map(|(feature, found)| found.map(|(truth, how)| finding(info, &table, feature, truth, &how)))
        .collect();
    for hit in search.found.iter().filter(|hit| hit.made.reach == Reach::Own) {
        let Some((feature, truth, sequence)) = parts(search, hit) else { continue };
        let how =
            format!("{}, {} ({:.1} % of the test rows)", hit.made.how, sequence.name, hit.made.share * 100.0);
        findings.push(finding(info, &table, feature, truth, &how));
    }
    findings.truncate(MAX_FINDINGS);
    Ok(Report::from(findings)
        .with(Figure::new("features compared with statistics of the answers", features.len() as f64)))
}

/// The answer of the row itself, wherever it can be.
fn own<'p>(panel: &'p Panel, feature: &Numbers) -> Option<(&'p Truth, String)> {
    let truths = panel.truths.iter().filter(|truth| truth.class.is_none());
    truths.filter_map(|truth| Some((truth, shows_own(panel, feature, truth)?))).next()
}

fn parts<'s>(search: &'s Search, hit: &Hit) -> Option<(&'s Numbers, &'s Truth, &'s Sequence)> {
    let feature = search.panel.numbers.get(hit.feature)?;
    Some((feature, search.panel.truths.get(hit.truth)?, search.sequences.get(hit.sequence)?))
}

fn finding(info: &RuleInfo, table: &str, feature: &Numbers, truth: &Truth, how: &str) -> Finding {
    let class = truth.class.as_ref().map_or_else(String::new, |class| format!(" being {}", shown(class)));
    let message = format!(
        "its feature {} is computed from {}{class}, with the answers of the test rows: it is {how}. {}",
        shown(&feature.name),
        shown(&truth.name),
        info.mend
    );
    info.finding(table, message)
}

/// `A216`.
pub(in crate::rules) fn neighbours(info: &RuleInfo, cx: &Subject) -> Measured {
    let search = search(cx)?;
    let table = place(cx, &cx.split()?.test.path);
    let (mut findings, mut most) = (Vec::new(), 0.0_f64);
    for hit in search.found.iter().filter(|hit| hit.made.reach != Reach::Own) {
        let Some((feature, truth, sequence)) = parts(search, hit) else { continue };
        let Some(step) = hit.made.step else { continue };
        let shown_in = Shown::of(&search.panel, sequence, step);
        most = most.max(shown_in.share);
        findings.extend(told(info, &table, (feature, truth), &sequence.name, &hit.made, &shown_in));
    }
    findings.truncate(MAX_FINDINGS);
    let figure = Figure::new("largest share of the test answers that stand in another row", most);
    Ok(Report::from(findings).with(figure))
}

fn told(
    info: &RuleInfo,
    table: &str,
    (feature, truth): (&Numbers, &Truth),
    name: &str,
    made: &Made,
    shown_in: &Shown,
) -> Option<Finding> {
    let message = format!(
        "its feature {} is {} of {}, {name}: so the answers of {:.0} % of the test rows stand in other rows, {:.0} % of \
         them in rows of train. {}",
        shown(&feature.name),
        made.how,
        shown(&truth.name),
        shown_in.share * 100.0,
        shown_in.in_train * 100.0,
        info.mend
    );
    // What was last seen is an honest feature of a forecast step by step, but not where all steps are given at once.
    let is_certain = made.reach == Reach::Later || shown_in.in_train >= TOLD || shown_in.share >= NEARLY_ALL;
    (shown_in.share >= TOLD)
        .then(|| if is_certain { info.finding(table, message) } else { warning(info, table, message) })
}

/// Where the answers of test rows stand.
struct Shown {
    /// Share of the test rows whose answer stands in another row.
    share: f64,
    /// Share of these for which that is a row of train.
    in_train: f64,
}

impl Shown {
    fn of(panel: &Panel, sequence: &Sequence, step: isize) -> Self {
        let (mut test, mut shown, mut in_train) = (0_usize, 0_usize, 0_usize);
        for (at, row) in sequence.rows.iter().enumerate().filter(|(_, row)| panel.is_test(**row)) {
            test += usize::from(panel.is_test(*row));
            let Some(other) = sequence.moved(at, -step).and_then(|at| sequence.rows.get(at)) else {
                continue;
            };
            shown += 1;
            in_train += usize::from(!panel.is_test(*other));
        }
        Self { share: shown as f64 / test.max(1) as f64, in_train: in_train as f64 / shown.max(1) as f64 }
    }
}

fn search(cx: &Subject) -> Result<&Search, AssertError> {
    let why = "too few training examples with known answers were found in public/";
    cx.split()?.search().ok_or_else(|| AssertError::not_run(why))
}
