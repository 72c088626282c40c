//! Right guesses count once, however often they are written.

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::scoring::stated_direction;
use crate::AssertError;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Battery, Script, Subject, Trial, better};

pub(super) const REPEATS: RuleInfo = RuleInfo {
    code: "S134",
    name: "repeats-count-once",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Right items of a list, or right rows of an id, that are written several times score no better than \
             written once.",
    why: "Whoever is sure of one item writes it as often as the list is long, and scores above what the answers get.",
    mend: "Count each true item once (compare sets, or mark a true box as taken when it is matched), or raise \
           InvalidSubmissionError for repeated items.",
    references: &[literature::HACKING],
};

/// Part of the way from the honest score to the answers' from which on it counts as a gain.
const SHARE: f64 = 0.02;
/// Ways to read lists.
const FORMS: u8 = 3;

struct Gain {
    words: String,
    score: f64,
    honest: f64,
}

/// `S134`.
pub(super) async fn repeats(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    let higher = stated_direction(battery)?;
    let answers = battery
        .score(Trial::Answers)
        .ok_or_else(|| AssertError::not_run("the answers have no score (S105)"))?;
    let mut tried = 0_usize;
    let mut gains: Vec<Gain> = Vec::new();
    for (repeated, honest) in pairs() {
        let (Some(score), Some(known)) = (battery.score(repeated), battery.best(&honest)) else { continue };
        tried += 1;
        let way = (answers - known).abs();
        if better(higher, score, known) && (score - known).abs() > SHARE * way {
            gains.push(Gain { words: words(repeated, &honest, battery, known), score, honest: known });
        }
    }
    let report = Report::default()
        .with(Figure::new("submissions with repeated items or rows that were scored", tried as f64))
        .with(
            Figure::new("of these, better than without repeats", gains.len() as f64)
                .bounded(Bound::AtMost(0.0)),
        );
    let Some(gain) = gains.first() else { return Ok(report) };
    let message = format!(
        "{} score {}, better than {}. {}",
        gain.words,
        six_digits(gain.score),
        six_digits(gain.honest),
        info.mend
    );
    let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    Ok(Report { findings: vec![finding], ..report })
}

/// What is tried, and the honest submissions that know as much.
fn pairs() -> Vec<(Trial, Vec<Trial>)> {
    let of_lists = |form: u8| {
        [
            (Trial::ItemsTwice(form), vec![Trial::Answers]),
            (Trial::ItemsTwiceOver(form), vec![Trial::Answers]),
            (Trial::HalfItemsRepeated(form), vec![Trial::HalfItems(form), Trial::HalfItemsFilled(form)]),
        ]
    };
    let mut pairs: Vec<(Trial, Vec<Trial>)> = (0..FORMS).flat_map(of_lists).collect();
    pairs.push((Trial::RowsTwice, vec![Trial::Answers]));
    pairs.push((Trial::SameGuess, vec![Trial::Answers]));
    let half = vec![Trial::HalfCorrupted, Trial::WrongAsMode, Trial::WrongAsMean, Trial::WrongAsZero];
    pairs.push((Trial::RightRowsRepeated, half));
    pairs
}

fn words(repeated: Trial, honest: &[Trial], battery: &Battery, known: f64) -> String {
    let best = honest.iter().find(|trial| battery.score(**trial) == Some(known));
    let without = best.map_or_else(|| "what is honest".to_owned(), |trial| trial.words());
    format!("{}, compared with {without},", repeated.words())
}
