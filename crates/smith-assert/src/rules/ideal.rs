//! The answers reach what is the best of the metric that the description names.

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::families::{Named, metric_part, named_by};
use super::scoring::{as_sure, tried};
use crate::AssertError;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Battery, Pair, Script, Subject, Trial};

pub(super) const IDEAL: RuleInfo = RuleInfo {
    code: "S122",
    name: "answers-reach-the-ideal",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The answers score what is the best of the metric that the description names: 1 of an accuracy, 0 of an error.",
    why: "Where the answers do not reach it, the formula is another one, and scores cannot be read as participants read them.",
    mend: "Correct the formula (ranks from 1, denominators, averages over what there is), or describe what is computed.",
    references: &[literature::MODEL_EVALUATION],
};

/// Metrics of which 1 is the best, whatever the data.
const UP_TO_ONE: &[&str] = &[
    "accuracy",
    "balanced accuracy",
    "F score",
    "AUC",
    "kappa",
    "MCC",
    "R²",
    "Spearman correlation",
    "Pearson correlation",
];
/// The same where each row has one answer.
const OF_RANKED_GUESSES: &[&str] = &["average precision", "NDCG"];
/// Metrics of which 0 is the best.
const DOWN_TO_ZERO: &[&str] = &[
    "RMSLE",
    "MSLE",
    "RMSE",
    "MSE",
    "MAE",
    "median absolute error",
    "MAPE",
    "Hamming loss",
    "pinball loss",
    "word error rate",
    "edit distance",
];
/// Part of the way from a constant's score by which the answers may miss it: clipping, and floors of logarithms.
const NEAR: f64 = 0.02;

/// `S122`.
pub(super) async fn ideal(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let Some(best) = battery.score(Trial::Answers) else {
        return Err(AssertError::not_run("the answers have no score (S105)"));
    };
    let pair = cx.pair()?;
    let mut report = Report::default().with(Figure::new("score of the answers", best));
    let mut has_any = false;
    for description in cx.descriptions()? {
        let named = named_by(&metric_part(&description.text));
        let Some(ideals) = ideals(&named, pair) else { continue };
        has_any = true;
        if ideals.iter().any(|ideal| is_near(best, *ideal, battery)) {
            continue;
        }
        let names: Vec<&str> = named.iter().copied().collect();
        let message = format!(
            "{} names {}, of which {} is the best, and the answers score {}. {}",
            description.name,
            names.join(", "),
            six_digits(ideals.first().copied().unwrap_or_default()),
            six_digits(best),
            info.mend
        );
        let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
        let severity = if named.len() == 1 { finding.severity } else { Severity::Warning };
        report.findings.push(as_sure(cx, battery, Finding { severity, ..finding }));
        break;
    }
    if has_any {
        Ok(report)
    } else {
        Err(AssertError::not_run("the description names no metric with a known best"))
    }
}

/// What the answers may score: the ideal, in percent, taken from 1, or with the other sign.
fn ideals(named: &Named, pair: &Pair) -> Option<Vec<f64>> {
    let single = has_single_answers(pair);
    let all = |of: &[&str]| !named.is_empty() && named.iter().all(|name| of.contains(name));
    let up = all(UP_TO_ONE) && has_no_gaps(pair)
        || (single && named.iter().all(|name| [UP_TO_ONE, OF_RANKED_GUESSES].concat().contains(name)));
    match () {
        () if named.is_empty() => None,
        () if up => Some(vec![1.0, 100.0, 0.0, -1.0]),
        () if all(DOWN_TO_ZERO) => Some(vec![0.0, 1.0, 100.0]),
        () => None,
    }
}

/// True when each row has one predicted cell, of one word or number.
fn has_single_answers(pair: &Pair) -> bool {
    let [name] = pair.predicted()[..] else { return false };
    let answers = pair.answer_column(name);
    pair.unique
        && pair.keys.len() == 1
        && answers.iter().all(|cell| !cell.is_empty() && !cell.contains([' ', ',', ';', '|']))
}

/// Rows without labels count 0 for some formulas.
fn has_no_gaps(pair: &Pair) -> bool {
    pair.predicted().iter().all(|name| pair.answer_column(name).iter().all(|cell| !cell.trim().is_empty()))
}

fn is_near(score: f64, ideal: f64, battery: &Battery) -> bool {
    let scale = battery.best(&Trial::CONSTANTS).map_or(1.0, |constant| (constant - ideal).abs());
    (score - ideal).abs() <= NEAR * scale.max(1e-6)
}
