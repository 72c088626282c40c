//! Nothing is gained by submissions that no metric should score.

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::scoring::stated_direction;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Battery, CROSSINGS, HEDGES, Script, Subject, Trial, better};

pub(super) const NOTHING_GAINED: RuleInfo = RuleInfo {
    code: "S111",
    name: "nothing-gained",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "No invalid submission that was tried scores better than an honest one that knows as much.",
    why: "Whoever may leave out, repeat or empty the rows that they do not know gets a score for knowing nothing.",
    mend: "In validate_submission `raise InvalidSubmissionError(…)` unless every id stands there exactly once with a finite prediction, and match rows by id.",
    references: &[literature::HACKING],
};

/// Part of the way from the honest score to the answers' from which on it counts as a gain.
const SHARE: f64 = 0.02;
/// The same for what is worth something by design.
const NEARLY_ALL: f64 = 0.9;
/// Submissions that a message names.
const SHOWN: usize = 4;

/// What is tried, and the honest submissions that know as much.
const TRIED: [(Trial, &[Trial]); 16] = [
    (Trial::WrongLeftOut, &KNOWS_HALF),
    (Trial::WrongRepeatRight, &KNOWS_HALF),
    (Trial::RightRepeated, &KNOWS_HALF),
    (Trial::WholeTwice, &KNOWS_HALF),
    (Trial::WrongUnknown, &KNOWS_HALF),
    (Trial::WrongEmpty, &KNOWS_HALF_OR_ABSTAINS),
    (Trial::OneRowRepeated, &KNOWS_LITTLE),
    (Trial::EveryGuess, &KNOWS_LITTLE),
    (Trial::EveryGuessPadded, &KNOWS_LITTLE),
    (Trial::AllClasses, &KNOWS_LITTLE),
    (Trial::AllEmpty, &KNOWS_LITTLE),
    (Trial::NoRows, &KNOWS_LITTLE),
    (Trial::Infinite, &KNOWS_LITTLE),
    (Trial::MinusInfinite, &KNOWS_LITTLE),
    (Trial::Huge, &KNOWS_LITTLE),
    (Trial::MinusHuge, &KNOWS_LITTLE),
];
const KNOWS_HALF: [Trial; 5] =
    [Trial::HalfCorrupted, Trial::WrongAsMode, Trial::WrongAsMean, Trial::WrongAsZero, Trial::Positional];
const KNOWS_HALF_OR_ABSTAINS: [Trial; 6] = [
    Trial::HalfCorrupted,
    Trial::WrongAsMode,
    Trial::WrongAsMean,
    Trial::WrongAsZero,
    Trial::Positional,
    Trial::WrongAsOther,
];
const KNOWS_LITTLE: [Trial; 12] = [
    Trial::HalfCorrupted,
    Trial::Sample,
    Trial::Mode,
    Trial::Mean,
    Trial::Median,
    Trial::Zero,
    Trial::Least,
    Trial::Most,
    Trial::FirstEverywhere,
    Trial::Corrupted,
    Trial::Permuted(0),
    Trial::Permuted(1),
];

/// What a submission that should not have been scored got.
struct Gain {
    trial: Trial,
    score: f64,
    /// The best score of an honest submission that knows as much.
    honest: f64,
}

/// `S111`.
pub(super) async fn nothing_gained(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    stated_direction(battery)?;
    let crossed = (0..CROSSINGS).map(|which| (Trial::Crossed(which), &KNOWS_LITTLE[..]));
    let tried = TRIED.iter().map(|(trial, honest)| (*trial, *honest)).chain(crossed);
    let gained = tried.filter_map(|(trial, honest)| gain(battery, trial, honest, SHARE));
    // Words in common are worth something by design; both of two predictions are not.
    let hedged = (0_u8..).zip(HEDGES).map(|(at, _)| Trial::Hedged(at));
    let hedged = hedged.filter_map(|trial| gain(battery, trial, &KNOWS_HALF, NEARLY_ALL));
    let gains: Vec<Gain> = gained.chain(hedged).chain(beyond_the_answers(battery)).collect();
    let report = Report::default()
        .with(Figure::new("invalid submissions that gain", gains.len() as f64).bounded(Bound::AtMost(0.0)));
    if gains.is_empty() {
        return Ok(report);
    }
    let told: Vec<String> = gains.iter().take(SHOWN).map(Gain::words).collect();
    let more = gains.len() - told.len();
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let message = format!("invalid submissions gain: {}{more}. {}", told.join("; "), info.mend);
    let finding: Finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    Ok(Report { findings: vec![finding], ..report })
}

impl Gain {
    fn words(&self) -> String {
        let (score, honest) = (six_digits(self.score), six_digits(self.honest));
        format!(
            "{} scores {score}, the best honest submission that knows as much {honest}",
            self.trial.words()
        )
    }
}

/// Shares below zero that score better than the answers do.
fn beyond_the_answers(battery: &Battery) -> Option<Gain> {
    let (trial, higher) = (Trial::NegativeShares, battery.higher_is_better?);
    let (score, answers) = (battery.score(trial)?, battery.score(Trial::Answers)?);
    let way = (answers - battery.best(&KNOWS_LITTLE)?).abs();
    let gains = better(higher, score, answers) && (score - answers).abs() > SHARE * way;
    gains.then_some(Gain { trial, score, honest: answers })
}

fn gain(battery: &Battery, trial: Trial, honest: &[Trial], share: f64) -> Option<Gain> {
    let higher = battery.higher_is_better?;
    let (score, honest) = (battery.score(trial)?, battery.best(honest)?);
    let way = battery.score(Trial::Answers).map_or(0.0, |answers| (answers - honest).abs());
    let enough = (score - honest).abs() > share * way;
    (better(higher, score, honest) && enough).then_some(Gain { trial, score, honest })
}
