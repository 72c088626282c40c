//! The same predictions get the same score, in whatever order and form they come and however often they are scored.

use smith_exec::Tried;
use smith_task_schema::figure::six_digits;
use smith_task_schema::{Finding, Layer, Severity};

use super::scoring::{traceback, tried};
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Battery, Reaction, Script, Subject, Trial};

pub(super) const ORDER_FREE: RuleInfo = RuleInfo {
    code: "S114",
    name: "order-does-not-matter",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The same rows in another order, of the submission or of the answers, get the same score.",
    why: "A metric that compares row by row as they come scores right predictions as wrong ones.",
    mend: "Match rows by id (set_index and reindex, or a merge on the id) before comparing.",
    references: &[literature::METAMORPHIC],
};

pub(super) const FORM_FREE: RuleInfo = RuleInfo {
    code: "S115",
    name: "form-does-not-matter",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The same table with quotation marks, other line ends, a byte order mark or ids written as 12.0 gets the same score.",
    why: "Programs write the same table in different ways.",
    mend: "Look at values, not at how they are written; convert ids on both sides in the same way.",
    references: &[literature::METAMORPHIC],
};

pub(super) const REPEATABLE: RuleInfo = RuleInfo {
    code: "S116",
    name: "score-is-repeatable",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Scoring once more, with the same instance or another one and in another order, gives the same score.",
    why: "A score that depends on chance or on what was scored before cannot be compared.",
    mend: "Keep no state in the instance or the module, draw no random numbers, and work on copies of the two tables.",
    references: &[literature::METAMORPHIC],
};

/// Submissions that are scored late once more.
const AGAIN: [(Trial, Trial); 3] = [
    (Trial::AnswersAgain, Trial::Answers),
    (Trial::HalfAgain, Trial::HalfCorrupted),
    (Trial::ModeAgain, Trial::Mode),
];
/// Difference of two scores that counts as rounding, relative to the larger one and to the range of scores.
const ROUNDING: f64 = 1e-9;
/// The same for scores of single precision.
const SINGLE: f64 = 1e-5;

/// `S114`.
pub(super) async fn order_free(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = repeating(cx).await?;
    let pairs = [
        (Trial::RowsShuffled, Trial::Answers, Severity::Error),
        (Trial::AnswersShuffled, Trial::Answers, Severity::Error),
        // Which of equal predictions comes first may decide, where answers never are equal to wrong ones.
        (Trial::HalfRowsShuffled, Trial::HalfCorrupted, Severity::Warning),
        (Trial::ColumnsReversed, Trial::Answers, Severity::Warning),
    ];
    let mut findings = Vec::new();
    for (trial, twin, severity) in pairs {
        let Some(reaction) = battery.reaction(trial) else { continue };
        let Some(Reaction::Scored(_)) = battery.reaction(twin) else { continue };
        let severity = match reaction {
            // Columns that are out of order may be refused, and so may rows if the metric says so.
            Reaction::Refused if trial == Trial::RowsShuffled => Severity::Warning,
            Reaction::Refused | Reaction::Unread | Reaction::Lost => continue,
            _ => severity,
        };
        // What ends in an exception otherwise is told with other odd content.
        if trial == Trial::ColumnsReversed && !matches!(reaction, Reaction::Scored(_)) {
            continue;
        }
        findings.extend(unlike(info, cx, battery, (trial, twin), severity));
    }
    if findings.iter().any(Finding::is_error) {
        findings.retain(Finding::is_error);
    }
    Ok(findings)
}

/// `S115`.
pub(super) async fn form_free(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = repeating(cx).await?;
    let mut findings = Vec::new();
    if let Some(Reaction::Scored(_)) = battery.reaction(Trial::Answers) {
        findings.extend(unlike(info, cx, battery, (Trial::OtherForm, Trial::Answers), Severity::Error));
        for trial in [Trial::FloatIds, Trial::ExtraColumn] {
            if let Some(Reaction::Scored(_)) = battery.reaction(trial) {
                findings.extend(unlike(info, cx, battery, (trial, Trial::Answers), Severity::Warning));
            }
        }
    }
    Ok(findings)
}

/// `S116`.
pub(super) async fn repeatable(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let place = cx.name(cx.script(Script::Metric));
    for (trial, twin) in AGAIN {
        if let (Some(Reaction::Scored(_)), Some(_)) = (battery.reaction(twin), battery.reaction(trial))
            && let Some(finding) = unlike(info, cx, battery, (trial, twin), info.severity)
        {
            return Ok(vec![finding]);
        }
    }
    let fault = battery.all().find_map(|(trial, tried)| Some((trial, changed(battery, tried)?)));
    Ok(fault
        .map(|(trial, fault)| info.finding(place, format!("{} {fault}. {}", trial.words(), info.mend)))
        .into_iter()
        .collect())
}

/// A battery whose scores are the same when they are asked for again: otherwise there is nothing to compare.
async fn repeating(cx: &Subject) -> Result<&Battery, AssertError> {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let changes = |(trial, twin)| match (battery.score(trial), battery.score(twin)) {
        (Some(a), Some(b)) => !same(battery, a, b),
        _ => false,
    };
    if AGAIN.into_iter().any(changes) {
        return Err(AssertError::not_run("the same submission does not always get the same score (S116)"));
    }
    Ok(battery)
}

/// What is wrong with the second and third score of one submission.
fn changed(battery: &Battery, tried: &Tried) -> Option<String> {
    let first = tried.score.score?;
    let told = |again: Option<f64>| again.map_or("no score".to_owned(), six_digits);
    let differs = |again: Option<f64>| again.is_none_or(|again| !same(battery, first, again));
    if let Some(again) = tried.again.filter(|again| differs(*again)) {
        let (first, again) = (six_digits(first), told(again));
        return Some(format!(
            "get {first} and then, from the same instance or from one that has scored others, {again}"
        ));
    }
    let shared = tried.shared.filter(|shared| differs(*shared))?;
    let (first, shared) = (six_digits(first), told(shared));
    Some(format!(
        "get {first}, but {shared} when evaluate is given the two tables that validate_submission has had, as tools do"
    ))
}

/// A finding when a submission is not scored like its twin.
fn unlike(
    info: &RuleInfo,
    cx: &Subject,
    battery: &Battery,
    (trial, twin): (Trial, Trial),
    severity: Severity,
) -> Option<Finding> {
    let (score, expected) = (battery.get(trial)?, battery.score(twin)?);
    let fault = match battery.reaction(trial)? {
        Reaction::Scored(given) if same(battery, given, expected) => return None,
        Reaction::Scored(given) => format!("score {}", six_digits(given)),
        _ => super::scoring::refusal(score),
    };
    let message = format!(
        "{} score {}, but {} {fault}. {}",
        twin.words(),
        six_digits(expected),
        trial.words(),
        info.mend
    );
    let place = cx.name(cx.script(Script::Metric));
    Some(Finding { severity, evidence: traceback(score), ..info.finding(place, message) })
}

fn same(battery: &Battery, a: f64, b: f64) -> bool {
    let answers = battery.get(Trial::Answers);
    let single = answers.and_then(|score| score.python_type.as_deref()) == Some("numpy.float32");
    let range = match (battery.score(Trial::Answers), battery.best(&[Trial::Corrupted])) {
        (Some(best), Some(worst)) => (best - worst).abs(),
        _ => 0.0,
    };
    let rounding = if single { SINGLE } else { ROUNDING };
    (a - b).abs() <= rounding * a.abs().max(b.abs()).max(range)
}
